"""`fal-exp schema matrix`: for editors that check YAML while one writes."""

import click

from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.core.matrix import matrix_json_schema
from fal_experiments.core.preset import Preset


@click.command("schema")
@click.argument("what", type=click.Choice(["matrix", "preset"]), default="matrix")
@json_option
def command(what: str, *, as_json: bool) -> int:  # noqa: ARG001 - it is JSON either way
    """Print the JSON Schema of a matrix or a preset file.

    Save it and name it on a matrix's first line:
    `# yaml-language-server: $schema=matrix.schema.json`
    """
    emit_json(matrix_json_schema() if what == "matrix" else Preset.model_json_schema())
    return 0
