"""Contact-sheet geometry: which moments to show, where each tile stands, how a time is written."""

from decimal import Decimal


def sample_times_s(duration_s: Decimal, count: int) -> tuple[Decimal, ...]:
    """Return `count` moments from the first frame to the last, evenly apart.

    A clip of one frame, or of no length, gives the first frame once.
    """
    if count < 1 or duration_s < 0:
        raise ValueError(f"cannot take {count} moments of {duration_s} s")
    if count == 1 or duration_s == 0:
        return (Decimal(0),)
    return tuple(duration_s * index / (count - 1) for index in range(count))


def tile_origin_px(
    index: int, *, columns: int, tile_width_px: int, tile_height_px: int, gap_px: int
) -> tuple[int, int]:
    """Return the left and top of tile `index`, counted left to right, top to bottom."""
    row, column = divmod(index, columns)
    return column * (tile_width_px + gap_px), row * (tile_height_px + gap_px)


def even_height_px(width_px: int, *, of_width_px: int, of_height_px: int) -> int:
    """Return the height of a picture shrunk to `width_px`, even, and at least 2."""
    return max(2, round(width_px * of_height_px / of_width_px / 2) * 2)


def time_label(seconds: Decimal) -> str:
    """Return `0.33 s` below a minute, `1:05.3` from then on."""
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"
