"""The built-in learned metrics with their real libraries, and weights that are random numbers.

Nothing here says that a metric measures quality: with such weights it does not. What is tested is
that the real loading code loads, that the pixels arrive the right way up, and that the numbers are
those that the same network gives when it is called by hand. `make test-learned` runs it; CI does
not, because torch with its libraries is a download of gigabytes.
"""
