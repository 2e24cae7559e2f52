"""`fal-exp sandbox serve`: the embedded services alone, for other programs and other shells."""

import signal
import sys
import threading
from pathlib import Path

import click

from fal_experiments.app import wiring
from fal_experiments.app.settings import URL_VARIABLES
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.options import faults_option
from fal_experiments.storage.layout import find_project


@click.group("sandbox")
def command() -> None:
    """The sandbox: fal's queue, CDN and platform API on this machine. No model, no money."""


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free port.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of its jobs and files; experiments/sandbox/.serve otherwise.",
)
@click.option(
    "--time-scale",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="Share of a model's usual queue and service time; 0: as fast as it can draw.",
)
@click.option("--concurrency", type=click.IntRange(1, 100), default=4, show_default=True)
@faults_option
@json_option
def serve(
    port: int,
    state: Path | None,
    time_scale: float,
    concurrency: int,
    faults: Path | None,
    *,
    as_json: bool,
) -> int:
    """Serve until Ctrl+C, and print the variables that point fal-exp at it."""
    project = find_project(Path.cwd())
    folder = state or project.tree(sandbox=True).batches / ".serve"
    script = wiring.read_fault_script(faults) if faults else None
    options = {"time_scale": time_scale, "concurrency": concurrency, "faults": script}
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with wiring.sandbox_server(project, folder, port=port, options=options) as server:
        address = wiring.sandbox_address(server)
        variables = {URL_VARIABLES[name]: url for name, url in address.urls.items()}
        variables["FAL_KEY"] = address.key
        if as_json:
            faults_at_work = list(server.faults)
            emit_json({"port": server.port, "environment": variables, "faults": faults_at_work})
        else:
            click.echo(f"# sandbox on {server.base_url}, state in {folder}")
            if server.faults:
                kept = f"{folder / 'faults.yaml'}, remove it to end them"
                click.echo(f"# faults: {', '.join(server.faults)} ({kept})")
            click.echo("\n".join(f"export {name}={value}" for name, value in variables.items()))
        sys.stdout.flush()
        stop.wait()
    return 0
