"""What a preset says of price and result, against its endpoint's schema: a typo there costs money.

A price rule whose condition can never hold is passed over in silence, and a cheaper one is taken.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fal_experiments.core.json_values import same_json
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset
from fal_experiments.core.price import GIVEN, FrameSizes, Price, PriceRule
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.strict_yaml import KeyPath, path_label


class Fault(NamedTuple):
    """What is wrong, and where in the preset's file."""

    path: KeyPath
    words: str

    def label(self) -> str:
        """Return both in one line."""
        return f"{path_label(self.path)}: {self.words}"


def fact_faults(preset: Preset, schema: EndpointSchema) -> Iterator[Fault]:
    """Yield what price and output name that the endpoint does not have."""
    if preset.price is not None:
        yield from _price_faults(preset.price, schema)
    said = _leads_nowhere(preset.output.path, schema.output)
    if said:
        yield Fault(("output", "path"), said)


def _price_faults(price: Price, schema: EndpointSchema) -> Iterator[Fault]:
    for index, rule in enumerate(price.rules):
        for knob, value in rule.when.items():
            said = _refused(knob, value, schema)
            if said:
                yield Fault(("price", "rules", index, "when", knob), said)
        covering = next((n for n in range(index) if _covers(price.rules[n], rule)), None)
        if covering is not None:
            words = f"it is never reached: rules[{covering}] holds wherever it does"
            yield Fault(("price", "rules", index), words)
    if price.count_knob is not None and price.count_knob not in schema.knobs:
        yield Fault(("price", "count_knob"), _no_knob(price.count_knob, schema))
    for name, sizes in (("tokens", price.tokens), ("megapixels", price.megapixels)):
        if sizes is not None:
            yield from _size_faults(("price", name), sizes, schema)


def _refused(knob: str, value: Any, schema: EndpointSchema) -> str:
    if knob not in schema.knobs:
        return _no_knob(knob, schema)
    if value is None:
        return "null holds for no request; leave the condition out"
    said = () if value == GIVEN else schema.violations({knob: value})
    mine = (words for words in said if words.startswith((f"{knob}:", f"{knob}.")))
    return "; ".join(words.removeprefix(f"{knob}: ") for words in mine)


def _covers(earlier: PriceRule, rule: PriceRule) -> bool:
    """Tell whether a rule holds for every request for which another holds."""
    return all(
        knob in rule.when and (value == GIVEN or same_json(value, rule.when[knob]))
        for knob, value in earlier.when.items()
    )


def _size_faults(path: KeyPath, sizes: FrameSizes, schema: EndpointSchema) -> Iterator[Fault]:
    if sizes.knob not in schema.knobs:
        yield Fault((*path, "knob"), _no_knob(sizes.knob, schema))
        return
    known = _values(schema.input["properties"][sizes.knob])
    for name in sizes.pixels if known else ():
        if name not in known:
            words = f"{sizes.knob} is never {name}{nearest(name, known)}"
            yield Fault((*path, "pixels", name), words)


def _values(field: Mapping[str, Any]) -> set[str]:
    """Return the values that a field lists, as text; nothing where others are taken, too."""
    parts = field.get("anyOf") or [field]
    return {str(value) for part in parts for value in part.get("enum", ())}


def _no_knob(knob: str, schema: EndpointSchema) -> str:
    return f"the endpoint has no knob {knob}{nearest(knob, set(schema.knobs))}"


def _leads_nowhere(path: str, output: Mapping[str, Any]) -> str:
    """Return what is wrong with the path of the file in a result, nothing where it may be there."""
    here: Any = output
    for part in path.split("."):
        here = here if isinstance(here, dict) else {}
        if part.isdecimal() and here.get("type", "array") == "array":
            here = here.get("items", {})
            continue
        fields = here.get("properties")
        if fields and part not in fields:
            return f"the endpoint's result has no {part}{nearest(part, set(fields))}"
        here = (fields or {}).get(part, {})
    return ""
