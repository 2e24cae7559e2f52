"""What has changed around a preset between two batches: its file, the schema, the unit price."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from fal_experiments.core.batch_compare import Shown, Step
from fal_experiments.core.batch_match import Side
from fal_experiments.core.drift import Difference, price_drift, schema_drift
from fal_experiments.core.json_changes import json_changes
from fal_experiments.core.likeness import Verdict
from fal_experiments.core.model import Record
from fal_experiments.core.plan import PresetUse

MOST_CHANGES = 12
VERDICTS: tuple[Verdict, ...] = ("identical", "near", "different")


class PresetDrift(Record):
    """A preset in one batch and in the next, over the cells that both have."""

    preset: str
    title: str
    endpoint: str
    before: str
    """Names of the two batches."""
    after: str
    cells: int
    same_requests: int
    verdicts: dict[str, int]
    """How many clips are identical, near, different; the rest could not be compared."""
    ssim_median: float | None
    done_before: int
    done_after: int
    cost_before_nano_usd: int | None
    """Over the cells whose cost both batches know; None where there is none."""
    cost_after_nano_usd: int | None
    cost_cells: int
    total_before_s: float | None
    """Median from submit to file over the cells that have it in both."""
    total_after_s: float | None
    total_cells: int
    schema_words: str
    """`schema as of 2026-08-02, unchanged`, or what has changed."""
    changes: tuple[str, ...]
    """Of schema, unit price and preset file."""
    verdict: str
    """What to make of it, in one line."""


def preset_drifts(sides: Sequence[Side], steps: Iterable[Step]) -> tuple[PresetDrift, ...]:
    """Return a line for each preset and each two neighbouring batches with cells of it."""
    of_name = {side.name: side for side in sides}
    groups: dict[tuple[str, str, str], list[Step]] = {}
    for each in steps:
        groups.setdefault((each.preset, each.before.batch, each.after.batch), []).append(each)
    return tuple(
        _drift(preset, of_name[before], of_name[after], found)
        for (preset, before, after), found in groups.items()
    )


def _drift(preset: str, before: Side, after: Side, steps: Sequence[Step]) -> PresetDrift:
    use, was = after.plan.presets[preset], before.plan.presets[preset]
    costs = [
        (one.cost_nano_usd, other.cost_nano_usd)
        for one, other in _both(steps)
        if one.cost_nano_usd is not None and other.cost_nano_usd is not None
    ]
    times = [
        (one.total_s, other.total_s)
        for one, other in _both(steps)
        if one.total_s is not None and other.total_s is not None
        if one.state == other.state == "done"
    ]
    ssims = [each.ssim for each in steps if each.ssim is not None]
    counts = Counter(each.verdict for each in steps)
    schema_words, changes = _schema(was, use)
    changes += [d.label() for d in _price(preset, before, after)] + list(_file(was, use))
    return PresetDrift(
        preset=preset,
        title=use.preset.title,
        endpoint=use.preset.endpoint,
        before=before.name,
        after=after.name,
        cells=len(steps),
        same_requests=sum(each.same_request for each in steps),
        verdicts={verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]},
        ssim_median=round(median(ssims), 4) if ssims else None,
        done_before=sum(each.before.state == "done" for each in steps),
        done_after=sum(each.after.state == "done" for each in steps),
        cost_before_nano_usd=sum(one for one, _ in costs) if costs else None,
        cost_after_nano_usd=sum(other for _, other in costs) if costs else None,
        cost_cells=len(costs),
        total_before_s=round(median(one for one, _ in times), 3) if times else None,
        total_after_s=round(median(other for _, other in times), 3) if times else None,
        total_cells=len(times),
        schema_words=schema_words,
        changes=tuple(changes),
        verdict=_verdict(steps, is_same=not changes),
    )


def _both(steps: Iterable[Step]) -> Iterator[tuple[Shown, Shown]]:
    return ((each.before, each.after) for each in steps)


def _schema(before: PresetUse, after: PresetUse) -> tuple[str, list[str]]:
    one, other = before.checked_against, after.checked_against
    if one is None or other is None:
        return "no schema snapshot in one of them", []
    dates = one.as_of if one.as_of == other.as_of else f"{one.as_of} → {other.as_of}"
    if one.sha256 == other.sha256:
        return f"schema of {dates}, unchanged", []
    if before.snapshot is None or after.snapshot is None:
        return f"schema snapshot differs, {dates}", [f"schema snapshot differs, {dates}"]
    found = [f"schema: {d.label()}" for d in schema_drift(before.snapshot, after.snapshot)]
    return f"schema snapshot differs, {dates}", _limited(found) or ["schema: only its constraints"]


def _price(preset: str, before: Side, after: Side) -> tuple[Difference, ...]:
    one, other = (
        side.state.quotes.get(side.plan.presets[preset].preset.endpoint) for side in (before, after)
    )
    return () if one is None or other is None else price_drift(one, other)


def _file(before: PresetUse, after: PresetUse) -> list[str]:
    one, other = (use.preset.model_dump(mode="json") for use in (before, after))
    return _limited([f"preset: {each.label()}" for each in json_changes(one, other)])


def _limited(words: list[str]) -> list[str]:
    more = len(words) - MOST_CHANGES
    return [*words[:MOST_CHANGES], f"… and {more} more"] if more > 0 else words


def _verdict(steps: Sequence[Step], *, is_same: bool) -> str:
    """Return what the clips say of the model behind the endpoint."""
    told = [each for each in steps if each.verdict is not None]
    changed = sum(not each.same_request for each in steps)
    words = _of_clips(told, is_same=is_same)
    return f"{changed} of {len(steps)} requests were changed; {words}" if changed else words


def _of_clips(told: Sequence[Step], *, is_same: bool) -> str:
    seeded = [each for each in told if each.same_request and each.after.seed_sent is not None]
    if not told:
        return "no two clips could be compared"
    if all(each.verdict == "identical" for each in told):
        return "as it was"
    other = sum(each.verdict == "different" for each in seeded)
    if other:
        why = "its seed does not decide, or " if is_same else ""
        behind = "the model behind the endpoint has changed" if is_same else "see what has changed"
        return (
            f"{other} of {len(seeded)} equal requests with a seed gave another clip: {why}{behind}"
        )
    if seeded:
        return "equal requests with a seed gave the same or nearly the same clip"
    return "no equal request with a seed, so other clips say nothing of the model"
