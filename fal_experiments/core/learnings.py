"""The learnings file of a batch: what its rows tell, each number with its rows; room to think."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from fal_experiments.core.citations import OVER_ESTIMATE, STARS, Citation, cited
from fal_experiments.core.labels import (
    STATE_LABELS,
    counts_label,
    plural,
    seconds_label,
    value_label,
)
from fal_experiments.core.markdown_text import plain
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.core.rows import LedgerRow
from fal_experiments.core.summary import BatchSummary

BEST_SHOWN = 3


class _Notes:
    """The footnotes of a file, in the order of their numbers."""

    def __init__(self, stars: Mapping[str, Decimal]) -> None:
        self.made: list[Citation] = []
        self._stars = stars

    def cite(self, way: str, what: str, rows: Sequence[LedgerRow], *where: str) -> str | None:
        """Return a number with its reference: `$0.56[^3]`; None where the rows do not tell it.

        `where` names the same rows by conditions.
        """
        shown = cited(way, what, rows, self._stars)
        if shown is None or not rows:
            return None
        ids = tuple(row.row_id for row in rows)
        self.made.append(Citation(str(len(self.made) + 1), shown, way, what, ids, where))
        return f"{shown}[^{len(self.made)}]"


def learnings_markdown(
    plan: Plan,
    summary: BatchSummary,
    rows: Iterable[LedgerRow],
    *,
    head: Sequence[str],
    stars: Mapping[str, Decimal] | None = None,
) -> str:
    """Return the learnings file.

    Args:
        rows: the ledger rows of the batch.
        head: what stands below the title.
        stars: the mean stars of rated cells, by row id.
    """
    every, notes = list(rows), _Notes(stars or {})
    lines = [f"# Learnings: {plain(plan.spec.name)}", "", *head, "## What was run", ""]
    made = notes.cite("count", "state=done", every) if every else None
    clips = f"; {made} of {plural(len(every), 'attempt')} gave a clip" if made else ""
    lines += [f"- {counts_label(summary.counts, summary.combinations)}{clips}"]
    lines += [f"- {words}" for words in _totals(every, notes)]
    lines += [f"- cap {format_usd(summary.money.cap_nano_usd)}", "", "## Findings", ""]
    presets = dict.fromkeys(row.preset for row in every)
    for preset in presets:
        own = [row for row in every if row.preset == preset]
        lines += [f"- **{plain(preset)}** {words}" for words in _of_preset(own, notes)]
    lines += [] if presets else ["- no attempt was made"]
    lines += ["", *_best(every, stars or {}, notes), "## Attempts", ""]
    lines += ["| row | preset | prompt | seed | result | metered | in all |", "|" + " --- |" * 7]
    lines += [_row_line(row) for row in every] or ["| – | no attempt was made | | | | | |"]
    lines += ["", *_left_out(plan), *_deviations(plan, every)]
    for title, question in (
        ("What I saw", "Which clips would you keep, and why? Name the rows."),
        ("What I conclude", "What is true beyond this batch? What would prove it wrong?"),
        ("Next", "What is the next matrix?"),
    ):
        lines += [f"## {title}", "", f"<!-- {question} -->", ""]
    lines += [
        "<!-- Where each number comes from; `fal-exp learnings check` works them out again. -->"
    ]
    lines += ["", *(note.footnote() for note in notes.made)]
    return "\n".join(lines).rstrip() + "\n"


def _totals(rows: Sequence[LedgerRow], notes: _Notes) -> Iterator[str]:
    for amount in ("estimate", "metered", "billed"):
        if total := notes.cite("sum", amount, rows):
            yield f"{amount} {total} in all"
        else:
            known = [row for row in rows if getattr(row, _column(amount)) is not None]
            part = notes.cite("sum", amount, known, f"{amount}_usd!=")
            some = f"{part} for {len(known)} of {len(rows)} attempts, the rest " if part else ""
            yield f"{amount} {some}unknown" if rows else f"{amount}: nothing was sent"


def _of_preset(rows: Sequence[LedgerRow], notes: _Notes) -> Iterator[str]:
    preset, is_done = f"preset={rows[0].preset}", "state=done"
    done = [row for row in rows if row.state == "done"]
    count = notes.cite("count", is_done, rows, preset)
    clips = "clip" if len(done) == 1 else "clips"
    yield f"made {count} {clips} in {plural(len(rows), 'attempt')}"
    for kind in dict.fromkeys(row.error_kind for row in rows if row.error_kind):
        failed = [row for row in rows if row.error_kind == kind]
        same = f"error_kind={kind}"
        count = notes.cite("count", same, failed, preset, same)
        yield f"ended with {plain(kind)} in {count} of {len(rows)} attempts"
    yield from _for_nothing(rows, notes, preset)
    paid = "billed" if all(row.billed_nano_usd is not None for row in done) else "metered"
    known = [row for row in done if _known(row, paid)]
    about = (preset, is_done, f"{paid}_usd!=")
    if each := notes.cite("median", paid, known, *about):
        yield f"cost {each} a clip in the median ({paid})"
    differs = [row for row in known if row.estimate_nano_usd is not None]
    if off := notes.cite("sum", OVER_ESTIMATE, differs, *about, "estimate_usd!="):
        yield f"differs from its estimate by {off} ({_told(differs)}){_why(differs)}"
    yield from _times(done, notes, preset, is_done)


def _told(rows: Sequence[LedgerRow]) -> str:
    """Return what a sum of `over_estimate` is of."""
    billed = sum(row.billed_nano_usd is not None for row in rows)
    if billed == len(rows):
        return "billed"
    return f"billed of {billed}, else metered" if billed else "metered"


def _for_nothing(rows: Sequence[LedgerRow], notes: _Notes, preset: str) -> Iterator[str]:
    """Yield what was paid for attempts that gave no clip."""
    lost = [row for row in rows if row.state != "done"]
    is_billed = any(row.billed_nano_usd is not None for row in lost)
    paid = "billed" if is_billed else "metered"
    cost = [row for row in lost if (getattr(row, _column(paid)) or 0) > 0]
    if amount := notes.cite("sum", paid, cost, preset, "state!=done", f"{paid}_usd>0"):
        yield f"paid {amount} for {plural(len(cost), 'attempt')} without a clip ({paid})"


def _times(done: Sequence[LedgerRow], notes: _Notes, *about: str) -> Iterator[str]:
    if waited := notes.cite("median", "in_all", done, *about):
        measured = [row for row in done if row.inference_s is not None]
        runner = notes.cite("median", "runner", measured, *about, "inference_s!=")
        on_runner = f", {runner} of it on the runner" if runner else ""
        slowest = notes.cite("max", "in_all", done, *about)
        yield f"took {waited} from submit to file in the median{on_runner}; {slowest} at most"


def _why(rows: Sequence[LedgerRow]) -> str:
    codes = dict.fromkeys(code for row in rows for code in row.reasons)
    return f": {', '.join(codes)}" if codes else ""


def _best(rows: Sequence[LedgerRow], stars: Mapping[str, Decimal], notes: _Notes) -> Iterator[str]:
    rated = sorted((row for row in rows if row.row_id in stars), key=lambda r: -stars[r.row_id])
    if not rated:
        return
    yield "## Rated best"
    yield ""
    for row in rated[:BEST_SHOWN]:
        mean = notes.cite("max", STARS, [row])
        yield f"- {plain(_row_name(row))} by {plain(row.preset)}: {mean} stars"
    yield ""


def _known(row: LedgerRow, amount: str) -> bool:
    return getattr(row, _column(amount)) is not None


def _column(amount: str) -> str:
    return f"{amount}_nano_usd"


def _row_line(row: LedgerRow) -> str:
    seed = f"seed {row.seed_sent}" if row.seed_sent is not None else f"repeat {row.repeat}"
    why = f": {plain(row.error_kind)}" if row.error_kind else ""
    return (
        f"| `{row.row_id}` | {plain(row.preset)} | {plain(_row_name(row))} | {seed} "
        f"| {STATE_LABELS[row.state]}{why} | {format_usd(row.metered_nano_usd)} "
        f"| {seconds_label(row.total_s)} |"
    )


def _row_name(row: LedgerRow) -> str:
    """Return `walk · plate · hero knight`: what tells a row from the others of its preset."""
    varied = {**row.vars, **row.axes}
    parts = [row.prompt_id, row.input_id, *(f"{n} {value_label(v)}" for n, v in varied.items())]
    return " · ".join(part for part in parts if part)


def _left_out(plan: Plan) -> list[str]:
    if not plan.left_out:
        return []
    lines = [
        f"- {cell.at.preset}, {cell.at.prompt}: {STATE_LABELS[cell.state]}: {plain(cell.reason)}"
        for cell in plan.left_out
    ]
    return ["## Left out", "", *dict.fromkeys(lines), ""]


def _deviations(plan: Plan, rows: Sequence[LedgerRow]) -> list[str]:
    """Return each way in which a preset was not given what the matrix holds, with one row of it."""
    first = {row.cell_id: row.row_id for row in reversed(rows)}
    seen: dict[str, str] = {}
    for cell in plan.cells:
        for deviation in cell.deviations:
            says = f"- {cell.at.preset}: {plain(deviation.label())} ({plain(deviation.why)})"
            row = first.get(cell.cell_id)
            seen[says] = seen.get(says) or (f", as in `{row}`" if row else "")
    lines = [f"{says}{row}" for says, row in seen.items()]
    return ["## Deviations from what was held", "", *lines, ""] if lines else []
