"""The references of a request, small and framed, down the right edge of every frame."""

from PIL import Image, ImageOps

from fal_experiments.sandbox.clips.yuv import Planes, planes_from_image

_LARGEST_SHARE = 7
_FRAME = (245, 245, 245)


class Strip:
    """Thumbnails ready to be stamped; without references nothing is."""

    def __init__(self, pictures: list[Image.Image], size_px: tuple[int, int]) -> None:
        width, height = size_px
        margin = 2 * max(1, round(min(size_px) / 80))
        room = (height - margin) // max(1, len(pictures)) - margin
        side = 2 * (max(8, min(min(size_px) // _LARGEST_SHARE, room)) // 2)
        self._side = side
        self._x = width - side - margin
        self._places = [margin + index * (side + margin) for index in range(len(pictures))]
        self._tiles = [planes_from_image(_tile(picture, side)) for picture in pictures]

    def stamp(self, planes: Planes) -> None:
        """Lay the thumbnails over a frame, in place."""
        for top, tile in zip(self._places, self._tiles, strict=True):
            for plane, patch, scale in zip(planes, tile, (1, 2, 2), strict=True):
                y, x = top // scale, self._x // scale
                rows = min(patch.shape[0], max(0, plane.shape[0] - y))
                plane[y : y + rows, x : x + patch.shape[1]] = patch[:rows]


def _tile(picture: Image.Image, side_px: int) -> Image.Image:
    border = max(1, side_px // 24)
    inner = side_px - 2 * border
    fitted = ImageOps.fit(picture, (inner, inner), Image.Resampling.BICUBIC)
    return ImageOps.expand(fitted, border, _FRAME)
