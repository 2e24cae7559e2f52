"""Rules between fields that a source states in words only, and that no schema of fal carries.

`fal-exp presets import` adds them to the snapshots of the endpoints they are of, whatever file a
snapshot is made from: a rule is then checked before anything is sent, as those of a facts file are.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.core.schema_sources import FAL_JS


class KnownRule(NamedTuple):
    """A rule with where it was read."""

    endpoints: tuple[str, ...]
    """Ids, `*` for any text in one."""
    rule: Constraint
    words: str
    """The rule as its source puts it."""
    source: str
    as_of: str

    def is_of(self, endpoint: str) -> bool:
        """Tell whether the rule holds for an endpoint."""
        return any(fnmatchcase(endpoint, pattern) for pattern in self.endpoints)

    @property
    def note(self) -> str:
        """What a snapshot says of the rule."""
        return f"{self.words}: {self.source}, {self.as_of}"


def _needs_thinking(knob: str) -> Constraint:
    rule = {"rule": "if_then", "if": {knob: "present"}, "then": {"enable_thinking": True}}
    return Constraint.model_validate(rule)


_WAN_3 = "alibaba/wan-3.0/reference-to-video"
_H3 = "minimax/h3/reference-to-video"

KNOWN_RULES: tuple[KnownRule, ...] = (
    KnownRule(
        endpoints=("fal-ai/kling-video/v3/*", "fal-ai/kling-video/o3/*"),
        rule=Constraint(
            rule="max_items", field="multi_prompt", max=6, stated_on="turbo endpoints only"
        ),
        words="at most 6 shots, which only the turbo endpoints state",
        source=f"{FAL_JS}/381105e",
        as_of="2026-08-02",
    ),
    KnownRule(
        endpoints=(_H3,),
        rule=Constraint(
            rule="max_items_total",
            fields=("reference_image_urls", "reference_video_urls", "reference_audio_urls"),
            max=12,
        ),
        words="at most 12 reference files together",
        source=f"https://fal.ai/models/{_H3}/llms.txt",
        as_of="2026-10-04",
    ),
    *(
        KnownRule(
            endpoints=(_WAN_3,),
            rule=_needs_thinking(knob),
            words=f"{knob} needs enable_thinking",
            source=f"https://fal.ai/models/{_WAN_3}/llms.txt",
            as_of="2026-10-04",
        )
        for knob in ("file_url", "web_url")
    ),
)
"""Seedance 2.5's limit of 50 reference files is not here: the limits of its three lists, 30, 10 and
10, already say it."""


def with_known_rules(schema: EndpointSchema) -> EndpointSchema:
    """Return a snapshot with the known rules of its endpoint; one that it has is not added again.

    A rule about a field that the endpoint does not have is left out.
    """
    mine = [
        known
        for known in KNOWN_RULES
        if known.is_of(schema.endpoint)
        and _fields_of(known.rule) <= schema.knobs
        and known.rule not in schema.constraints
    ]
    if not mine:
        return schema
    return schema.model_copy(
        update={
            "constraints": (*schema.constraints, *(known.rule for known in mine)),
            "notes": (*schema.notes, *(known.note for known in mine)),
        }
    )


def _fields_of(rule: Constraint) -> set[str]:
    conditions = rule.if_ if isinstance(rule.if_, dict) else {}
    return {*rule.fields, *conditions, *rule.then, *([rule.field] if rule.field else [])}
