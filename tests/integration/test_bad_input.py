"""Each mistake gets one clear error with its place and its mend; nothing is sent or written."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.kit import MATRIX, PRESET, Bench, bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("bad")) as made:
        (made.root / "text.png").write_text("not an image")
        (made.root / "front.md").write_text("---\nid: walk\n---\nHe walks.\n")
        yield made


def _matrix(made: Bench, text: str | None = None, **changes: Any) -> str:
    content = text if text is not None else json.dumps(MATRIX | changes, indent=1)
    (made.root / "bad.yaml").write_text(content)
    return "bad.yaml"


def _files(made: Bench) -> set[Path]:
    return set(made.root.rglob("*"))


PROMPTS = MATRIX["prompts"]
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown preset": (
        {"presets": ["tiny-i2"]},
        "bad.yaml:15: presets[0]: there is no preset tiny-i2; did you mean tiny-i2v?",
    ),
    "a missing prompt file": (
        {"prompts": [{"file": "fornt.md"}]},
        "bad.yaml:5: prompts[0]: fornt.md: there is no such file; did you mean front.md?",
    ),
    "a missing image": (
        {"inputs": [{"id": "plate", "image": "plat.png"}]},
        "bad.yaml:21: inputs[0].image: plat.png: there is no such file",
    ),
    "an address without a host": (
        {"inputs": [{"id": "plate", "image": "https://"}]},
        "bad.yaml:21: inputs[0].image: https:// is neither a path nor an http(s) address",
    ),
    "an image that is none": (
        {"inputs": [{"id": "plate", "image": "text.png"}]},
        "bad.yaml:21: inputs[0].image: text.png: not a usable image",
    ),
    "an image outside the project": (
        {"inputs": [{"id": "plate", "image": "../plate.png"}]},
        "bad.yaml:21: inputs[0].image: ../plate.png lies outside the project",
    ),
    "a knob that no preset has": (
        {"axes": {"sead": [1]}},
        "bad.yaml:28: axes.sead: no preset of this matrix has this knob; did you mean seed?",
    ),
    "a value outside the enum": (
        {"axes": {"resolution": ["100p"]}, "on_mismatch": "error"},
        "bad.yaml:24: hold: preset tiny-i2v cannot meet this: resolution 100p → 72p",
    ),
    "a value of a knob that the endpoint refuses": (
        {"axes": {"seed": [1]}},
        "bad.yaml:28: axes.seed: seed has a field of its own",
    ),
    "no prompts": ({"prompts": []}, "bad.yaml:4: prompts: expected at least 1, found none"),
    "everything excluded": (
        {"exclude": [{"preset": "tiny-i2v", "reason": "x"}]},
        "bad.yaml: no cell of the matrix can run",
    ),
    "an exclude rule that hits nothing": (
        {"exclude": [{"preset": "tiny", "reason": "x"}]},
        'bad.yaml:28: exclude[0]: the rule (preset: ["tiny"]) leaves nothing out',
    ),
    "the same prompt id twice": (
        {"prompts": [PROMPTS[0], PROMPTS[0]]},
        "bad.yaml:9: prompts[1]: the id walk stands twice",
    ),
    "the same prompt id in a file": (
        {"prompts": [PROMPTS[0], {"file": "front.md"}]},
        "bad.yaml:9: prompts[1]: the id walk stands twice (the matrix and front.md)",
    ),
    "the same preset twice": (
        {"presets": ["tiny-i2v", "tiny-i2v"]},
        "bad.yaml:16: presets[1]: the id tiny-i2v stands twice",
    ),
    "the same seed twice": ({"seeds": [1, 1]}, "bad.yaml:17: seeds: seed 1 stands twice"),
    "a budget too small for one cell": (
        {"budget": {"max_usd": "0.001"}},
        "bad.yaml:28: budget.max_usd: $0.001 is less than the cheapest cell may cost ($0.02",
    ),
    "an unknown field": (
        {"sedds": 1},
        "bad.yaml:27: sedds: there is no such field; did you mean seeds?",
    ),
    "media outside the project": (
        {"media_dir": "../elsewhere"},
        "bad.yaml:27: media_dir: ../elsewhere leads out of the project",
    ),
    "a task that the presets do not do": (
        {"task": "text-to-video"},
        "bad.yaml:15: presets[0]: tiny-i2v does image-to-video, and no prompt has that task",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_matrix_with(made: Bench, case: str) -> None:
    changes, message = CASES[case]
    matrix = _matrix(made, **changes)
    before, posts = _files(made), made.posts()

    called = made.call("run", matrix, "--yes", "--json")

    error = called.json["error"]
    assert called.code == error["exit_code"] == 2
    assert error["message"].startswith(message)
    assert _files(made) == before
    assert made.posts() == posts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nhold: {aspect_ratio: 16:9}\n", "bad.yaml:2: unquoted 16:9"),
        ("name: x\nstrict: yes\n", "bad.yaml:2: yes could mean"),
        ("name: x\nname: y\n", "bad.yaml:2: the key 'name' stands here and on line 1"),
        ("name: [x\n", "bad.yaml:2: not valid YAML"),
        ("", "bad.yaml: the file is empty"),
        ("- a\n- b\n", "bad.yaml:1: expected fields"),
    ],
)
def test_a_file_that_is_no_matrix(made: Bench, text: str, message: str) -> None:
    called = made.call("plan", _matrix(made, text), "--json")

    assert called.code == 2
    assert called.json["error"]["message"].startswith(message)


def test_a_preset_file_with_a_typo_names_file_line_and_the_nearest_field(made: Bench) -> None:
    path = made.root / "presets" / "odd.yaml"
    path.write_text(json.dumps(PRESET | {"id": "odd", "titel": "Odd"}, indent=1))

    called = made.call("plan", _matrix(made, presets=["odd"]), "--json")
    path.unlink()

    assert "presets/odd.yaml:" in called.json["error"]["message"]
    assert "titel: there is no such field; did you mean title?" in called.json["error"]["message"]


def test_a_preset_whose_own_argument_is_refused_by_the_schema(made: Bench) -> None:
    path = made.root / "presets" / "odd.yaml"
    wrong = {"duration": 1, "resolution": "72p", "sed": 3}
    path.write_text(json.dumps(PRESET | {"id": "odd", "arguments": wrong}))

    called = made.call("plan", _matrix(made, presets=["odd"]), "--json")
    path.unlink()

    message = called.json["error"]["message"]
    assert 'duration: 1 is not one of "1"; it is text there: write "1"' in message
    assert "sed: the endpoint has no such knob; did you mean seed?" in message


def test_a_matrix_that_does_not_exist_names_what_is_near(made: Bench) -> None:
    called = made.call("run", "n.yaml", "--json")

    assert called.json["error"]["message"] == "n.yaml: there is no such file; did you mean m.yaml?"


def test_no_key_says_where_one_is_looked_for_and_that_the_sandbox_needs_none(made: Bench) -> None:
    called = made.call("run", "m.yaml", "--yes", "--json", key=None)

    assert called.code == 2
    assert "no fal key was found (FAL_KEY)" in called.json["error"]["message"]
    assert "--sandbox needs none" in called.json["error"]["fix"]


def test_a_wrong_key_is_found_out_before_anything_is_submitted(made: Bench) -> None:
    before, posts = _files(made), made.posts()

    called = made.call("run", "m.yaml", "--yes", "--json", key="wrong:s3cret-never-shown")

    assert called.code == 2
    assert "fal refuses the key (HTTP 401)" in called.json["error"]["message"]
    assert "s3cret-never-shown" not in called.out + called.err
    assert made.posts() == posts
    assert {path for path in _files(made) - before if path.is_file()} == set()


def test_a_folder_that_cannot_be_written_is_found_out_before_anything_is_submitted(
    made: Bench,
) -> None:
    posts = made.posts()
    (made.root / "blocked").write_text("a file where a folder should go")

    called = made.call("run", _matrix(made, media_dir="blocked/clips"), "--yes", "--json")

    assert called.code == 2
    message = called.json["error"]["message"]
    assert "blocked/clips: cannot be written: Not a directory" in message
    assert "nothing was submitted" in message
    assert made.posts() == posts


def test_without_a_terminal_and_without_yes_a_paid_run_refuses(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate answers without the sandbox's mark: to the program it is the real service."""
    made.gate.hide_the_sandbox = True
    posts = made.posts()

    called = made.call("run", "m.yaml", "--json")
    made.gate.hide_the_sandbox = False

    assert called.code == 2
    assert called.json["error"]["message"].startswith("this may cost up to $0.12")
    assert "--yes" in called.json["error"]["fix"]
    assert made.posts() == posts
    assert os.environ.get("FAL_KEY") is None
    del monkeypatch


def test_max_usd_lowers_the_cap_and_never_raises_it(made: Bench) -> None:
    matrix = _matrix(made, budget={"max_usd": "0.05"})

    raised = made.call("plan", matrix, "--max-usd", "1", "--json")
    lowered = made.call("plan", matrix, "--max-usd", "0.03", "--json")

    assert (
        "--max-usd 1 is above the matrix's own budget.max_usd 0.05"
        in (raised.json["error"]["message"])
    )
    assert lowered.json["spec"]["budget"]["max_usd"] == "0.03"


def test_a_command_that_does_not_exist_is_a_usage_error(made: Bench) -> None:
    called = made.call("rnu")

    assert called.code == 2
    assert "run" in called.err
