"""Text to video: the prompt's words, one after another, over slow colour and drifting light."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fal_experiments.sandbox.clips.lettering import readable, set_in_lines
from fal_experiments.sandbox.clips.order import ClipOrder, generator
from fal_experiments.sandbox.clips.yuv import Floats, Planes, whole_bytes, yuv_from_rgb

_FIELD_WIDTH, _FIELD_HEIGHT = 64, 36
_BLOBS = 6
_WORD_FADE_S = 0.5
# The ground, then six colours that mix well into each other.
_PALETTES = {
    "aurora": "0b1026 1d3b6e 1f8a70 44c2a0 7c5cd6 2a5fb0 123a5a",
    "coral": "2b1020 b8405e e8745a f2a65a 7a2e6b d9577a 4a1942",
    "dusk": "14122e 3a2f7a 8e4a9e d96c8a f0a878 5a3f95 27204f",
    "ember": "1c0c10 7a1f2b c8452f e88a3a 4f1730 a3323f f0b35e",
    "fjord": "0c1a24 1f4e63 3b8398 8fc1b5 2a6478 5a9fae 17384a",
    "iris": "151034 4335a8 7a5be0 b58cf0 3a6fd8 9a4fc2 241a5e",
    "lagoon": "071f2a 0e5a6e 1ca3a3 6fd3b8 2b7fb8 148a8f 0b3c4f",
    "meadow": "10221a 2f6b45 6fa85a b9c86a 3f8f7a 89b56b 1f4a38",
    "rose": "24121f 8a3560 c95f86 eaa0a8 6a3a8a d97a9a 46203f",
    "steel": "12161f 34465e 5f7a94 9fb4c4 48607e 7f98ae 222d3e",
}
_GHOST = 0.40
"""How strongly a word shows before its turn, so that every frame can be read."""
_LETTER_LUMA, _SHADE = 233.0, 0.55


class Scene:
    """A scene drawn from prompt (what it shows), endpoint (its light) and seed (where it goes)."""

    def __init__(self, order: ClipOrder, size_px: tuple[int, int]) -> None:
        self.width_px, self.height_px = size_px
        self._length_s = order.frame_count / order.fps
        words = generator("scene", order.prompt)
        light = generator("light", order.endpoint)
        chance = generator("chance", order.endpoint, order.prompt, order.seed, order.flavour)
        self._colours = _palette(words, light)
        self._paths = chance.uniform(0, 1, (_BLOBS, 6)).astype(np.float32)
        self._band = float(light.uniform(0, math.pi))
        self._tempo = float(words.uniform(0.75, 1.3))
        self._sparks = _Sparks(chance, size_px)
        self._grain = chance.normal(0, 0.4, (self.height_px, self.width_px)).astype(np.float32)
        self._letters = _Letters(order.prompt, size_px, self._length_s, chance)

    def frame(self, t_s: float) -> Planes:
        """Return the planes at a moment, each free to be written to."""
        y, u, v = yuv_from_rgb(self._field(t_s))
        luma = _grown(y, self.width_px, self.height_px)
        luma += self._grain
        self._sparks.light(luma, t_s)
        half = (self.width_px // 2, self.height_px // 2)
        chroma = [_grown(plane, *half) for plane in (u, v)]
        self._letters.lay(luma, chroma, t_s)
        return Planes(whole_bytes(luma), whole_bytes(chroma[0]), whole_bytes(chroma[1]))

    def _field(self, t_s: float) -> Floats:
        """Return colours from 0 to 1 on a coarse grid: soft blobs that wander and mix."""
        aspect = self.width_px / self.height_px
        x, y = np.meshgrid(
            np.linspace(0, aspect, _FIELD_WIDTH, dtype=np.float32),
            np.linspace(0, 1, _FIELD_HEIGHT, dtype=np.float32),
        )
        turn = 2 * math.pi * t_s * 0.055 * self._tempo
        total = np.full_like(x, 0.10)
        mixed = total[..., None] * self._colours[0]
        for path, colour in zip(self._paths, self._colours[1:], strict=True):
            at_x = aspect * (0.5 + 0.52 * math.sin(2 * math.pi * path[0] + turn * (0.6 + path[2])))
            at_y = 0.5 + 0.52 * math.cos(2 * math.pi * path[1] + turn * (0.6 + path[3]))
            wide = 0.22 + 0.30 * path[4]
            stretch = 1 + 0.8 * path[5]
            dx, dy = x - at_x, y - at_y
            along = dx * math.cos(self._band) + dy * math.sin(self._band)
            across = -dx * math.sin(self._band) + dy * math.cos(self._band)
            weight = np.exp(-((along / (wide * stretch)) ** 2) - (across / wide) ** 2)
            total += weight
            mixed += weight[..., None] * colour
        mixed /= total[..., None]
        shade = 1 - 0.22 * ((x / aspect - 0.5) ** 2 + (y - 0.5) ** 2) * 2
        return np.asarray(mixed * shade[..., None], dtype=np.float32)


class _Letters:
    """The prompt's words: each fades in with its turn, and all drift together, slowly."""

    def __init__(
        self, prompt: str, size_px: tuple[int, int], length_s: float, chance: np.random.Generator
    ) -> None:
        width, height = size_px
        box = (int(width * 0.80), int(height * 0.58))
        self._setting = set_in_lines(readable(prompt), width_px=box[0], height_px=box[1])
        self._edge = max(6, round(self._setting.font.size * 0.5))
        self._left = 2 * int((width - self._setting.width_px) / 4)
        self._top = 2 * int((height * 0.94 - self._setting.height_px) / 4)
        self._starts_s = _word_starts_s(len(self._setting.words), length_s)
        self._sway = float(chance.uniform(-1, 1)) * height * 0.012
        self._length_s = length_s
        self._solid: Image.Image | None = None

    def lay(self, luma: Floats, chroma: list[Floats], t_s: float) -> None:
        """Write the words that have come by now over a frame, in place."""
        mask = self._mask(t_s)
        x, y = max(0, self._left - self._edge), max(0, self._top - self._edge)
        x, y = x - x % 2, y - y % 2
        patch = luma[y : y + mask.height, x : x + mask.width]
        ink = np.asarray(mask, dtype=np.float32)[: patch.shape[0], : patch.shape[1]] / 255
        blur = mask.resize((max(1, mask.width // 4), max(1, mask.height // 4)))
        blur = blur.filter(ImageFilter.GaussianBlur(max(1.0, self._edge / 12)))
        shade = np.asarray(blur.resize(mask.size, Image.Resampling.BILINEAR), dtype=np.float32)
        patch *= 1 - _SHADE * (shade[: patch.shape[0], : patch.shape[1]] / 255) * (1 - ink)
        patch += (_LETTER_LUMA - patch) * ink
        for plane in chroma:
            part = plane[y // 2 : (y + mask.height) // 2, x // 2 : (x + mask.width) // 2]
            part += (128 - part) * ink[::2, ::2][: part.shape[0], : part.shape[1]]

    def _mask(self, t_s: float) -> Image.Image:
        drift = self._sway * math.sin(math.pi * min(1, t_s / self._length_s) - math.pi / 2)
        drawn = self._drawn(t_s)
        shift = (1, 0, -drift, 0, 1, 0)
        return drawn.transform(drawn.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)

    def _drawn(self, t_s: float) -> Image.Image:
        if self._solid is not None:
            return self._solid
        setting, edge = self._setting, self._edge
        size = (setting.width_px + 2 * edge, setting.height_px + 2 * edge)
        mask = Image.new("L", size, 0)
        draw = ImageDraw.Draw(mask)
        for word, start_s in zip(setting.words, self._starts_s, strict=True):
            shown = min(1.0, max(0.0, (t_s - start_s) / _WORD_FADE_S))
            place = (edge + word.x_px, edge + word.y_px)
            ink = _GHOST + (1 - _GHOST) * shown
            draw.text(place, word.text, int(255 * ink), setting.font)
        if t_s >= self._starts_s[-1] + _WORD_FADE_S:
            self._solid = mask
        return mask


class _Sparks:
    """Soft points of light that rise and sway."""

    def __init__(self, chance: np.random.Generator, size_px: tuple[int, int]) -> None:
        self._width, self._height = size_px
        count = 34
        self._places = chance.uniform(0, 1, (count, 4))
        sizes = (min(size_px) * (0.006 + 0.030 * chance.uniform(0, 1, count) ** 3)).astype(int)
        self._radii = [max(2, int(size)) for size in sizes]
        self._glow = chance.uniform(14, 46, count)

    def light(self, luma: Floats, t_s: float) -> None:
        """Add every spark to the luma plane, in place."""
        sparks = zip(self._places, self._radii, self._glow, strict=True)
        for (x0, y0, pace, phase), radius, glow in sparks:
            size = 2 * radius + 2
            sway = 0.02 * math.sin(2 * math.pi * (phase + 0.12 * t_s))
            x = ((x0 + sway) % 1) * (self._width - size)
            y = ((y0 - t_s * (0.015 + 0.045 * pace)) % 1) * (self._height - size)
            flicker = 0.65 + 0.35 * math.sin(2 * math.pi * (phase + 0.3 * t_s))
            left, top = int(x), int(y)
            disc = _disc(radius, x - left, y - top)
            luma[top : top + size, left : left + size] += disc * np.float32(glow * flicker)


def _palette(words: np.random.Generator, light: np.random.Generator) -> Floats:
    """Return the ground colour and the blobs' colours, in the endpoint's order and brightness."""
    name = sorted(_PALETTES)[int(words.integers(len(_PALETTES)))]
    ground, *blobs = (bytes.fromhex(code) for code in _PALETTES[name].split())
    order = light.permutation(len(blobs))
    colours = np.array([list(ground), *(list(blobs[at]) for at in order)], dtype=np.float32) / 255
    return np.asarray(colours * light.uniform(0.88, 1.0), dtype=np.float32)


def _disc(radius_px: int, right_px: float, down_px: float) -> Floats:
    """Return a soft disc, shifted by parts of a pixel, so that it glides and does not step."""
    span = np.arange(-radius_px, radius_px + 2, dtype=np.float32)
    far = np.hypot((span - right_px)[None, :], (span - down_px)[:, None]) / radius_px
    return np.asarray(np.clip(1 - far, 0, 1) ** 0.7, dtype=np.float32)


def _word_starts_s(count: int, length_s: float) -> list[float]:
    latest = max(0.0, min(2.2, 0.45 * length_s) - _WORD_FADE_S)
    return [latest * index / max(1, count - 1) for index in range(count)]


def _grown(plane: Floats, width_px: int, height_px: int) -> Floats:
    image = Image.fromarray(plane).resize((width_px, height_px), Image.Resampling.BICUBIC)
    return np.array(image)
