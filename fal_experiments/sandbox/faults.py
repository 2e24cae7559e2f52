"""The fault script: what goes wrong, where, and how often. Pure: no clock, no file, no chance.

Whether a fault strikes follows from the script's seed and from what it is about to strike, so that
two runs of the same work meet the same world. docs/sandbox.md has the kinds as a table.
"""

import hashlib
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import BeforeValidator, Field

from fal_experiments.core.model import Record, Whole, nearest, read_record
from fal_experiments.core.strict_yaml import load
from fal_experiments.sandbox.fault_kinds import ClockSkew, Fault, Hook, hook_of

KINDS: tuple[str, ...] = tuple(
    kind for model in get_args(Fault) for kind in get_args(model.model_fields["do"].annotation)
)


def _of_a_known_kind(value: Any) -> Any:
    kind = value.get("do") if isinstance(value, dict) else None
    if kind not in KINDS:
        hint = nearest(kind, set(KINDS)) if isinstance(kind, str) else ""
        raise ValueError(f"do: expected a kind of fault such as answer_lost, found {kind!r}{hint}")
    return value


class ScriptFile(Record):
    """A script as it stands in a file."""

    seed: Annotated[Whole, Field(ge=0)] = 0
    faults: tuple[
        Annotated[Fault, Field(discriminator="do"), BeforeValidator(_of_a_known_kind)], ...
    ]


@dataclass(frozen=True)
class FaultScript:
    """A script that was read, with its own text for the state folder. `read_faults` makes one."""

    text: str
    seed: int
    faults: tuple[Fault, ...]

    @property
    def hooks(self) -> frozenset[Hook]:
        """Where any of its faults can strike."""
        return frozenset(
            hook_of(fault) for fault in self.faults if not isinstance(fault, ClockSkew)
        )

    @property
    def skew_s(self) -> float:
        """How many seconds the service's clock is ahead."""
        return sum(fault.by_s for fault in self.faults if isinstance(fault, ClockSkew))


NO_FAULTS = FaultScript(text="faults: []\n", seed=0, faults=())


class Occasion(NamedTuple):
    """Something that a fault may strike."""

    hook: Hook
    endpoint: str
    identity: str
    """The same in every run of the same work."""
    number: int
    """How many occasions of this hook and identity came before."""
    request_id: str | None = None


def read_faults(text: str, source: str) -> FaultScript:
    """Return the script in a file's text. Raises: BadInput with file and line."""
    file = read_record(ScriptFile, load(text, source))
    return FaultScript(text, file.seed, file.faults)


def fault_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a fault script, for editors."""
    schema = ScriptFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "fal-exp fault script"
    return schema


def is_drawn(script: FaultScript, index: int, occasion: Occasion) -> bool:
    """Tell whether a fault falls on an occasion, as far as the script alone decides it."""
    fault = script.faults[index]
    if isinstance(fault, ClockSkew) or hook_of(fault) != occasion.hook:
        return False
    if fault.endpoint is not None and not fnmatchcase(occasion.endpoint, fault.endpoint):
        return False
    if fault.first is not None and occasion.number >= fault.first:
        return False
    drawn = json.dumps([script.seed, index, fault.do, occasion.identity, occasion.number])
    digest = hashlib.sha256(drawn.encode()).digest()
    return int.from_bytes(digest[:8], "big") < fault.share * 2**64
