"""Draws plates of every kind: flat, shaded, patterned, busy, with and without a figure."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

PLATE_PX = (640, 360)

Colour = tuple[int, int, int]


def flat(colour: Colour = (200, 200, 200), size_px: tuple[int, int] = PLATE_PX) -> Image.Image:
    """Return an even plate."""
    return Image.new("RGB", size_px, colour)


def checkerboard(
    tile_px: int, levels: tuple[int, int] = (255, 204), size_px: tuple[int, int] = PLATE_PX
) -> Image.Image:
    """Return two greys that alternate in square tiles, as drawing programs show `clear`."""
    x, y = _places_px(size_px)
    return _two_tones((x // tile_px + y // tile_px) % 2, levels)


def stripes(tile_px: int, *, across: bool, levels: tuple[int, int] = (255, 200)) -> Image.Image:
    """Return lines that alternate every `tile_px`."""
    x, y = _places_px(PLATE_PX)
    return _two_tones((x if across else y) // tile_px % 2, levels)


def shaded(first: Colour, last: Colour, *, how: str) -> Image.Image:
    """Return a plate that goes from one colour to another: `down`, `across` or `around`."""
    x, y = _places_px(PLATE_PX)
    width, height = PLATE_PX
    away = np.hypot(x / width - 0.5, (y / height - 0.5) * height / width)
    part = {"down": y / height, "across": x / width, "around": away / away.max()}[how]
    mixed = np.array(first) * (1 - part[..., None]) + np.array(last) * part[..., None]
    return Image.fromarray(mixed.astype(np.uint8))


def clouds(roughness: float) -> Image.Image:
    """Return a field with the spectrum of photographs, 1/f^`roughness`; the same every time."""
    width, height = PLATE_PX
    noise = np.fft.fft2(np.random.default_rng(7).normal(size=(height, width)))
    pitch = np.hypot(np.fft.fftfreq(width)[None], np.fft.fftfreq(height)[:, None])
    pitch[0, 0] = 1
    field = np.fft.ifft2(noise / pitch**roughness).real
    levels = (field - field.min()) / (field.max() - field.min()) * 255
    return Image.fromarray(levels.astype(np.uint8)).convert("RGB")


def bricks() -> Image.Image:
    """Return a wall: regular, but no pattern of two tones."""
    wall = flat((170, 80, 60))
    draw = ImageDraw.Draw(wall)
    for row in range(13):
        top = row * 30
        draw.line([0, top, 640, top], fill=(200, 200, 190), width=4)
        for left in range(row % 2 * 30, 640, 60):
            draw.line([left, top, left, top + 30], fill=(200, 200, 190), width=4)
    return wall


def with_figure(plate: Image.Image, *, tall: bool = False) -> Image.Image:
    """Return the plate with a figure in its middle; a `tall` one stands on the lower border."""
    plate = plate.copy()
    draw = ImageDraw.Draw(plate)
    width, height = plate.size
    top, feet = (0.02, 1.0) if tall else (0.15, 0.9)
    for left, upper, right, lower, colour in (
        (0.43, top, 0.57, top + 0.2, (210, 160, 120)),
        (0.38, top + 0.2, 0.62, 0.7, (60, 70, 160)),
        (0.40, 0.7, 0.48, feet, (40, 30, 30)),
        (0.52, 0.7, 0.60, feet, (40, 30, 30)),
    ):
        draw.rectangle([left * width, upper * height, right * width, lower * height], fill=colour)
    return plate


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """Return a picture as JPEG leaves it."""
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return Image.open(data)


def with_grain(picture: Image.Image, deviation: float) -> Image.Image:
    """Return a picture with noise; the same every time."""
    pixels = np.asarray(picture).astype(np.float64)
    grain = np.random.default_rng(3).normal(0, deviation, pixels.shape)
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def _places_px(size_px: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = np.indices(size_px[::-1])
    return columns, rows


def _two_tones(which: NDArray[np.int64], levels: tuple[int, int]) -> Image.Image:
    return Image.fromarray(np.where(which == 0, *levels).astype(np.uint8)).convert("RGB")
