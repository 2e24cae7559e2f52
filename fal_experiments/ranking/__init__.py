"""Scores from duels: the numbers behind `fal-exp rank`. The only package that imports evalica."""
