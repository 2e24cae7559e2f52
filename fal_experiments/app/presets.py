"""`fal-exp presets`: import snapshots of schemas, draft a preset, look one up, check them all."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fal_experiments.core.aliases import Alias
from fal_experiments.core.facts import read_facts, snapshot_json, snapshot_of
from fal_experiments.core.known_rules import with_known_rules
from fal_experiments.core.model import SLUG_WORDS, is_slug, nearest
from fal_experiments.core.openapi import schema_from_openapi
from fal_experiments.core.preset import Preset
from fal_experiments.core.preset_yaml import preset_yaml
from fal_experiments.core.price_facts import PriceFound, price_of, read_price_rows
from fal_experiments.core.schema import EndpointSchema, schema_file_name
from fal_experiments.core.skeleton import draft_of, slug_of
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import disk_errors, write_bytes, write_text
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf, read_user_text


class Imported(NamedTuple):
    """What an import did: endpoints by what became of their snapshot."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: tuple[str, ...]
    """Endpoints of presets of which no file speaks; their snapshots stay as they are."""


class Shown(NamedTuple):
    """A preset with its snapshot and file, or the alias that a name is."""

    preset: Preset | None
    schema: EndpointSchema | None
    file: Path | None
    alias: Alias | None
    others: tuple[str, ...] = ()
    """Further presets of the endpoint that was asked for."""


class Listed(NamedTuple):
    """Presets that were asked for, and what is wrong with each file that can not be read."""

    presets: tuple[Preset, ...]
    damaged: tuple[str, ...]


class Drafted(NamedTuple):
    """A preset file that was written, and what a person still has to decide."""

    file: Path
    remarks: tuple[str, ...]


def import_snapshots(
    project: Project, files: Sequence[Path], endpoints: Sequence[str], as_of: str | None
) -> Imported:
    """Write the snapshot of each endpoint below `presets/schemas/`; later files go before earlier.

    Args:
        endpoints: which ones; none named: every endpoint that a preset has.
        as_of: the day an OpenAPI document is of, which it does not say itself.

    Raises: BadInput for a file of another kind, an endpoint that no file has, a missing date.
    """
    shelf = PresetShelf(project)
    found: dict[str, EndpointSchema] = {}
    for file in files:
        found |= _snapshots_in(file, as_of, endpoints or shelf.endpoints())
    for name in endpoints:
        if name not in found:
            raise BadInput(
                f"{name}: no file has this endpoint{nearest(name, _named_in(files))}",
                fix="endpoint ids are whole: fal-ai/…/text-to-video",
            )
    written, unchanged = [], []
    for endpoint, schema in sorted(found.items()):
        path = project.presets / "schemas" / schema_file_name(endpoint)
        text = _snapshot_text(schema)
        if path.is_file() and path.read_text("utf-8") == text:
            unchanged.append(endpoint)
            continue
        write_bytes(path, text.encode())
        written.append(endpoint)
    missing = () if endpoints else sorted(set(shelf.endpoints()) - set(found))
    return Imported(tuple(written), tuple(unchanged), tuple(missing))


def _snapshots_in(
    file: Path, as_of: str | None, wanted: Sequence[str]
) -> Iterator[tuple[str, EndpointSchema]]:
    """Yield the snapshots that a file gives for the wanted endpoints."""
    data = _read_json(file)
    if isinstance(data, dict) and "paths" in data:
        named = [name for name in sorted(_named_in([file])) if "{" not in name]
        if not named:
            raise BadInput(
                f"{file.name}: `paths` of an OpenAPI document names an endpoint, and here it names "
                "none",
                fix="expected the document that fal's OpenAPI address gives for one endpoint",
            )
        endpoint = next((name for name in named if name in wanted), named[0])
        yield endpoint, _snapshot_of_document(file, data, as_of, endpoint)
        return
    facts = read_facts(data, file.name)
    for endpoint in wanted:
        if endpoint in facts:
            yield endpoint, snapshot_of(facts[endpoint], file.name)


def _snapshot_of_document(
    file: Path, data: dict[str, Any], as_of: str | None, endpoint: str
) -> EndpointSchema:
    if as_of is None:
        raise BadInput(
            f"{file.name}: an OpenAPI document does not say of which day it is",
            fix="add --as-of 2026-11-20, the day on which it was fetched",
        )
    source = f"the OpenAPI document {file.name}"
    return schema_from_openapi(data, endpoint=endpoint, as_of=as_of, source=source)


def _snapshot_text(schema: EndpointSchema) -> str:
    """Return the text of a snapshot's file, with the rules that are known of its endpoint."""
    known = with_known_rules(schema)
    return json.dumps(snapshot_json(known), ensure_ascii=False, indent=1) + "\n"


def _named_in(files: Sequence[Path]) -> set[str]:
    """Return the endpoints that files speak of."""
    found: set[str] = set()
    for file in files:
        data = _read_json(file)
        named = data.get("paths", data) if isinstance(data, dict) else {}
        found |= {name.removeprefix("/") for name in named} if isinstance(named, dict) else set()
    return found


def _read_json(file: Path) -> Any:
    try:
        return json.loads(read_user_text(file, str(file)))
    except (ValueError, RecursionError) as exc:
        raise BadInput(f"{file}: not JSON: {exc}") from exc


def listed_presets(project: Project, family: str | None, task: str | None) -> Listed:
    """Return the presets of a family and a task; None: of any. Raises: BadInput when none is."""
    shelf = PresetShelf(project)
    read: list[Preset] = []
    damaged: list[str] = []
    for preset_id in shelf.ids():
        try:
            read.append(shelf.read(preset_id))
        except BadInput as exc:
            damaged.append(exc.message)
    chosen = [p for p in read if family in {None, p.family} and task in {None, p.task}]
    if not chosen and not (damaged and family is task is None):
        raise _none_of(read, family, task)
    return Listed(tuple(chosen), tuple(damaged))


def _none_of(read: Sequence[Preset], family: str | None, task: str | None) -> BadInput:
    """Return the error for a family or a task that no preset has, or not both at once."""
    families: set[str] = {p.family for p in read if task in {None, p.task}}
    tasks: set[str] = {p.task for p in read if family in {None, p.family}}
    ways = [("family", family, families), ("task", task, tasks)]
    asked = ", ".join(f"{name} {value}" for name, value, _ in ways if value)
    known = [
        f"{name} may be {', '.join(sorted(there))}"
        for name, value, there in ways
        if value and there and value not in there
    ]
    return BadInput(f"no preset has {asked}", fix="; ".join(known))


def look_up(project: Project, name: str) -> Shown:
    """Return the preset of this id or endpoint, or what is true of a name that is neither.

    Raises: BadInput for a name that means nothing; the nearest one is told.
    """
    shelf = PresetShelf(project)
    ids = [name] if shelf.has(name) else shelf.of_endpoint(name)
    if not ids:
        alias = shelf.alias(name)
        if alias is not None:
            return Shown(None, None, None, alias)
    chosen = ids[0] if ids else name
    preset = shelf.read(chosen)
    schema = shelf.schema(preset.endpoint)
    return Shown(preset, schema, shelf.source(chosen), None, tuple(ids[1:]))


def write_draft(
    project: Project, schema: EndpointSchema, *, preset_id: str | None, prices: Path | None
) -> Drafted:
    """Write a preset for an endpoint, and its snapshot where there is none.

    Args:
        prices: a file of published prices, see core/price_facts.py.

    Raises: BadInput for an id that is none, a preset of this endpoint or of this id that is there
    already: nothing of a person's is ever replaced.
    """
    shelf = PresetShelf(project)
    name = _free_id(shelf, schema.endpoint, preset_id)
    target = project.presets / f"{name}.yaml"
    found = PriceFound(None, ())
    if prices is not None:
        found = price_of(schema, read_price_rows(_read_json(prices), prices.name))
    draft = draft_of(schema, preset_id=name, price=found.price)
    remarks = (*draft.remarks, *found.remarks)
    _write_new(target, preset_yaml(draft.fields, remarks))
    if shelf.schema(schema.endpoint) is None:
        path = project.presets / "schemas" / schema_file_name(schema.endpoint)
        write_text(path, _snapshot_text(schema))
    return Drafted(target, remarks)


def _free_id(shelf: PresetShelf, endpoint: str, preset_id: str | None) -> str:
    """Return the id of a new preset. Raises: BadInput."""
    there = shelf.of_endpoint(endpoint)
    if preset_id is None and there:
        raise BadInput(
            f"{endpoint} has a preset already: {', '.join(there)}",
            fix=f"`fal-exp presets show {there[0]}` shows it; for one more, give it an --id",
        )
    name = slug_of(endpoint) if preset_id is None else preset_id
    if not is_slug(name):
        raise BadInput(f"{name!r} is not {SLUG_WORDS}", fix="choose another --id, such as my-model")
    if shelf.has(name):
        raise BadInput(
            f"there is a preset {name} already: {shelf.source(name)}", fix="choose another --id"
        )
    return name


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises: BadInput where it is; StorageFailed."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            raise BadInput(f"{path} is there already", fix="choose another --id") from None


def shown_json(shown: Shown) -> dict[str, Any]:
    """Return what `presets show` found as plain JSON."""
    if shown.alias is not None:
        return {"alias": shown.alias.model_dump(mode="json")}
    preset = shown.preset.model_dump(mode="json") if shown.preset else {}
    schema = shown.schema.model_dump(mode="json") if shown.schema else None
    return preset | {"schema": schema, "other_presets": list(shown.others)}
