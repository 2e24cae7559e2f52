"""Numbers in a learnings file with the ledger rows that they come from, as Markdown footnotes.

    kling-v3-pro-i2v cost $0.56 a clip in the median.[^2]

    [^2]: $0.56 = median metered of `BATCH/CELL/1`, `BATCH/CELL/1`

The footnote says how the number follows from the rows, so that it can be worked out again.
"""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from fal_experiments.core.labels import STATE_LABELS, seconds_label
from fal_experiments.core.ledger_query import holds, parse_terms
from fal_experiments.core.money import format_usd
from fal_experiments.core.rows import LedgerRow
from fal_experiments.errors import BadInput

MONEY = ("estimate", "metered", "billed", "counted")
SECONDS = {"in_all": "total_s", "runner": "inference_s", "queue": "queue_s"}
OVER_ESTIMATE = "over_estimate"
"""What is known to be paid less what was expected: billed, else metered."""
STARS = "stars"
WAYS: Mapping[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": lambda values: sum(values, Decimal(0)),
    "median": lambda values: Decimal(statistics.median(values)),
    "max": max,
    "min": min,
}
MOST_NAMED = 12
"""More rows are cited as a set of their batch, whose rows the table of attempts names."""
_NOTE = re.compile(r"\[\^([\w-]+)\]: (.+?) = (\w+) ([\w=.-]+) of (`.+)")
_SET = re.compile(r"`([^`/]+)`: (\d+) rows with (.+)")
_REFERENCE = re.compile(r"\[\^([\w-]+)\](?!:)")
_NUMBER_AT_END = re.compile(r"\d[\d.,]*(?: (?:s|min|stars))?$")
_QUOTED = re.compile(r"`([^`]*)`")
_ROW = re.compile(r"`([^`]+/[0-9a-f]+/\d+)`")
_TABLE_ROW = re.compile(r"\| `([^`]+/[0-9a-f]+/\d+)` \|(.*)\|\s*")


class Citation(NamedTuple):
    """A number as it is written, and how it follows from rows."""

    key: str
    shown: str
    way: str
    """count, sum, median, max or min."""
    what: str
    """A column of WHAT, or for `count` a condition such as `state=done`."""
    rows: tuple[str, ...]
    where: tuple[str, ...] = ()
    """The conditions that name the same rows of their batch; used where there are many."""

    def footnote(self) -> str:
        """Return the line that stands at the end of the file."""
        rows = ", ".join(f"`{row}`" for row in self.rows)
        if len(self.rows) > MOST_NAMED:
            terms = ", ".join(self.where) or "any state"
            rows = f"`{self.rows[0].split('/')[0]}`: {len(self.rows)} rows with {terms}"
        return f"[^{self.key}]: {self.shown} = {self.way} {self.what} of {rows}"


class Flaw(NamedTuple):
    """Something in a file that the ledger does not bear out."""

    line: int
    says: str


def cited(
    way: str, what: str, rows: Sequence[LedgerRow], stars: Mapping[str, Decimal]
) -> str | None:
    """Return a number as it is written in a file, None where the rows do not tell it.

    Args:
        stars: the mean stars of cells that were rated, by row id.

    Raises: KeyError for a way or a column that does not exist.
    """
    if way == "count":
        column, _, value = what.partition("=")
        return str(sum(_text(row, column) == value for row in rows))
    values = [_value(row, what, stars) for row in rows]
    known = [value for value in values if value is not None]
    if not known or (way == "sum" and len(known) < len(values)):
        return None  # a sum of what is partly unknown is no sum
    return _shown(what, WAYS[way](known))


def flaws(
    text: str, ledger: Mapping[str, LedgerRow], stars: Mapping[str, Decimal]
) -> tuple[int, list[Flaw]]:
    """Return how many numbers a file cites, and each that does not hold, in order of lines."""
    lines = text.splitlines()
    notes = {note[1]: (at, note) for at, line in enumerate(lines, 1) if (note := _note(line))}
    found: list[Flaw] = []
    for at, note in notes.values():
        found += (Flaw(at, says) for says in _flaws_of_note(note, ledger, stars))
    count, referred = len(notes), set()
    for at, line in enumerate(lines, 1):
        for reference in _REFERENCE.finditer(line):
            key = reference[1]
            referred.add(key)
            if key not in notes:
                found.append(Flaw(at, f"[^{key}] has no footnote"))
            elif not _says(line, reference.start(), notes[key][1][2]):
                found.append(
                    Flaw(at, f"the text does not say {notes[key][1][2]}, as [^{key}] does")
                )
        if row := _TABLE_ROW.fullmatch(line):
            count += 1
            found += (Flaw(at, says) for says in _flaws_of_row(row, ledger))
    found += _rows_left_out(lines, ledger)
    found += (
        Flaw(at, f"no number of the text refers to [^{key}]")
        for key, (at, _) in notes.items()
        if key not in referred
    )
    return count, sorted(found)


def _rows_left_out(lines: Sequence[str], ledger: Mapping[str, LedgerRow]) -> Iterable[Flaw]:
    """Yield each batch of the table of attempts that has more of them by now."""
    told: dict[str, tuple[int, set[str]]] = {}
    for at, line in enumerate(lines, 1):
        if row := _TABLE_ROW.fullmatch(line):
            told.setdefault(row[1].split("/")[0], (at, set()))[1].add(row[1])
    for batch, (at, rows) in told.items():
        now = sum(row.batch == batch for row in ledger.values())
        if now > len(rows):
            yield Flaw(at, f"{batch}: the table has {len(rows)} attempts, the ledger {now}")


def _says(line: str, end: int, shown: str) -> bool:
    """Tell whether a reference stands behind its number, or else somewhere behind it."""
    alone = rf"(?<![\w.,$+-]){re.escape(shown)}"
    if re.search(rf"{alone}$", line[:end]):
        return True
    if _NUMBER_AT_END.search(line[:end]):
        return False  # behind another number
    return re.search(rf"{alone}(?![\w%]|[.,]\d)", line[:end]) is not None


def row_ids(text: str) -> set[str]:
    """Return every row that a file names; of a set one that stands for its batch."""
    sets = {f"{batch}/0/0" for batch, _, _ in _SET.findall(text)}
    return set(_ROW.findall(text)) | sets


def _note(line: str) -> re.Match[str] | None:
    return _NOTE.fullmatch(line)


def _flaws_of_note(
    note: re.Match[str], ledger: Mapping[str, LedgerRow], stars: Mapping[str, Decimal]
) -> Iterable[str]:
    key, shown, way, what, names = note.groups()
    ids = _ROW.findall(names)
    if a_set := _SET.fullmatch(names.strip()):
        ids = _members(a_set, ledger)
        if len(ids) != int(a_set[2]):
            yield f"[^{key}]: the file says {a_set[2]} rows, the ledger has {len(ids)}"
            return
    else:
        odd = [name for name in _QUOTED.findall(names) if not _ROW.fullmatch(f"`{name}`")]
        if odd:
            yield f"[^{key}]: {odd[0]} is the id of no row"
    missing = [row for row in ids if row not in ledger]
    if missing:
        yield f"[^{key}]: the ledger has no row {missing[0]}"
        return
    try:
        holds = cited(way, what, [ledger[row] for row in ids], stars)
    except KeyError:
        yield f"[^{key}]: {way} {what} is nothing that can be worked out"
        return
    if holds != shown:
        yield f"[^{key}]: the file says {shown}, the ledger {holds or 'does not know it'}"


def _members(a_set: re.Match[str], ledger: Mapping[str, LedgerRow]) -> list[str]:
    """Return the rows of a batch that meet the conditions of a set."""
    words = [] if a_set[3] == "any state" else a_set[3].split(", ")
    try:
        terms = parse_terms(words)
        return [k for k, row in ledger.items() if row.batch == a_set[1] and holds(row, terms)]
    except BadInput:
        return []  # conditions that no row can meet


def _flaws_of_row(match: re.Match[str], ledger: Mapping[str, LedgerRow]) -> Iterable[str]:
    """Compare a line of the table of attempts: its state, its cost, its time."""
    row = ledger.get(match[1])
    if row is None:
        yield f"the ledger has no row {match[1]}"
        return
    cells = [cell.strip() for cell in match[2].split(" | ")]
    state, cost, in_all = cells[-3], cells[-2], cells[-1]
    if state.split(":")[0] != STATE_LABELS[row.state]:
        yield f"{match[1]}: the file says {state}, the ledger {STATE_LABELS[row.state]}"
    for says, told in (
        (cost, format_usd(row.metered_nano_usd)),
        (in_all, seconds_label(row.total_s)),
    ):
        if says != told:
            yield f"{match[1]}: the file says {says}, the ledger {told}"


def _value(row: LedgerRow, what: str, stars: Mapping[str, Decimal]) -> Decimal | None:
    if what == STARS:
        return stars.get(row.row_id)
    if what in SECONDS:
        value = getattr(row, SECONDS[what])
        return None if value is None else Decimal(str(value))
    if what == OVER_ESTIMATE:
        paid = row.billed_nano_usd if row.billed_nano_usd is not None else row.metered_nano_usd
        known = paid is not None and row.estimate_nano_usd is not None
        return Decimal((paid or 0) - (row.estimate_nano_usd or 0)) if known else None
    if what not in MONEY:
        raise KeyError(what)
    amount = getattr(row, f"{what}_nano_usd" if what != "estimate" else "estimate_nano_usd")
    return None if amount is None else Decimal(amount)


def _shown(what: str, value: Decimal) -> str:
    if what in SECONDS:
        return seconds_label(value)
    if what == STARS:
        return f"{value.normalize():f}"
    sign = "+" if what == OVER_ESTIMATE and value > 0 else ""
    return f"{sign}{format_usd(round(value))}"


def _text(row: LedgerRow, column: str) -> str:
    if column not in LedgerRow.model_fields:
        raise KeyError(column)
    value = getattr(row, column)
    return "" if value is None else str(value)
