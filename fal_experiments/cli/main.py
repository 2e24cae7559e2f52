"""`fal-exp`: finds the command, runs it, turns an error into words and an exit code."""

import importlib
import json
import sys
from collections.abc import Sequence

import click

from fal_experiments import __version__
from fal_experiments.cli.console import fall_silent, reader_may_go
from fal_experiments.errors import FalExpError

COMMANDS = {
    "init": "Make a project with the quickstart in it.",
    "plan": "Show what a matrix would run and cost; nothing is sent.",
    "run": "Run a matrix: estimate, submit, download, render, report.",
    "resume": "Go on with a batch that was stopped or killed.",
    "status": "Show where a batch stands.",
    "cancel": "Cancel a batch, or one job, at the provider.",
    "render": "Make the pictures of a batch's clips that are missing.",
    "measure": "Show what was measured of a batch's clips, or compare two clips.",
    "wall": "Make one synced film of many clips; side by side, or an A/B wipe.",
    "matrix-sheet": "Draw a whole batch as one picture: presets × prompts × seeds.",
    "sprite": "Cut walk cycles out of clips: loop, sheet, atlas; make anchor plates.",
    "report": "Write the HTML report of a batch again.",
    "compare": "Show what has changed between batches, cell by cell.",
    "index": "Write the page of all batches.",
    "export": "Write the cells of a batch as CSV or Parquet, filtered.",
    "metrics": "Score the clips of a batch with metrics that come as plug-ins.",
    "judge": "Let a vision model compare the clips of a batch, in both orders.",
    "review": "Serve the report on this machine; ratings are written at once.",
    "ratings": "Show, join and export ratings of clips.",
    "blind": "Make a blind test of a batch; open the votes that come back.",
    "rank": "Rank the presets of a batch from votes or ratings; cost per keeper.",
    "reconcile": "Close the books: estimated, metered, billed, and why they differ.",
    "ledger": "Show, sum up or export the ledger; resolve unknown submissions.",
    "learnings": "Draft what a batch taught; check that what was written still holds.",
    "presets": "List the presets, or show one with its sources.",
    "prices": "Keep the pricing API's unit prices by date; compare the presets' rules.",
    "models": "Search fal's models; show knobs, schemas and unit prices.",
    "prompts": "List the prompt library, show what each model is told, lint it.",
    "schema": "Print the JSON Schema of a matrix, for editors.",
    "sandbox": "Serve the sandbox alone, for other programs.",
    "doctor": "Check key, network, decoder, disk and folders.",
}
EPILOG = (
    "Exit codes: 0 all cells done, 1 some not, 2 bad input (nothing submitted), "
    "3 stopped by the budget, 4 needs a person, 130 interrupted (resumable)."
)
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """Commands by name; a module is imported when its command is called, not before."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module; None where there is no such command."""
        if super().get_command(ctx, cmd_name) is None:
            return None
        command = importlib.import_module(
            f"fal_experiments.cli.{cmd_name.replace('-', '_')}"
        ).command
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. A reader who has gone is no failure, which click would make of it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            fall_silent()
            return 0

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the work."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, str(stub.help)) for name, stub in self.commands.items()])


@click.command(
    cls=LazyGroup,
    commands={name: click.Command(name, help=text) for name, text in COMMANDS.items()},
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="fal-exp", message="%(prog)s %(version)s")
def fal_exp() -> None:
    """Experiment matrices for AI video models: strict runs, an exact ledger, a report to judge by.

    New here? `fal-exp init my-project`, then `cd my-project` and
    `fal-exp run experiments/quickstart.yaml --sandbox`: no key, no money.
    """


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. The only place that turns an error into one."""
    as_json = "--json" in arguments
    try:
        code = fal_exp.main(args=list(arguments), prog_name="fal-exp", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except FalExpError as exc:
        with reader_may_go():
            _tell(exc, as_json=as_json)
        return exc.exit_code
    except click.ClickException as exc:
        if as_json:
            _emit_error("BadInput", exc.format_message(), "see --help", exc.exit_code)
        else:
            exc.show()
        return exc.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED


def _tell(error: FalExpError, *, as_json: bool) -> None:
    if as_json:
        _emit_error(type(error).__name__, error.message, error.fix, error.exit_code)
        return
    first, *rest = error.message.splitlines() or [""]
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(first, err=True)
    for line in rest:
        click.echo(f"       {line}", err=True)
    if error.fix:
        click.echo(f"     → {error.fix}", err=True)


def _emit_error(kind: str, message: str, fix: str, exit_code: int) -> None:
    error = {"type": kind, "message": message, "fix": fix, "exit_code": exit_code}
    click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=1))
