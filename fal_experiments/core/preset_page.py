"""docs/presets.md: every preset in a table of its family, made from the presets themselves."""

from collections.abc import Iterable, Mapping

from fal_experiments.core.preset_table import Row, by_family

_INTRODUCTION = (
    "Each says what its endpoint really takes; `fal-exp presets show ID` adds the source and day "
    "of every fact, and [preset-file.md](preset-file.md) is about writing one."
)
_WORDS = (
    "*not stated*: the vendor does not say, so nothing is claimed; a held value is then a recorded "
    "deviation. *not known* is a price that none of our sources gives: a budget blocks such a "
    "preset unless it is allowed by name. *up to* is what is reserved where sources disagree or "
    "more may come, *from* the least that it may cost. "
    "A model that takes no seed gets repeats in place of seeds."
)
HEADS: Mapping[str, str] = {
    "preset": "preset",
    "task": "task",
    "takes": "takes",
    "length": "length",
    "size": "size",
    "ratio": "ratio",
    "sound": "sound",
    "seeds": "seeds",
    "price": "price",
    "status": "status",
}


def markdown(rows: Iterable[Row]) -> str:
    """Return the reference page of all presets: a table for each family."""
    groups = by_family(rows)
    count = sum(len(group) for group in groups.values())
    lines = [
        "# Presets",
        "",
        "<!-- Made by `fal-exp presets list --format markdown`; `make docs` writes it again. -->",
        "",
        f"{count} presets of {len(groups)} families come with the program. {_INTRODUCTION}",
        "",
        _WORDS,
    ]
    for family, group in groups.items():
        lines += ["", f"## {family}", "", _line(HEADS.values()), _line("---" for _ in HEADS)]
        lines += [_line(_cell(row, name) for name in HEADS) for row in group]
    return "\n".join(lines) + "\n"


def _cell(row: Row, name: str) -> str:
    if name == "preset":
        return f"`{row.preset}`<br>`{row.endpoint}`"
    if name == "status" and row.note:
        return f"{row.status.removesuffix(', see note')}: {row.note}"
    return str(getattr(row, name)).replace("|", "\\|")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
