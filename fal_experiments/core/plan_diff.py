"""Two plans beside each other: cells and money that came, went, or have another price."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import plural
from fal_experiments.core.markdown_text import code, plain
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, Plan


class PresetDiff(NamedTuple):
    """What has changed for one preset. Amounts are expected, in nano-USD, of cells with a price."""

    preset: str
    added: int
    removed: int
    repriced: int
    same: int
    before_nano_usd: int
    after_nano_usd: int
    unpriced: int
    """Cells of the newer plan whose price is unknown: in no sum."""


class PlanDiff(NamedTuple):
    """What has changed from one plan to another; a cell is the same by its id."""

    added: tuple[Cell, ...]
    removed: tuple[Cell, ...]
    repriced: tuple[tuple[Cell, Cell], ...]
    presets: tuple[PresetDiff, ...]
    budget: tuple[str, ...] = ()
    """What has changed of the caps, a sentence each."""

    @property
    def before_nano_usd(self) -> int:
        """Expected cost of the older plan."""
        return sum(one.before_nano_usd for one in self.presets)

    @property
    def after_nano_usd(self) -> int:
        """Expected cost of the newer plan."""
        return sum(one.after_nano_usd for one in self.presets)


def plan_diff(older: Plan, newer: Plan) -> PlanDiff:
    """Return what has changed from `older` to `newer`."""
    before = {cell.cell_id: cell for cell in older.cells}
    after = {cell.cell_id: cell for cell in newer.cells}
    both = [(before[key], cell) for key, cell in after.items() if key in before]
    repriced = [(a, b) for a, b in both if _expected(a) != _expected(b)]
    added = [cell for key, cell in after.items() if key not in before]
    removed = [cell for key, cell in before.items() if key not in after]
    names = dict.fromkeys(cell.at.preset for cell in (*newer.cells, *older.cells))
    return PlanDiff(
        tuple(added),
        tuple(removed),
        tuple(repriced),
        tuple(_of_preset(name, older, newer, (added, removed, repriced)) for name in names),
        tuple(_of_budget(older, newer)),
    )


def _of_budget(older: Plan, newer: Plan) -> Iterator[str]:
    before, after = (plan.spec.budget.model_dump(mode="json") for plan in (older, newer))
    for name, value in after.items():
        if value != before[name]:
            yield f"budget.{name}: {_shown(before[name])} → {_shown(value)}"


def _shown(value: object) -> str:
    return "none" if value in (None, [], ()) else canonical_json(value).strip('"')


def diff_markdown(diff: PlanDiff, older: str, newer: str) -> str:
    """Return the difference as Markdown for a pull request."""
    change = diff.after_nano_usd - diff.before_nano_usd
    cost = f"{format_usd(diff.before_nano_usd)} → {format_usd(diff.after_nano_usd)}"
    lines = [
        f"**{code(newer)}** against {code(older)}: {summary_words(diff)}",
        "",
        f"Expected cost {cost} ({signed(change)})",
        "",
        *(line for words in diff.budget for line in (plain(words), "")),
        "| preset | added | removed | repriced | same | before | after | change |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {' | '.join(map(plain, cells))} |" for cells in diff_rows(diff)]
    for title, cells in (("Added", diff.added), ("Removed", diff.removed)):
        if cells:
            lines += ["", f"<details><summary>{title}: {plural(len(cells), 'cell')}</summary>", ""]
            lines += [f"- {code(c.cell_id)} {plain(c.label)}, {_price(c)}" for c in cells]
            lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def diff_rows(diff: PlanDiff) -> list[list[str]]:
    """Return a line for each preset that has cells in either plan."""
    return [
        [
            one.preset,
            str(one.added),
            str(one.removed),
            str(one.repriced),
            str(one.same),
            format_usd(one.before_nano_usd),
            format_usd(one.after_nano_usd) + (f" + {one.unpriced} unknown" if one.unpriced else ""),
            signed(one.after_nano_usd - one.before_nano_usd),
        ]
        for one in diff.presets
    ]


def summary_words(diff: PlanDiff) -> str:
    """Return `4 cells added, 2 removed, 1 with another price`, or that nothing has changed."""
    if not (diff.added or diff.removed or diff.repriced):
        return "the same cells at the same prices"
    return (
        f"{plural(len(diff.added), 'cell')} added, {len(diff.removed)} removed, "
        f"{len(diff.repriced)} with another price"
    )


def signed(nano_usd: int) -> str:
    """Return `+$1.20`, `-$0.30` or `$0.00`."""
    return f"+{format_usd(nano_usd)}" if nano_usd > 0 else format_usd(nano_usd)


def _of_preset(
    name: str,
    older: Plan,
    newer: Plan,
    changes: tuple[Sequence[Cell], Sequence[Cell], Sequence[tuple[Cell, Cell]]],
) -> PresetDiff:
    added, removed, repriced = changes
    now = [cell for cell in newer.cells if cell.at.preset == name]
    count_added = sum(cell.at.preset == name for cell in added)
    count_repriced = sum(cell.at.preset == name for _, cell in repriced)
    return PresetDiff(
        preset=name,
        added=count_added,
        removed=sum(cell.at.preset == name for cell in removed),
        repriced=count_repriced,
        same=len(now) - count_added - count_repriced,
        before_nano_usd=sum(_expected(c) or 0 for c in older.cells if c.at.preset == name),
        after_nano_usd=sum(_expected(cell) or 0 for cell in now),
        unpriced=sum(cell.estimate is None for cell in now),
    )


def _expected(cell: Cell) -> int | None:
    return cell.estimate.expected if cell.estimate else None


def _price(cell: Cell) -> str:
    return cell.estimate.label() if cell.estimate else "price unknown"
