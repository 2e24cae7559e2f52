"""Checking and rendering, on clips that are made here and read by ffmpeg as a second opinion."""
