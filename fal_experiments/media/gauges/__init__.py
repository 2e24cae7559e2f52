"""Measures a clip while it is decoded: one module a kind of measurement, numpy only."""
