"""What README and docs say can be done, can be done."""

import re
import shlex
from pathlib import Path

import click
import pytest

from fal_experiments.cli.main import fal_exp
from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.preset import read_preset
from fal_experiments.core.strict_yaml import load
from fal_experiments.sandbox.faults import KINDS, read_faults

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CALL = re.compile(r"fal-exp [a-z][a-z -]*[A-Za-z0-9_./ -]*")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    for call in CALL.findall(page.read_text()):
        words = [w for w in shlex.split(call)[1:] if re.fullmatch(r"[a-z]+(-[a-z]+)*", w)]
        _resolve(words, call)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("README.md", "matrix"),
        ("docs/matrix.md", "matrix"),
        ("docs/media.md", "matrix"),
        ("docs/preset-file.md", "preset"),
        ("docs/prompts.md", "matrix"),
        ("docs/sandbox.md", "faults"),
    ],
)
def test_every_yaml_example_is_valid(page: str, kind: str) -> None:
    blocks = BLOCK.findall((ROOT / page).read_text())

    assert blocks
    for block in blocks:
        document = load(block, page)
        if kind == "matrix":
            assert read_matrix(document).prompts
        elif kind == "faults":
            assert read_faults(block, page).faults
        else:
            assert read_preset(document, file_stem=document.data["id"]).price


def test_the_table_of_faults_has_every_kind() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "sandbox.md").read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(["do", *KINDS])


def test_the_readme_names_the_commands_that_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    readme = (ROOT / "README.md").read_text()

    for target in ("make test", "make demo"):
        assert target in ci
        assert target in readme


def test_the_readme_is_one_screen() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80


def test_no_tracked_text_names_a_registry_host_or_a_machine() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.]+", line) for line in lines)


def _resolve(words: list[str], call: str) -> None:
    command: click.Command = fal_exp
    for word in words:
        if not isinstance(command, click.Group):
            return
        found = command.get_command(click.Context(command), word)
        assert found is not None, f"{call}: there is no {word}"
        command = found
