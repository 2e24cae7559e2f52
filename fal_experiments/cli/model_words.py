"""What `fal-exp models` shows, in words, table cells and JSON."""

from typing import Any

from fal_experiments.app import models
from fal_experiments.app.copies import Origin, Seen
from fal_experiments.catalogue.models import Model
from fal_experiments.catalogue.pricing import UnitPrice
from fal_experiments.cli.knob_lines import compact_knobs
from fal_experiments.core.preset import Preset

UNKNOWN = "unknown"


def about(model: Model) -> str:
    """Return category, status, licence, usual time and tags on one line."""
    parts = [
        model.category or "category unknown",
        model.status or "status unknown",
        f"{model.license} licence" if model.license else "",
        f"usually {model.usual_minutes} min" if model.usual_minutes else "",
        f"updated {model.updated_at[:10]}" if model.updated_at else "",
        ", ".join(model.tags),
    ]
    return " · ".join(part for part in parts if part)


def price_label(seen: Seen[UnitPrice] | None) -> str:
    """Return `0.14 USD a unit (seconds)`; what is missing is said to be unknown."""
    price = seen.value if seen else None
    if price is None or price.amount is None:
        return UNKNOWN
    return f"{price.amount.normalize():f} {price.currency or '?'} a unit ({price.unit or UNKNOWN})"


def rate_label(preset: Preset) -> str:
    """Return `$0.112 … 0.168 a second (2026-09-30)`, the rate on the model's page."""
    if preset.price is None:
        return UNKNOWN
    low = min(rule.low_usd or rule.usd for rule in preset.price.rules)
    high = max(rule.high_usd or rule.usd for rule in preset.price.rules)
    span = f"{low:f}" if low == high else f"{low:f} … {high:f}"
    return f"${span} a {preset.price.unit} ({preset.price.as_of})"


def price_cells(line: models.PriceLine) -> list[str]:
    """Return the row of one endpoint in the table of prices."""
    price = line.price.value if line.price else UnitPrice(line.endpoint)
    amount = UNKNOWN if price.amount is None else f"{price.amount.normalize():f}"
    how, when, _ = origin_cells(line.price.origin if line.price else None)
    page = "; ".join(rate_label(preset) for preset in line.presets) or "–"
    unit, currency = price.unit or UNKNOWN, price.currency or UNKNOWN
    return [line.endpoint, amount, unit, currency, how, when, page]


def rates(presets: tuple[Preset, ...]) -> dict[str, str]:
    """Return the rate of each preset by its id."""
    return {preset.id: rate_label(preset) for preset in presets}


def origin_cells(origin: Origin | None) -> list[str]:
    """Return how, when and where something was seen, for a table."""
    if origin is None:
        return ["–", "–", "–"]
    when = origin.as_of[:16].replace("T", " ")
    return [origin.kind, f"{when} UTC" if "T" in origin.as_of else when, origin.source]


def origins_label(origins: list[Origin]) -> str:
    """Return where a list was seen: once when it is one answer, with both dates when several."""
    if len(set(origins)) == 1:
        return origins[0].label()
    days = sorted({origin.as_of[:10] for origin in origins})
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    plurals = {"copy": "copies", "snapshot": "snapshots", "live": "live answers"}
    kinds = " and ".join(plurals[kind] for kind in sorted({origin.kind for origin in origins}))
    return f"{kinds} of {span}; --json tells each one's source"


def model_json(seen: Seen[Model]) -> dict[str, Any]:
    """Return a model with its origin."""
    return seen.value._asdict() | {"seen": seen.origin._asdict()}


def price_json(seen: Seen[UnitPrice] | None) -> dict[str, Any]:
    """Return a price with its origin; amounts are text, so that they stay exact."""
    price = seen.value if seen else UnitPrice("")
    return {
        "unit_price": None if price.amount is None else f"{price.amount:f}",
        "unit": price.unit or None,
        "currency": price.currency or None,
        "seen": seen.origin._asdict() if seen else None,
    }


def card_json(card: models.Card) -> dict[str, Any]:
    """Return all that is known of one endpoint."""
    schema = card.schema
    return {
        "endpoint": card.endpoint,
        "model": model_json(card.model) if card.model else None,
        "knobs": compact_knobs(schema.schema.input) if schema else None,
        "schema": {"sha256": schema.schema.sha256, "seen": schema.origin._asdict()}
        if schema
        else None,
        "price": price_json(card.price),
        "presets": rates(card.presets),
        "notes": list(card.notes),
    }
