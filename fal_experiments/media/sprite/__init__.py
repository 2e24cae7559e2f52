"""The walk-cycle lab: what a clip is worth as a sprite, and the frames, sheets and loops of it."""
