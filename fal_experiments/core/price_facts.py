"""Published prices, as a file of facts lists them → the price of a preset, with who says what.

A row is {endpoint_id, unit, rules: [{when, usd, per?}], billing_quirks, source, as_of, confidence,
preferred}. Where sources disagree the preferred one is expected and the dearest one is reserved.
The page is named as the source only where the row quotes it (`confidence: page`).
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput

Row = Mapping[str, Any]

UNITS = ("second", "video", "image")
"""Units that a row tells whole. Tokens and megapixels need the pixels of a frame, too."""
BLOCK, BLOCK_S = "five_second_block", 5
"""Started blocks of the input's seconds, each of which costs the row's price."""
DERIVED_MARGIN = Decimal("1.2")
"""What is reserved for a price that was worked back from another's credits, not read of fal."""
_INDEX_IDS = re.compile(
    r"\s*\(index ids? [^)]*\)|,? index ids? [0-9, ]+(?=\))|^index ids? [0-9]+\s*"
)
_DATE = re.compile(r"20[0-9]{2}-[01][0-9](?:-[0-3][0-9])?")


class PriceFound(NamedTuple):
    """A `price` field, or None; and what of the rows it does not say."""

    price: dict[str, Any] | None
    remarks: tuple[str, ...]


def read_price_rows(data: Any, name: str) -> list[Row]:
    """Return the rows of a parsed prices file. Raises: BadInput for another kind of file."""
    needed = {"endpoint_id", "unit", "rules", "source", "as_of"}
    if not isinstance(data, list) or not all(
        isinstance(r, dict) and needed <= set(r) for r in data
    ):
        raise BadInput(f"{name}: expected a list of prices, each with {', '.join(sorted(needed))}")
    return data


def price_of(schema: EndpointSchema, rows: Sequence[Row]) -> PriceFound:
    """Return the price of an endpoint from the rows that speak of it."""
    mine = [row for row in rows if row["endpoint_id"] == schema.endpoint]
    chosen = next((row for row in mine if row.get("preferred", True)), None)
    if chosen is None:
        return PriceFound(None, ("price: no row speaks of this endpoint",))
    dated = _DATE.search(str(chosen["as_of"]))
    if dated is None or "unverified" in str(chosen.get("confidence")):
        return PriceFound(None, (f"price: only an unverified one: {chosen['billing_quirks']}",))
    if chosen["unit"] not in (*UNITS, BLOCK):
        return PriceFound(None, (f"price: by {chosen['unit']}; write it from {page(schema)}",))
    remarks: list[str] = []
    rules = [_rule(rule, schema, remarks) for rule in chosen["rules"]]
    kept = [rule for rule in rules if rule is not None]
    if not kept:
        return PriceFound(None, tuple(remarks))
    for row in mine:
        if row is not chosen and row["unit"] == chosen["unit"] and _is_rival(row):
            _widen(kept, row)
    quotes_page = str(chosen.get("confidence", "page")).startswith("page")
    notes = [str(chosen.get("billing_quirks", "")).rstrip(".")]
    notes += [how_known(chosen)] if quotes_page else []
    if chosen.get("confidence") == "derived":
        _reserve(kept)
        notes.append(f"{DERIVED_MARGIN - 1:.0%} more are reserved: it is derived")
    price = {
        **_unit_of(chosen, kept),
        "source": page(schema) if quotes_page else read_by(chosen),
        "as_of": dated[0],
        "note": ". ".join(part for part in notes if part),
    }
    return PriceFound(price, tuple(remarks))


def _unit_of(chosen: Row, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return unit and rules; blocks of seconds become seconds that are billed in steps."""
    if chosen["unit"] != BLOCK:
        return {"unit": chosen["unit"], "rules": rules}
    rates = ("usd", "low_usd", "high_usd")
    by_second = [
        {k: _text(Decimal(v) / BLOCK_S) if k in rates else v for k, v in rule.items()}
        for rule in rules
    ]
    return {"unit": "second", "seconds": "input", "rules": by_second, "step": str(BLOCK_S)}


def page(schema: EndpointSchema) -> str:
    """Return the public page that states the price of an endpoint."""
    return f"https://fal.ai/models/{schema.endpoint}/llms.txt"


def how_known(row: Row) -> str:
    """Return by whom the page was read: numbers of private indexes are left out."""
    by = read_by(row)
    how = "a copy of the page" if by.startswith("https://") else by
    return f"Read from {how}, {str(row['as_of']).replace('~', 'about ')}"


def read_by(row: Row) -> str:
    """Return what was read, in the words of the row; a page where it was one."""
    by = _INDEX_IDS.sub("", str(row["source"])).strip() or "a public table"
    return by.split(" (copy", maxsplit=1)[0] if by.startswith("https://") else by


def _rule(rule: Row, schema: EndpointSchema, remarks: list[str]) -> dict[str, Any] | None:
    when = dict(rule.get("when", {}))
    unknown = [knob for knob in when if knob not in schema.knobs]
    if unknown:
        said = ", ".join(f"{knob} {when[knob]}" for knob in unknown)
        remarks.append(f"price: {rule['usd']} with {said}, which no knob says")
        return None
    return ({"when": when} if when else {}) | {"usd": _text(rule["usd"])}


def _is_rival(row: Row) -> bool:
    """Tell whether a row is another opinion of today, not an old price or a guess."""
    says = str(row.get("confidence", ""))
    return "disagrees" in says and not says.startswith("seed")


def _widen(rules: list[dict[str, Any]], row: Row) -> None:
    """Let each rule reach up, or down, to what another source says of the same case."""
    for rule in rules:
        for other in row["rules"]:
            if other.get("when", {}) not in ({}, rule.get("when", {})):
                continue
            rival, own = Decimal(str(other["usd"])), Decimal(rule["usd"])
            if rival > own:
                rule["high_usd"] = _text(other["usd"])
            elif rival < own:
                rule["low_usd"] = _text(other["usd"])


def _reserve(rules: list[dict[str, Any]]) -> None:
    """Let a derived price reach up: what it was derived by may not hold."""
    for rule in rules:
        dearest = Decimal(rule["usd"]) * DERIVED_MARGIN
        rule["high_usd"] = _text(max(dearest, Decimal(rule.get("high_usd", "0"))))


def _text(usd: Any) -> str:
    return f"{Decimal(str(usd)).normalize():f}"
