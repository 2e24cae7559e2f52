"""What the report's page offers to copy is run by a shell as it stands, and the files come out."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import MATRIX, QUIET, Bench, troubled
from tests.media.clips import ffmpeg_tells

SCRIPTS = Path(__file__).parents[2] / "fal_experiments" / "reporting" / "static" / "js"
NAME = """19700101T000000Z-it's; touch "$HOME" & <b>骑士 #1"""
"""Of a batch whose folder somebody has renamed."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A batch of three clips and a refused cell, and a copy of it under a hostile name."""
    refused = {"do": "result_422", "times": 1}
    folder = tmp_path_factory.mktemp("take-away")
    with troubled(folder, refused, slots=1, prompts=MATRIX["prompts"]) as made:
        assert made.call("run", "m.yaml", "--concurrency", "1", *QUIET[1:]).code == 1
        shutil.copytree(made.batch(), made.batch().parent / NAME)
        yield made


@pytest.fixture(scope="module")
def done(ran: Bench) -> list[str]:
    """The cells that have a clip."""
    rows = json.loads(ran.call("status", NAME, "--json").out)["cells"]
    return [cell for cell, state in rows.items() if state == "done"]


def written_by_the_page(wishes: list[dict[str, Any]]) -> list[str]:
    """The commands that the page's own scripts write."""
    program = (
        "for (const name of ['shell', 'wall_command', 'export_command'])"
        " require(process.argv[1] + '/' + name + '.js');"
        "const set = (k, v) => (k === 'states' || k === 'hidden' ? new Set(v) : v);"
        "console.log(JSON.stringify(JSON.parse(process.argv[2], set)"
        ".map(({ of, ...wish }) => falExp[of].text(wish))));"
    )
    arguments = ["node", "-e", program, str(SCRIPTS), json.dumps(wishes)]
    run = subprocess.run(arguments, capture_output=True, text=True, check=True)
    commands: list[str] = json.loads(run.stdout)
    return commands


def in_a_shell(made: Bench, command: str) -> str:
    """Run a command as a person would who pastes it; returns what it printed."""
    tools = made.root / "bin"
    tools.mkdir(exist_ok=True)
    program = tools / "fal-exp"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fal_experiments "$@"\n')
    program.chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **made.environment(), "PATH": path}
    run = subprocess.run(
        ["sh", "-c", command],
        cwd=made.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{command}\n{run.stderr}"
    return run.stdout


def test_films_that_the_page_offers_are_made(ran: Bench, done: list[str]) -> None:
    one, two, *_ = done
    moved, wiped = written_by_the_page(
        [
            {
                "of": "wallCommand", "batch": NAME, "cells": [two, one], "sync": "offset",
                "end": "blank", "layout": "2x1", "speed": 0.5, "part": [0.25, 0.75],
                "offsets": {one: -0.125},
            },
            {
                "of": "wallCommand", "batch": NAME, "cells": done, "sync": "phase", "kind": "gif",
                "wipe": [one, two], "windows": {one: [0.125, 0.625]}, "audio": one,
            },
        ]
    )  # fmt: skip

    in_a_shell(ran, moved)
    in_a_shell(ran, wiped)

    assert ffmpeg_tells(ran.root / "wall-2up.mp4").frames == 8, "half a second at half speed"
    assert (ran.root / "wipe-phase.gif").read_bytes().startswith(b"GIF89a")


def test_the_table_has_the_cells_that_the_page_lets_through(ran: Bench, done: list[str]) -> None:
    view = {"states": ["failed"], "hidden": ["prompt=idle"], "ranges": {"duration_s": {"min": 0.5}}}
    wish = {"of": "exportCommand", "batch": NAME, "file": "cells.csv"}
    filtered, named = written_by_the_page(
        [
            wish | {"view": view},
            wish | {"file": "n.csv", "named": True, "cells": done[:1], "view": {}},
        ]
    )

    assert "cells in cells.csv" in in_a_shell(ran, filtered)
    in_a_shell(ran, named)

    with (ran.root / "cells.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["cell"] for row in rows} <= set(done)
    assert [(row["prompt"], row["state"]) for row in rows] == [("walk", "done")] * len(rows)
    assert rows
    assert all(row["width_px"] and row["cost_usd"] and row["batch"] == NAME for row in rows)
    with (ran.root / "n.csv").open(newline="") as file:
        assert [row["cell"] for row in csv.DictReader(file)] == done[:1]


def test_a_batch_and_its_copy_are_compared_and_both_are_on_the_page_of_all(ran: Bench) -> None:
    found = ran.call("compare", "latest", NAME, "--json").json
    page = Path(found["page"]).read_text()
    listed = ran.call("index", "--json").json["pages"]
    index = Path(listed[0]["page"]).read_text()

    (drift,) = found["presets"]
    assert drift["verdicts"] == {"identical": 3}
    assert drift["same_requests"] == drift["cells"] == 4
    assert {pair["step"]["likeness"] for pair in found["steps"]} == {
        "identical: the same file",
        "not compared: a clip is missing",
    }
    assert [batch["name"] == NAME for batch in found["batches"]] == [True, False]
    assert [line["name"] == NAME for line in listed[0]["lines"]] == [False, True]
    for text in (page, index):
        assert "&lt;b&gt;骑士" in text
        assert "<b>骑士" not in text
    assert "compare-" in index


def test_batches_that_cannot_be_compared_are_refused(ran: Bench) -> None:
    same = ran.call("compare", NAME, NAME, "--json")

    assert same.code == 2
    assert "two batches" in same.json["error"]["fix"]
