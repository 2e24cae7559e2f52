"""Attempt → ledger row: everything a person or a spreadsheet asks of one submission."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from fal_experiments.core.attempt import Attempt, AttemptState
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.model import Json, Record
from fal_experiments.core.plan import Cell, InputStamp

LEDGER_VERSION = 1
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class LedgerRow(Record):
    """One attempt. A later row with the same `row_id` replaces an earlier one when folded.

    Amounts are integer nano-USD (1e-9 USD); None means not known, never zero. Durations are
    seconds. Times are aware UTC.
    """

    v: Literal[1] = 1
    row_id: str
    batch: str
    sandbox: bool
    cell_id: str
    attempt: int
    state: AttemptState
    provider: str
    endpoint: str
    preset: str
    family: str
    task: str
    prompt_id: str
    prompt_dialect: str | None
    prompt_sha256: str
    prompt: str
    input_id: str | None
    seed_asked: int | None
    seed_sent: int | None
    seed_returned: int | None
    seed_support: str = ""
    """What the model does with seeds; with `none` its repeats stand in for the matrix's seeds."""
    repeat: int
    axes: dict[str, Json]
    vars: dict[str, str] = {}
    inputs: dict[str, InputStamp] = {}
    """Content (or address) and size of each input file, by role."""
    probe_of: str | None = None
    """The cell whose seed this attempt sent again, under `--probe-seeds`."""
    arguments_sha256: str
    schema_sha256: str | None = None
    """The snapshot of the endpoint's schema that the arguments were checked against."""
    deviations: int
    strict: bool
    strict_breach: str | None
    request_id: str | None
    """Of an unknown submission: what an answer that was no ticket called it, if anything."""
    submitted_at: datetime
    ended_at: datetime | None
    queue_s: float | None
    """From acceptance until first seen running, as this machine polled it."""
    inference_s: Decimal | None
    """On the runner, as the provider measured it."""
    total_s: float | None
    """From the intent to submit until the file was on disk, or the failure was known."""
    estimate_low_nano_usd: int | None
    estimate_nano_usd: int | None
    estimate_high_nano_usd: int | None
    billable_units: Decimal | None
    unit: str | None
    unit_price_usd: Decimal | None
    metered_nano_usd: int | None
    metered_source: str | None
    billed_nano_usd: int | None
    invoiced_nano_usd: int | None
    counted_nano_usd: int
    """What the attempt holds against the budget: known cost, else worst case."""
    error_kind: str | None
    error: str | None
    error_billed: str | None
    media_path: str | None
    media_sha256: str | None
    media_bytes: int | None
    price_key: str = ""
    """Equal for attempts that should cost the same (`core.plan.Cell.price_key`)."""
    estimate_source: str | None = None
    """ledger, rule, provider or list (`core.plan.Basis`)."""
    requested_s: Decimal | None = None
    container_s: Decimal | None = None
    """How long the file's pictures play, measured."""
    audio_s: Decimal | None = None
    """How long the file's sound plays, measured."""
    billed_units: Decimal | None = None
    billed_unit_price_usd: Decimal | None = None
    billed_discount_nano_usd: int | None = None
    billed_endpoint: str | None = None
    """The endpoint under which the provider books it."""
    billed_at: datetime | None = None
    billed_source: str | None = None
    corrections: int = 0
    """How often the billed amount has changed since it was first seen."""
    reconciled: bool = False
    """True once the bill was seen, or the settle window has passed without one."""
    reasons: dict[str, int] = {}
    """Why billed differs from the estimate: nano-USD by code; they add up to the difference."""


def ledger_row(
    cell: Cell,
    attempt: Attempt,
    *,
    batch: str,
    sandbox: bool,
    strict: bool,
    reasons: dict[str, int] | None = None,
) -> LedgerRow:
    """Return the row of one attempt, as far as its events tell."""
    failure, asset = attempt.failure, attempt.asset
    return LedgerRow(
        row_id=f"{batch}/{cell.cell_id}/{attempt.number}",
        batch=batch,
        sandbox=sandbox,
        strict=strict,
        reasons=reasons or {},
        attempt=attempt.number,
        state=attempt.state,
        seed_returned=attempt.seed_returned,
        strict_breach=attempt.strict_breach,
        request_id=attempt.request_id,
        submitted_at=attempt.intended_at,
        ended_at=attempt.ended_at,
        queue_s=_seconds(attempt.accepted_at, attempt.running_at),
        inference_s=attempt.inference_s,
        total_s=_seconds(attempt.intended_at, attempt.ended_at),
        error_kind=failure.kind if failure else None,
        error=failure.message if failure else None,
        error_billed=failure.billed if failure else None,
        media_path=asset.path if asset else None,
        media_sha256=asset.sha256 if asset else None,
        media_bytes=asset.size_bytes if asset else None,
        container_s=asset.duration_s if asset else None,
        audio_s=asset.audio_s if asset else None,
        **_of_cell(cell),
        **_money(attempt),
    )


def _of_cell(cell: Cell) -> dict[str, Any]:
    band = cell.estimate
    return {
        "cell_id": cell.cell_id,
        "provider": cell.provider,
        "endpoint": cell.endpoint,
        "preset": cell.at.preset,
        "family": cell.family,
        "task": cell.task,
        "prompt_id": cell.at.prompt,
        "prompt_dialect": cell.prompt_dialect,
        "prompt_sha256": sha256_hex(cell.prompt_text),
        "prompt": cell.prompt_text,
        "input_id": cell.at.input,
        "seed_asked": cell.at.seed,
        "seed_sent": cell.seed_sent,
        "seed_support": cell.seed_support,
        "schema_sha256": cell.schema_sha256,
        "repeat": cell.repeat,
        "axes": cell.at.axes,
        "vars": cell.at.vars,
        "inputs": cell.inputs,
        "price_key": cell.price_key,
        "estimate_source": cell.basis.source if cell.basis else None,
        "requested_s": cell.requested_s,
        "probe_of": cell.probe_of,
        "arguments_sha256": sha256_hex(canonical_json(cell.arguments)),
        "deviations": len(cell.deviations),
        "estimate_low_nano_usd": band.low if band else None,
        "estimate_nano_usd": band.expected if band else None,
        "estimate_high_nano_usd": band.high if band else None,
    }


def _money(attempt: Attempt) -> dict[str, Any]:
    metered = attempt.cost("metered")
    billed, invoiced = attempt.cost("billed"), attempt.cost("invoiced")
    return {
        "billable_units": attempt.units,
        "unit": metered.unit if metered else None,
        "unit_price_usd": metered.unit_price_usd if metered else None,
        "metered_nano_usd": metered.nano_usd if metered else None,
        "metered_source": metered.source if metered else None,
        "billed_nano_usd": billed.nano_usd if billed else None,
        "invoiced_nano_usd": invoiced.nano_usd if invoiced else None,
        "billed_units": billed.units if billed else None,
        "billed_unit_price_usd": billed.unit_price_usd if billed else None,
        "billed_discount_nano_usd": billed.discount_nano_usd if billed else None,
        "billed_endpoint": billed.billed_as if billed else None,
        "billed_at": billed.billed_at if billed else None,
        "billed_source": billed.source if billed else None,
        "corrections": len(attempt.bill_changes),
        "reconciled": billed is not None or attempt.state == "rejected",
        "counted_nano_usd": attempt.counted_nano_usd,
    }


def fold_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Return the latest row of each attempt, in the order in which attempts first appeared."""
    latest: dict[str, LedgerRow] = {}
    for row in rows:
        latest[row.row_id] = row
    return list(latest.values())


def no_formula(text: str) -> str:
    """Return text for a spreadsheet; one that would begin a formula gets a `'` before it.

    Source of the rule: OWASP, CSV injection.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def spreadsheet_cells(row: LedgerRow) -> Iterator[tuple[str, str]]:
    """Yield column and text of a row for CSV, none of them a formula."""
    for name, value in row.model_dump(mode="json").items():
        if isinstance(value, str):
            yield name, no_formula(value)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, dict):
            yield name, canonical_json(value) if value else ""
        else:
            yield name, "" if value is None else str(value)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    return round((end - start).total_seconds(), 3)
