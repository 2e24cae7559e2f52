"""`fal-exp presets list|show`: what there is, and where each fact about it comes from."""

from pathlib import Path

import click

from fal_experiments.cli.console import emit_json, heading, json_option, print_table
from fal_experiments.core.control_kinds import (
    Control,
    FixedControl,
    FollowsControl,
    FramesControl,
    KnobControl,
    RangeControl,
    TextControl,
    UnstatedControl,
)
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import hold_name, value_label
from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.storage.layout import find_project
from fal_experiments.storage.project_files import PresetShelf


@click.group("presets")
def command() -> None:
    """List the presets, or show one with its sources."""


@command.command("list")
@json_option
def list_presets(*, as_json: bool) -> int:
    """List every preset: the project's own and those that come with the program."""
    shelf = _shelf()
    presets = [shelf.read(preset_id) for preset_id in shelf.ids()]
    if as_json:
        emit_json([preset.model_dump(mode="json") for preset in presets])
        return 0
    head = ["preset", "title", "task", "endpoint", "seeds", "status"]
    rows = [
        [p.id, p.title, p.task, p.endpoint, "yes" if p.takes_seed else "no", p.status]
        for p in presets
    ]
    print_table(head, rows)
    return 0


@command.command("show")
@click.argument("preset_id", metavar="PRESET")
@json_option
def show(preset_id: str, *, as_json: bool) -> int:
    """Show PRESET: arguments, controls, seeds, price, knobs, and the source of each fact."""
    shelf = _shelf()
    preset = shelf.read(preset_id)
    schema = shelf.schema(preset.endpoint)
    if as_json:
        shown = schema.model_dump(mode="json") if schema else None
        emit_json(preset.model_dump(mode="json") | {"schema": shown})
        return 0
    heading(f"{preset.id} · {preset.title}")
    click.echo(f"{preset.provider}: {preset.endpoint} ({preset.task}, {preset.status})")
    click.echo(f"file: {shelf.source(preset_id)}\n")
    _print_arguments(preset)
    _print_controls(preset)
    click.echo(f"seeds: {preset.seed.support}. {preset.seed.note}\n")
    _print_price(preset)
    _print_knobs(preset, schema)
    _print_facts(preset)
    return 0


def _shelf() -> PresetShelf:
    return PresetShelf(find_project(Path.cwd()))


def _print_arguments(preset: Preset) -> None:
    heading("Sent unless hold or an axis says otherwise")
    rows = [[knob, canonical_json(value)] for knob, value in preset.arguments.items()]
    print_table(["knob", "value"], rows or [["–", "–"]])
    click.echo()


def _print_controls(preset: Preset) -> None:
    heading("How hold is met")
    rows = [[hold_name(key), *_control(control)] for key, control in preset.controls.items()]
    print_table(["hold", "knob", "values"], rows)
    click.echo()


def _control(control: Control) -> list[str]:
    match control:
        case KnobControl():
            pairs = [
                canonical_json(c.send)
                if c.send == c.means
                else f"{canonical_json(c.send)} = {value_label(c.means)}"
                for c in control.choices
            ]
            return [control.knob, ", ".join(pairs)]
        case RangeControl():
            step = f" in steps of {control.step.normalize():f}" if control.step else ""
            return [control.knob, f"{control.least:f} to {control.most:f}{step}"]
        case FramesControl():
            rate = f"{control.fps} fps" + (f", or {control.fps_knob}" if control.fps_knob else "")
            frames = f"{control.least} to {control.most} frames at {rate}"
            return [control.frames_knob, frames]
        case TextControl():
            return [control.text_knob, "free text"]
        case FixedControl():
            return ["none", f"always {value_label(control.fixed)}"]
        case FollowsControl():
            return ["none", f"follows the {control.follows}"]
        case UnstatedControl():
            return ["none", f"not stated: {control.unstated}"]


def _print_price(preset: Preset) -> None:
    heading("Price")
    if preset.price is None:
        click.echo("unknown\n")
        return
    price = preset.price
    rows = [
        [
            ", ".join(f"{k} = {canonical_json(v)}" for k, v in rule.when.items()) or "always",
            f"${rule.usd:f} a {price.unit}",
            f"${rule.high_usd:f}" if rule.high_usd else "–",
        ]
        for rule in price.rules
    ]
    print_table(["when", "rate", "at most"], rows)
    click.echo(f"{price.note}\nsource: {price.source} ({price.as_of})\n".lstrip())


def _print_knobs(preset: Preset, schema: EndpointSchema | None) -> None:
    heading("Knobs of the endpoint")
    if schema is None:
        click.echo("no schema snapshot: arguments are not checked\n")
        return
    required = set(schema.input.get("required", []))
    rows = []
    for knob, field in schema.input.get("properties", {}).items():
        allowed = ", ".join(canonical_json(value) for value in field.get("enum", [])) or "–"
        default = canonical_json(field["default"]) if "default" in field else "–"
        need = "required" if knob in required else ""
        rows.append([knob, str(field.get("type", "")), default, allowed, need])
    print_table(["knob", "type", "default", "values", ""], rows)
    click.echo(f"schema of {schema.as_of}, sha256 {schema.sha256[:12]}…: {schema.source}\n")
    del preset


def _print_facts(preset: Preset) -> None:
    heading("Sources")
    rows = [[name, f.as_of, f.note or "–", f.source] for name, f in preset.facts.items()]
    print_table(["fact", "as of", "note", "source"], rows or [["–", "–", "–", "–"]])
