"""Experiment matrices and model comparison for AI video and image generation.

The command line is the product: see `fal-exp --help`. Nothing is imported here, so that
`fal-exp --version` starts as fast as Python itself.
"""

__version__ = "0.1.0"
