"""One cell made once more by the very command that its drawer shows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import MATRIX, SECONDS, Bench, bench

IDLE = "---\nid: idle\n---\nHe breathes.\n"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Path]]:
    """A batch of two cells, one of them of a prompt file; what it was planned from has changed."""
    prompts = [MATRIX["prompts"][0], {"file": "prompts/idle.md"}]
    with bench(tmp_path_factory.mktemp("cell"), prompts=prompts, seeds=1) as made:
        (made.root / "prompts").mkdir()
        (made.root / "prompts" / "idle.md").write_text(IDLE)
        called = made.call("run", "m.yaml", "--no-render", "--json")
        assert called.code == 0, called.err
        (made.root / "prompts" / "idle.md").write_text(IDLE.replace("breathes", "sleeps"))
        (made.root / "plate.png").unlink()
        assert made.call("report", "latest").code == 0
        yield made, made.batch()


def _details(batch: Path) -> dict[str, Any]:
    text = (batch / "report" / "detail-1.js").read_text()
    data = json.loads(text.removeprefix("falExp.loadDetails(").removesuffix(");\n"))
    return {detail["key"]: detail for detail in data[1]}


def _shell(made: Bench, command: str) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", f"{command} --no-render --no-report --json"],
        cwd=made.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_drawers_command_makes_the_same_cell_though_its_files_have_changed(
    ran: tuple[Bench, Path],
) -> None:
    made, batch = ran
    details = _details(batch)
    idle = next(d for d in details.values() if d["prompt_text"] == "He breathes.")
    assert idle["remake"]["changed"] == ["prompts/idle.md", "plate.png"]
    walk = next(d for d in details.values() if d["prompt_text"] == "He walks.")
    assert walk["remake"]["changed"] == ["plate.png"]

    again = _shell(made, idle["remake"]["run"])

    assert again.returncode == 0, again.stderr
    assert "prompts/idle.md is not what it was when the batch was planned" in again.stderr
    answer = json.loads(again.stdout)
    assert answer["summary"]["counts"] == {"done": 1}
    assert answer["summary"]["combinations"] == 1
    folder = Path(answer["paths"]["batch"])
    assert [path.name for path in (folder / "cells").iterdir()] == [idle["key"]]
    sent = json.loads((folder / "cells" / idle["key"] / "1" / "request.json").read_text())
    assert sent["body"]["prompt"] == "He breathes."


def test_a_part_of_a_matrix_is_planned_alone_and_an_unknown_id_is_answered(
    ran: tuple[Bench, Path],
) -> None:
    made, batch = ran
    (made.root / "plate.png").write_bytes(next((batch / "inputs").iterdir()).read_bytes())
    whole = made.call("plan", "m.yaml", "--json").json
    cell = whole["cells"][0]["cell_id"]

    part = made.call("plan", "m.yaml", "--cell", cell[:6], "--json").json

    assert [each["cell_id"] for each in part["cells"]] == [cell]
    assert part["estimate"]["high"] * 2 == whole["estimate"]["high"]
    assert part["not_asked"]["cells"] == [whole["cells"][1]["cell_id"]]
    told = made.call("plan", "m.yaml", "--cell", "0123456789")
    assert told.code == 2
    assert "there is no cell '0123456789' in m.yaml" in told.err


def test_an_overridden_preset_leaves_the_cells_of_earlier_batches_as_they_were(
    ran: tuple[Bench, Path],
) -> None:
    made, batch = ran
    cell = next(iter(_details(batch)))
    preset = made.root / "presets" / "tiny-i2v.yaml"
    before = preset.read_text()
    preset.write_text(before.replace('"resolution": "72p"', '"resolution": "144p"'))

    try:
        part = made.call("plan", str(batch / "matrix.yaml"), "--cell", cell, "--json")
    finally:
        preset.write_text(before)

    assert [each["cell_id"] for each in part.json["cells"]] == [cell]
    assert part.json["cells"][0]["arguments"]["resolution"] == "72p"
    assert "preset tiny-i2v is not what it was" in " ".join(part.json["warnings"])
