"""Draws clips: an input picture set in motion, or a prompt's words over moving colour.

Everything here is a pure function of the order (no clock, no machine-wide randomness), runs in a
worker process, and ends in an H.264 file. `draw.draw_clip` is the only way in.
"""
