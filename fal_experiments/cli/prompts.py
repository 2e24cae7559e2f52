"""`fal-exp prompts list|show|lint`: the library, who is told what, and what is unwise in it."""

from itertools import groupby
from pathlib import Path
from typing import Any

import click

from fal_experiments.app.prompts import Linted, Located, find_prompt, lint_paths, read_library
from fal_experiments.app.prompts import read_presets as read_named
from fal_experiments.cli.console import emit_json, heading, json_option, note, print_table
from fal_experiments.core.idioms import IDIOMS, idiom_of, idiom_of_dialect
from fal_experiments.core.labels import plural
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt, shots_text
from fal_experiments.core.prompt_language import flat
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.storage.prompt_shelf import ShelvedPrompt

EXIT_ERRORS = 2
FIRST_CHARS = 48
NO_PROMPTS = "There is no prompt below prompts/; docs/prompts.md shows how one is written."

preset_option = click.option(
    "--preset", "presets", multiple=True, metavar="PRESET", help="Who is told it; may be repeated."
)


@click.group("prompts")
def command() -> None:
    """List the prompt library, show what each model is told, lint it."""


@command.command("list")
@json_option
def list_prompts(*, as_json: bool) -> int:
    """List the prompts below prompts/: task, tags, dialects, variables, first words."""
    shelf = read_library(Path.cwd())
    if as_json:
        emit_json([_as_json(shelved) for shelved in shelf.prompts])
    elif shelf.prompts:
        head = ["prompt", "task", "tags", "dialects", "variables", "begins"]
        print_table(head, [_row(shelved.prompt) for shelved in shelf.prompts])
    elif not shelf.unreadable:
        note(NO_PROMPTS)
    for _, error in shelf.unreadable:
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        note(error.message)
    return EXIT_ERRORS if shelf.unreadable else 0


@command.command("show")
@click.argument("name", metavar="ID|FILE")
@preset_option
@json_option
def show(name: str, presets: tuple[str, ...], *, as_json: bool) -> int:
    """Show a prompt, and what each idiom, or each PRESET, is told of it."""
    shelved = find_prompt(name, Path.cwd())
    readers = read_named(presets, Path.cwd())
    if as_json:
        told = [_told_json(shelved.prompt, preset) for preset, _ in readers]
        emit_json(_as_json(shelved) | {"told": told})
        return 0
    prompt = shelved.prompt
    heading(f"{prompt.id} · {shelved.places.file}")
    click.echo(
        f"task: {prompt.task or 'that of the matrix'}   tags: {_listed(prompt.tags)}   "
        f"variables: {_listed(sorted(prompt.variables))}\n"
    )
    if readers:
        for preset, schema in readers:
            _print_told(prompt, preset, schema)
    else:
        _print_texts(prompt)
    return 0


@command.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE.md|MATRIX.yaml]...")
@preset_option
@json_option
def lint(files: tuple[str, ...], presets: tuple[str, ...], *, as_json: bool) -> int:
    """Say what a model would refuse (errors) and what is unwise (advice), each with its reason.

    Of a matrix every prompt is read as each of its presets is told it, under its hold. Of a file,
    and of the whole library where none is named, each text is read in its own idiom, or as the
    named presets are told it.

    Exit codes: 0 nothing, or advice alone; 2 errors.
    """
    linted = lint_paths(files, presets, Path.cwd())
    if as_json:
        emit_json(_linted_json(linted))
    elif linted.prompts:
        _print_linted(linted)
    else:
        note(NO_PROMPTS)
    return EXIT_ERRORS if linted.count("error") else 0


def _row(prompt: Prompt) -> list[str]:
    begins = flat(prompt.plain_text)
    short = begins if len(begins) <= FIRST_CHARS else f"{begins[: FIRST_CHARS - 1].rstrip()}…"
    shots = [plural(len(prompt.shots), "shot")] if prompt.shots else []
    return [
        prompt.id,
        prompt.task or "–",
        _listed(prompt.tags),
        _listed([*prompt.dialects, *shots]),
        _listed(sorted(prompt.variables)),
        short,
    ]


def _listed(words: Any) -> str:
    return ", ".join(words) or "–"


def _as_json(shelved: ShelvedPrompt) -> dict[str, Any]:
    return shelved.prompt.model_dump(mode="json", exclude={"inputs"}) | {
        "variables": sorted(shelved.prompt.variables),
    }


def _told_json(prompt: Prompt, preset: Preset) -> dict[str, Any]:
    worded = prompt.for_preset(preset)
    return {
        "preset": preset.id,
        "idiom": idiom_of(preset).id,
        "dialect": worded.dialect if worded else None,
        "text": worded.text if worded else None,
        "shots": [shot.model_dump(mode="json") for shot in worded.shots] if worded else [],
    }


def _print_told(prompt: Prompt, preset: Preset, schema: EndpointSchema | None) -> None:
    worded = prompt.for_preset(preset)
    idiom = idiom_of(preset).id
    if worded is None:
        heading(f"{preset.id} (idiom {idiom})")
        click.echo("  is told nothing: the prompt has only shots, and the model takes none\n")
        return
    which = "the shots" if worded.shots else worded.dialect or "the plain text"
    heading(f"{preset.id} (idiom {idiom}): {which}, {_length(worded.text, preset, schema)}")
    _print_text(worded.text)


def _length(text: str, preset: Preset, schema: EndpointSchema | None) -> str:
    knob = preset.inputs.prompt
    properties = schema.input.get("properties", {}) if schema else {}
    limit = properties.get(knob, {}).get("maxLength") if knob else None
    return f"{len(text):,} of {limit:,} characters" if limit else f"{len(text):,} characters"


def _print_texts(prompt: Prompt) -> None:
    others = [name for name in IDIOMS if name != "plain" and name not in prompt.dialects]
    if prompt.text is not None:
        heading(f"the plain text, for {', '.join(['plain', *others])}")
        _print_text(prompt.text)
    for key, text in prompt.dialects.items():
        idiom = idiom_of_dialect(key).id
        heading(f"{key}" if idiom == key else f"{key} (idiom {idiom})")
        _print_text(text)
    if prompt.shots:
        heading("shots, for models that take a list of them")
        _print_text(shots_text(prompt.shots))


def _print_text(text: str) -> None:
    click.echo("\n".join(f"  {line}".rstrip() for line in text.strip().splitlines()) + "\n")


def _linted_json(linted: Linted) -> dict[str, Any]:
    return {
        "prompts": linted.prompts,
        "errors": linted.count("error"),
        "advice": linted.count("advice"),
        "findings": [
            {"prompt": one.prompt, "file": one.file, "line": one.line}
            | one.finding.model_dump(mode="json")
            for one in linted.found
        ],
    }


def _print_linted(linted: Linted) -> None:
    for (prompt, file), group in groupby(linted.found, key=lambda one: (one.prompt, one.file)):
        heading(f"{prompt} · {file}")
        for located in group:
            _print_located(located)
        click.echo()
    errors, advice = linted.count("error"), linted.count("advice")
    looked_at = plural(linted.prompts, "prompt")
    if not linted.found:
        click.echo(f"{looked_at}: nothing to say.")
        return
    said = [plural(errors, "error")] if errors else []
    said += [f"{advice} {'piece' if advice == 1 else 'pieces'} of advice"] if advice else []
    click.echo(f"{looked_at}: {', '.join(said)}.")


def _print_located(located: Located) -> None:
    one = located.finding
    click.echo(f"{located.file}:{located.line}: ", nl=False)
    click.secho(one.level, fg="red" if one.level == "error" else "yellow", bold=True, nl=False)
    place = "" if one.where in {"text", "prompt"} else f"{one.where}: "
    click.echo(f": {place}{one.message}")
    click.echo(f"    {one.reason} [{one.rule}; {one.source}]")
    if one.presets:
        click.echo(f"    told to {one.told_to}")
