"""`fal-exp schema matrix`: for editors that check YAML while one writes."""

import click

from fal_experiments.app import wiring
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.core.matrix import matrix_json_schema
from fal_experiments.core.preset import Preset


@click.command("schema")
@click.argument("what", type=click.Choice(["matrix", "preset", "faults"]), default="matrix")
@json_option
def command(what: str, *, as_json: bool) -> int:  # noqa: ARG001 - it is JSON either way
    """Print the JSON Schema of a matrix, a preset or a fault script.

    Save it and name it on a matrix's first line:
    `# yaml-language-server: $schema=matrix.schema.json`
    """
    schemas = {
        "matrix": matrix_json_schema,
        "preset": Preset.model_json_schema,
        "faults": wiring.fault_json_schema,
    }
    emit_json(schemas[what]())
    return 0
