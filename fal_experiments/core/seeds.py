"""Seeds as a person writes them: `1`, `1-3`, `1, 5, 9`, `1-9 (+2)`, `{count: 4, from: 100}`."""

import re
from typing import Any

MAX_SEED = 2**32 - 1
"""The largest seed that the listed models take; fal's schemas state no upper bound."""
MAX_SEEDS = 10_000

_RANGE = re.compile(r"([0-9]+)\s*-\s*([0-9]+)(?:\s*\(\s*\+\s*([0-9]+)\s*\))?")
_EXPECTED = "write 1, 1-3, “1, 5, 9”, “1-9 (+2)” or {count: 4, from: 100}"


def parse_seeds(value: Any) -> tuple[int, ...]:
    """Return the seeds in the order written.

    Raises: ValueError that says what was expected; also for the same seed twice, more than
    10,000 seeds, or a seed above 2³²-1.
    """
    seeds = tuple(_expand(value))
    if not seeds:
        raise ValueError(f"no seed in {value!r}; {_EXPECTED}")
    if len(set(seeds)) != len(seeds):
        twice = next(seed for seed in seeds if seeds.count(seed) > 1)
        raise ValueError(f"seed {twice} stands twice; use repeats to run the same seed again")
    if max(seeds) > MAX_SEED:
        raise ValueError(f"seed {max(seeds)} is above {MAX_SEED}")
    return seeds


def format_seeds(seeds: tuple[int, ...]) -> str:
    """Return seeds as short as they can be read: `1–3, 7`."""
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(
        f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )


def _expand(value: Any) -> list[int]:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a seed; {_EXPECTED}")  # noqa: TRY004
    if isinstance(value, int):
        return [value] if value >= 0 else _refuse(value)
    if isinstance(value, list | tuple):
        return [seed for item in value for seed in _expand(item)]
    if isinstance(value, dict):
        return _counted(value)
    if isinstance(value, str):
        return [seed for part in value.split(",") for seed in _part(part.strip())]
    return _refuse(value)


def _counted(value: dict[str, Any]) -> list[int]:
    count, start = value.get("count", 0), value.get("from", 1)
    if set(value) - {"count", "from"} or type(count) is not int or type(start) is not int:
        return _refuse(value)
    if count < 1 or start < 0:
        return _refuse(value)
    _check_many(count)
    return list(range(start, start + count))


def _part(text: str) -> list[int]:
    if text.isascii() and text.isdigit():
        return [int(text)]
    found = _RANGE.fullmatch(text)
    if found is None:
        return _refuse(text)
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if step == 0:
        raise ValueError(f"{text!r} never ends: the step is 0")
    if last < first:
        raise ValueError(f"{text!r} runs backwards; write {last}-{first}")
    _check_many((last - first) // step + 1)
    return list(range(first, last + 1, step))


def _check_many(count: int) -> None:
    if count > MAX_SEEDS:
        raise ValueError(f"{count:,} seeds; the limit is {MAX_SEEDS:,}")


def _refuse(value: Any) -> list[int]:
    raise ValueError(f"{value!r} is not a seed; {_EXPECTED}")
