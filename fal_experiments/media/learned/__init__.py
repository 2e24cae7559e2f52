"""Metrics that are models: found as plug-ins, run apart, fed with pixels."""
