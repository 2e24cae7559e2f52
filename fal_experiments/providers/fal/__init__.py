"""fal.ai: queue, uploads, unit prices. Facts: references/fal-platform.md ([DOC] and [OBS])."""
