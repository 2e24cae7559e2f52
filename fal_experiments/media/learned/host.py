"""Runs plug-ins; in a worker process only, because their code may do anything there.

What they print is dropped: the answer goes through a pipe, and stdout is the command's own.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.core.metric_plugins import (
    ENTRY_POINT_GROUP,
    MetricFacts,
    MetricPlugin,
    Missing,
    Seen,
)

_MADE: dict[str, MetricPlugin] = {}
"""Plug-ins of this process, so that a model is loaded once for all results."""


class Told(NamedTuple):
    """What a plug-in said of itself."""

    facts: str
    """`MetricFacts` as JSON: records of other versions must not break the pipe."""
    identity: dict[str, str]
    missing: str = ""
    fix: str = ""


def describe(target: str, parameters: Mapping[str, str]) -> Told:
    """Return what a plug-in says of itself. Raises: anything."""
    with _silence():
        plugin = _made(target)
        facts = _facts(plugin)
        missing = plugin.available({**facts.parameters, **parameters})
        if missing is not None:
            what, fix = Missing(*missing)
            return Told(facts.model_dump_json(), {}, str(what), str(fix))
        identity = plugin.identity({**facts.parameters, **parameters})
        return Told(facts.model_dump_json(), {str(k): str(v) for k, v in identity.items()})


def score(target: str, parameters: Mapping[str, str], seen: Seen) -> dict[str, float]:
    """Return the values of a result. Raises: anything."""
    with _silence():
        given = _made(target).score(seen, parameters)
        return {str(name): _number(value) for name, value in dict(given).items()}


def _made(target: str) -> MetricPlugin:
    if target not in _MADE:
        made = EntryPoint("", target, ENTRY_POINT_GROUP).load()()
        _MADE[target] = made
    return _MADE[target]


def _facts(plugin: MetricPlugin) -> MetricFacts:
    try:
        return MetricFacts.model_validate(plugin.facts)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"])) or "facts"
        raise TypeError(f"its {where}: {first['msg']}") from exc


def _number(value: object) -> float:
    """Return a number of numpy or torch as a plain one. Raises: TypeError, ValueError."""
    if isinstance(value, bool | str):
        raise TypeError(f"{value!r} is not a number")
    return float(value)  # type: ignore[arg-type]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
