"""How a frame is to be shown: its turn, its pixel shape, its colours, its size on a picture."""

from fractions import Fraction
from typing import NamedTuple

from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from PIL import Image

from fal_experiments.core.sheet import even_height_px

UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED."""

HDR = {
    (ColorPrimaries.BT2020, ColorTrc.SMPTE2084),
    (ColorPrimaries.BT2020, ColorTrc.ARIB_STD_B67),
}
"""PQ and HLG: shown as they are they would look grey, so swscale maps them to BT.709."""

TALLEST = 3
"""A picture is at most this many times as high as it is wide; beyond, it gets narrower."""

TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}

SMOOTH = Interpolation.AREA | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
"""Averages areas: half the cost of SHARP, and steadier from frame to frame."""

SHARP = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


class Shape(NamedTuple):
    """What a viewer sees, in square pixels, and how often the stored frame is turned for it."""

    width_px: int
    height_px: int
    quarter_turns: int = 0
    """Counter-clockwise."""

    def fit_px(self, width_px: int) -> tuple[int, int]:
        """Return the size of a picture at most `width_px` wide; never larger than the clip."""
        widest_px = max(1, TALLEST * width_px * self.width_px // self.height_px)
        fit_px = min(width_px, widest_px)
        if fit_px >= self.width_px:
            return self.width_px, self.height_px
        height_px = even_height_px(fit_px, of_width_px=self.width_px, of_height_px=self.height_px)
        return fit_px, height_px


def shape_of(frame: VideoFrame, pixel_aspect: Fraction | None) -> Shape:
    """Return how a frame is shown. Pixels that are not square are stretched, never squeezed."""
    aspect = pixel_aspect or Fraction(1)
    if not Fraction(1, 8) <= aspect <= 8:  # nonsense in a header
        aspect = Fraction(1)
    width_px = round(frame.width * max(aspect, Fraction(1)))
    height_px = round(frame.height / min(aspect, Fraction(1)))
    turns = round(frame.rotation / 90) % 4
    if turns % 2:
        width_px, height_px = height_px, width_px
    return Shape(width_px, height_px, turns)


class Shrinker:
    """Makes small RGB pictures of frames; one for each size, since it keeps a scaler."""

    def __init__(
        self, shape: Shape, size_px: tuple[int, int], codec: str, how: Interpolation
    ) -> None:
        self._size_px = size_px
        self._turn = TURNS.get(shape.quarter_turns)
        self._stored_px = size_px[::-1] if shape.quarter_turns % 2 else size_px
        self._codec = codec
        self._how = how
        self._scaler = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> Image.Image:
        """Return the frame as a viewer would see it; in RGBA where it can be transparent."""
        if has_alpha(frame):
            return self._transparent(frame)
        small = self._reformatted(frame, self._stored_px, "rgb24")
        return self._turned(small.to_image())  # type: ignore[no-untyped-call]

    def in_yuv(self, frame: VideoFrame) -> VideoFrame:
        """Return a frame that is neither turned nor transparent, shrunk, as BT.709 4:2:0."""
        return self._reformatted(
            frame,
            self._stored_px,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )

    def _transparent(self, frame: VideoFrame) -> Image.Image:
        """Shrink with each pixel weighed by its opacity: what is hidden must not shine out."""
        full = self._reformatted(frame, (frame.width, frame.height), "rgba")
        picture = self._turned(Image.fromarray(full.to_ndarray()))
        if picture.size == self._size_px:
            return picture
        weighed = picture.convert("RGBa").resize(self._size_px, Image.Resampling.BICUBIC)
        return weighed.convert("RGBA")

    def _turned(self, picture: Image.Image) -> Image.Image:
        return picture if self._turn is None else picture.transpose(self._turn)

    def _reformatted(
        self, frame: VideoFrame, size_px: tuple[int, int], pixel_format: str, **wanted: int
    ) -> VideoFrame:
        untold = frame.colorspace == UNSPECIFIED
        hdr = (frame.color_primaries, frame.color_trc) in HDR
        return self._scaler.reformat(
            frame,
            *size_px,
            format=pixel_format,
            src_colorspace=guessed_matrix(self._codec, frame.height) if untold else None,
            interpolation=self._how,
            dst_color_trc=ColorTrc.BT709 if hdr else None,
            dst_color_primaries=ColorPrimaries.BT709 if hdr else None,
            threads=1,
            **wanted,
        )


def has_alpha(frame: VideoFrame) -> bool:
    """Tell whether pixels of a frame can be transparent."""
    return any(component.is_alpha for component in frame.format.components)


def guessed_matrix(codec: str, height_px: int) -> Colorspace:
    """Return the colour matrix of a clip that does not tell it, as nearly all AI clips do not.

    Pictures must have the hues that the clip itself has when it plays beside them. Measured in
    Chromium: H.264 and VP8 count as BT.709 from 720 lines on, VP9 and AV1 always as BT.601.
    """
    is_hd = height_px >= 720 and codec not in {"vp9", "av1"}
    return Colorspace.ITU709 if is_hd else Colorspace.ITU601
