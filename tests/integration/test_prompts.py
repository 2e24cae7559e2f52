"""The prompt library as a person meets it: list, show, lint; and docs/prompts.md, executed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fal_experiments.core.idioms import IDIOMS
from fal_experiments.core.lint_rules import RULES
from fal_experiments.core.prompt_findings import Finding
from fal_experiments.core.prompt_lint import lint
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf
from fal_experiments.storage.prompt_shelf import ShelvedPrompt, read_prompt_shelf
from tests import warm

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "prompts.md").read_text()
SHOWN = re.findall(r"^```text\n\$ (fal-exp [^\n]*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
LIBRARY = read_prompt_shelf(Project(ROOT))


def call(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return warm.call(["prompts", *arguments], cwd=project, env={"COLUMNS": "100"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "prompts").mkdir()
    return tmp_path


def write(project: Path, name: str, text: str) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that docs/prompts.md shows: its prompt, its matrix, and three of the library."""
    root = tmp_path_factory.mktemp("documented")
    (root / "experiments").mkdir()
    for kind, name in (("markdown", "prompts/guard.md"), ("yaml", "experiments/guard.yaml")):
        (text,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        write(root, name, text)
    for name in ("duel", "sprite-walk-east", "veo-smith"):
        shutil.copy(ROOT / "prompts" / f"{name}.md", root / "prompts")
    return root


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_page_shows_what_the_command_says(command: str, output: str, documented: Path) -> None:
    done = call(documented, *command.split()[2:])

    assert (done.stdout.rstrip(), done.stderr) == (output.rstrip(), "")


def test_the_page_lists_every_rule_and_every_idiom() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)

    assert set(listed) >= {*RULES, *IDIOMS}
    assert [rule.reason for rule in RULES.values() if f"| {rule.reason} |" not in PAGE] == []


@pytest.mark.parametrize("shelved", LIBRARY.prompts, ids=lambda shelved: shelved.prompt.id)
def test_a_prompt_of_the_library_passes_its_own_lint(shelved: ShelvedPrompt) -> None:
    done = call(ROOT, "lint", shelved.places.file)

    assert (done.stdout, done.returncode) == ("1 prompt: nothing to say.\n", 0)


@pytest.mark.parametrize("shelved", LIBRARY.prompts, ids=lambda shelved: shelved.prompt.id)
def test_no_current_model_refuses_a_prompt_of_the_library(shelved: ShelvedPrompt) -> None:
    shelf, prompt = PresetShelf(Project(ROOT)), shelved.prompt
    presets = [shelf.read(preset_id) for preset_id in shelf.ids()]
    readers = [
        (preset, shelf.schema(preset.endpoint))
        for preset in presets
        if preset.status == "current" and preset.task == (prompt.task or "image-to-video")
    ]
    filled = prompt.filled({name: name for name in prompt.variables})

    found: list[Finding] = [one for one in lint(filled, readers) if one.level == "error"]

    assert readers
    assert found == []


def test_the_library_has_what_the_quickstart_names() -> None:
    assert LIBRARY.unreadable == ()
    assert {"idle", "castle"} <= {shelved.prompt.id for shelved in LIBRARY.prompts}


def test_an_empty_project_says_so_and_fails_nothing(project: Path) -> None:
    for command in ("list", "lint"):
        done = call(project, command)

        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.startswith("There is no prompt below prompts/")


def test_what_a_batch_writes_and_a_readme_are_no_prompts(project: Path) -> None:
    write(project, "prompts/20261120T093000Z-knight-prompts.md", "# Prompts: knight")
    write(project, "prompts/README.md", "What these are.")
    write(project, "prompts/knights/walk.md", "He walks in place.")

    listed = json.loads(call(project, "list", "--json").stdout)

    assert [(one["id"], one["file"]) for one in listed] == [("walk", "prompts/knights/walk.md")]


def test_a_bad_file_hides_no_other(project: Path) -> None:
    write(project, "prompts/bad.md", "---\nid: bad\ntag: [x]\n---\nHe walks.\n")
    write(project, "prompts/good.md", "He walks in place.\n")

    listed, linted = call(project, "list"), call(project, "lint", "--json")

    assert (listed.returncode, "good" in listed.stdout) == (2, True)
    assert "prompts/bad.md:3: tag: there is no such field" in listed.stderr
    report = json.loads(linted.stdout)
    assert (linted.returncode, report["prompts"], report["errors"]) == (2, 2, 1)
    (found,) = report["findings"]
    assert (found["file"], found["line"], found["rule"]) == ("prompts/bad.md", 3, "unreadable")


def test_advice_alone_is_no_failure_and_names_the_line(project: Path) -> None:
    text = (
        "---\ndialects:\n  kling: |\n    Static camera.\n    He walks. He\n"
        "    turns. He kneels. He bows.\n---\nA\nstunning\nwalk.\n"
    )
    write(project, "prompts/walk.md", text)

    done = call(project, "lint", "prompts/walk.md")

    assert done.returncode == 0
    assert "prompts/walk.md:9: advice: praise in place of direction: “stunning”" in done.stdout
    assert "prompts/walk.md:6: advice: dialects.kling: 4 actions" in done.stdout


def test_two_files_of_one_id_are_told_apart_by_name(project: Path) -> None:
    write(project, "prompts/a.md", "---\nid: walk\n---\nHe walks in place.\n")
    write(project, "prompts/b.md", "---\nid: walk\n---\nHe walks in place.\n")

    shown, linted = call(project, "show", "walk"), call(project, "lint")

    assert shown.returncode == 2
    assert "walk is the id of prompts/a.md and of prompts/b.md" in shown.stderr
    assert "prompts/b.md:1: advice: prompts/a.md has the id walk too" in linted.stdout
    assert call(project, "show", "prompts/b.md").returncode == 0


def test_an_unknown_prompt_names_the_nearest(project: Path) -> None:
    write(project, "prompts/walk.md", "He walks in place.")

    done = call(project, "show", "wlak")

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no prompt wlak below prompts/; did you mean walk?" in done.stderr


def test_a_preset_shows_what_it_is_told(project: Path) -> None:
    write(project, "prompts/walk.md", "---\ndialects: {kling: Static camera.}\n---\nHe walks.\n")

    done = call(project, "show", "walk", "--preset", "kling-v3-pro-i2v", "--json")

    (told,) = json.loads(done.stdout)["told"]
    assert (told["idiom"], told["dialect"], told["text"]) == ("kling", "kling", "Static camera.")


def test_a_matrix_is_read_with_its_presets_its_hold_and_its_variables(project: Path) -> None:
    write(project, "prompts/long.md", "He walks in place. " * 120)
    matrix = {
        "name": "m",
        "task": "image-to-video",
        "prompts": [{"id": "walk", "text": "{{ who }} walks."}, {"file": "prompts/long.md"}],
        "presets": ["hailuo-02-standard-i2v", "seedance-pro-i2v"],
        "inputs": [{"id": "plate", "image": "not-there-yet.png"}],
    }
    write(project, "experiments/m.yaml", json.dumps(matrix, indent=1))

    done = call(project, "lint", "experiments/m.yaml", "--json")

    report = json.loads(done.stdout)
    found = [(one["prompt"], one["file"], one["line"], one["rule"]) for one in report["findings"]]
    assert done.returncode == 2
    assert found == [
        ("walk", "experiments/m.yaml", 7, "unfilled-variable"),
        ("long", "prompts/long.md", 1, "schema"),
    ]
    assert report["findings"][1]["presets"] == ["hailuo-02-standard-i2v"]
    assert report["findings"][1]["message"] == "prompt: 2,279 characters, the limit is 2,000"
