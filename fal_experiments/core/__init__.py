"""Pure rules: no file, no network, no clock, no randomness, no environment.

Everything that decides what is bought, what it costs and what happened is here, and can be read
and tested without running anything.
"""
