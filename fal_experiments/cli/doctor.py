"""`fal-exp doctor`: what a run needs, what is missing, how to mend it."""

from dataclasses import asdict
from pathlib import Path

import click

from fal_experiments.app.doctor import examine
from fal_experiments.app.settings import read_settings
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.storage.layout import find_project


@click.command("doctor")
@json_option
def command(*, as_json: bool) -> int:
    """Check key, network, decoder, disk, folders and presets; nothing is submitted."""
    project = find_project(Path.cwd())
    findings = []
    for finding in examine(project, read_settings(project)):
        findings.append(finding)
        if as_json:
            continue
        mark = click.style("ok", fg="green") if finding.ok else click.style("no", fg="red")
        click.echo(f"{mark}  {finding.name}: {finding.detail}")
        if not finding.ok and finding.fix:
            click.echo(f"    → {finding.fix}")
    healthy = all(finding.ok for finding in findings)
    if as_json:
        emit_json({"ok": healthy, "findings": [asdict(finding) for finding in findings]})
    return 0 if healthy else 1
