"""What stands below the panes of a wall, and in its last line."""

from collections.abc import Sequence

from fal_experiments.core.wall import Clock, Strip
from fal_experiments.core.wall_words import footer_words, length_words, pane_words
from fal_experiments.media.wall_panes import Pane
from fal_experiments.media.wall_type import Line, caption_lines

BETWEEN = " · "


def captions_of(
    panes: Sequence[Pane], marks: Sequence[str], clock: Clock, widths_px: tuple[int, int]
) -> list[list[Line]]:
    """Return the caption of each pane in lines.

    Args:
        marks: what each pane is called by, `1` or `A`.
        widths_px: the room for a caption, and the pane that letters are sized for.
    """
    return [_caption(pane, mark, clock, widths_px) for pane, mark in zip(panes, marks, strict=True)]


def _caption(pane: Pane, mark: str, clock: Clock, widths_px: tuple[int, int]) -> list[Line]:
    caption = pane.source.caption
    facts = [BETWEEN.join(caption.facts)] if caption.facts else []
    problem = ""
    if pane.strip is not None:
        done = (length_words(pane.strip), pane_words(clock, pane.strip))
        facts.append(BETWEEN.join(part for part in done if part))
        problem = pane.problem
    title = f"{mark}{BETWEEN}{caption.title}"
    full = caption._replace(title=title, facts=tuple(facts), problem=problem)
    return caption_lines(full, *widths_px)


def footer_text(clock: Clock, strips: Sequence[Strip], heard: str, note: str) -> str:
    """Return how the clips are laid on one time, which pane is heard, and where they are from."""
    sound = f"sound of {heard}" if heard else ""
    return BETWEEN.join(part for part in (*footer_words(clock, strips), sound, note) if part)
