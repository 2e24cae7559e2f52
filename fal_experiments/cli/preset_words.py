"""One preset, or an id that is none, printed for a person."""

from pathlib import Path

import click

from fal_experiments.cli.console import heading, print_table
from fal_experiments.cli.knob_lines import knob_table
from fal_experiments.core.aliases import Alias
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
from fal_experiments.core.knobs import values_label
from fal_experiments.core.labels import hold_name, value_label
from fal_experiments.core.preset import Preset
from fal_experiments.core.preset_table import input_words
from fal_experiments.core.price import GIVEN
from fal_experiments.core.schema import EndpointSchema


def print_preset(preset: Preset, schema: EndpointSchema | None, file: Path | None) -> None:
    """Print arguments, controls, seeds, price, knobs, and the source of each fact."""
    heading(f"{preset.id} · {preset.title}")
    click.echo(f"{preset.provider}: {preset.endpoint} ({preset.task}, {preset.status})")
    if preset.status_note:
        click.echo(f"status: {preset.status_note}")
    if preset.successor:
        click.echo(f"use instead: {preset.successor}")
    click.echo(f"file: {file}\n")
    _print_arguments(preset)
    _print_inputs(preset)
    _print_controls(preset)
    click.echo(f"seeds: {preset.seed.support}. {preset.seed.note}\n")
    _print_price(preset)
    _print_knobs(schema)
    _print_facts(preset)


def print_alias(name: str, alias: Alias) -> None:
    """Print what is true of an id that is no preset."""
    heading(f"{name} is no preset")
    click.echo(f"{alias.truth}\n{alias.advice}")
    click.echo(f"source: {alias.source} ({alias.as_of})")


def _print_arguments(preset: Preset) -> None:
    heading("Sent unless hold or an axis says otherwise")
    rows = [[knob, canonical_json(value)] for knob, value in preset.arguments.items()]
    print_table(["knob", "value"], rows or [["–", "–"]])
    click.echo()


def _print_inputs(preset: Preset) -> None:
    heading("Inputs")
    given = preset.inputs.model_dump(exclude_none=True)
    words = input_words(preset)
    rows = [
        [words.get(part, part), knob if isinstance(knob, str) else ", ".join(knob.values())]
        for part, knob in given.items()
    ]
    print_table(["input", "knob"], rows or [["–", "–"]])
    click.echo()


def _print_controls(preset: Preset) -> None:
    heading("How hold is met")
    rows = [[hold_name(key), *_control(control)] for key, control in preset.controls.items()]
    print_table(["hold", "knob", "values"], rows)
    click.echo()


def _control(control: Control) -> list[str]:
    match control:
        case KnobControl():
            return [control.knob, _choices(control)]
        case RangeControl():
            step = f" in steps of {control.step.normalize():f}" if control.step else ""
            most = (
                f"to {control.most:f}" if control.most is not None else "or more, no bound stated"
            )
            return [control.knob, f"{control.least:f} {most}{step}"]
        case FramesControl():
            rate = f"{control.fps} fps" + (f", or {control.fps_knob}" if control.fps_knob else "")
            frames = f"{control.least} to {control.most} frames at {rate}"
            return [control.frames_knob, frames]
        case TextControl():
            return [control.text_knob, "free text"]
        case _:
            return ["none", _without_a_knob(control)]


def _choices(control: KnobControl) -> str:
    """Return the values of a knob, and what each means where that is not plain."""
    if all(str(choice.send) == str(choice.means) for choice in control.choices):
        return values_label([choice.send for choice in control.choices])
    pairs = [
        canonical_json(c.send)
        if c.send == c.means
        else f"{canonical_json(c.send)} = {value_label(c.means)}"
        for c in control.choices
    ]
    return ", ".join(pairs)


def _without_a_knob(control: FixedControl | FollowsControl | UnstatedControl) -> str:
    match control:
        case FixedControl():
            return f"always {value_label(control.fixed)}"
        case FollowsControl():
            return f"follows the {control.follows}"
        case UnstatedControl():
            return f"not stated: {control.unstated}"


def _print_price(preset: Preset) -> None:
    heading("Price")
    if preset.price is None:
        why = preset.facts["price"].note if "price" in preset.facts else "unknown"
        click.echo(f"{why}\n")
        return
    price = preset.price
    of = {"input": " of the input", "both": " of input and output", "output": ""}
    rows = [
        [
            ", ".join(_condition(knob, value) for knob, value in rule.when.items()) or "always",
            f"${rule.usd:f} a {price.unit}{of[rule.seconds or price.seconds]}",
            f"${rule.high_usd:f}" if rule.high_usd else "–",
        ]
        for rule in price.rules
    ]
    print_table(["when", "rate", "at most"], rows)
    more = []
    if price.request_usd:
        more.append(f"${price.request_usd:f} a request on top")
    if price.count_knob:
        more.append(f"times {price.count_knob}")
    if price.billed_fps:
        more.append(f"a second is {price.billed_fps} frames")
    if price.unit_price_usd:
        more.append(f"unit price of the pricing API: ${price.unit_price_usd:f}")
    lines = [*more, price.note, f"source: {price.source} ({price.as_of})"]
    click.echo("\n".join(line for line in lines if line) + "\n")


def _condition(knob: str, value: object) -> str:
    return f"{knob} given" if value == GIVEN else f"{knob} = {canonical_json(value)}"


def _print_knobs(schema: EndpointSchema | None) -> None:
    heading("Knobs of the endpoint")
    if schema is None:
        click.echo("no schema snapshot: arguments are not checked\n")
        return
    knob_table(schema.input)
    click.echo(f"schema of {schema.as_of}, sha256 {schema.sha256[:12]}…: {schema.source}")
    for text in schema.notes:
        click.echo(f"not certain: {text}")
    click.echo()


def _print_facts(preset: Preset) -> None:
    heading("Sources")
    rows = [[name, f.as_of, f.note or "–", f.source] for name, f in preset.facts.items()]
    print_table(["fact", "as of", "note", "source"], rows or [["–", "–", "–", "–"]])
