"""What fal drops, or refuses once it is sent, the tool refuses before: both, side by side."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.app import wiring
from fal_experiments.core.schema import schema_file_name
from fal_experiments.storage.layout import Project
from tests.integration.gate import Gate
from tests.integration.kit import MATRIX, PRESET, SCHEMA, Bench, Called, make_project
from tests.sandbox.lab import Lab, picture
from tests.sandbox.test_results import file_of

ENDPOINT = "lab/strict/image-to-video"
KEY = "sandbox:local"
SHOTS = [{"prompt": "He walks.", "duration": "1"}]

# like Kling v2.6: the picture goes to start_image_url, which may be left out; there is no seed
STRICT = PRESET | {
    "id": "strict-i2v",
    "endpoint": ENDPOINT,
    "arguments": {"duration": "1", "resolution": "72p", "steps": 5, "length": 5, "mode": "calm"},
    "inputs": {"image": "start_image_url"},
    "seed": {"support": "none"},
}
_PICTURE = {"type": "string", "format": "uri", "x-fal": {"min_width": 64, "min_height": 48}}
_SHOT = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "duration": {"type": "string", "enum": ["1"]}},
    "required": ["prompt"],
}
STRICT_SCHEMA = SCHEMA | {
    "endpoint": ENDPOINT,
    "input": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "multi_prompt": {"type": "array", "items": _SHOT, "nullable": True},
            "start_image_url": _PICTURE,
            "duration": {"type": "string", "enum": ["1"], "default": "1"},
            "resolution": {"type": "string", "enum": ["72p"], "default": "72p"},
            "mode": {"type": "string", "enum": ["calm", "lively"], "default": "calm"},
            "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 5},
            "length": {"type": "integer", "enum": [5, 10], "default": 5},
        },
        "required": [],
    },
    "constraints": [{"rule": "exactly_one_of", "fields": ["prompt", "multi_prompt"]}],
}
# the same but for one more mode, so that a matrix may name it
LOOSE_ENDPOINT = "lab/loose/image-to-video"
LOOSE = STRICT | {"id": "loose-i2v", "endpoint": LOOSE_ENDPOINT}
LOOSE_SCHEMA = json.loads(
    json.dumps(STRICT_SCHEMA | {"endpoint": LOOSE_ENDPOINT}).replace('"lively"', '"lively", "wild"')
)


@dataclass(frozen=True)
class Both:
    """The sandbox, asked directly, and the tool in front of it."""

    lab: Lab
    bench: Bench

    def plan(self, **changes: Any) -> Called:
        """Plan a matrix of one prompt and the strict preset; nothing may be sent for it."""
        one = {"presets": ["strict-i2v"], "prompts": MATRIX["prompts"][:1], "seeds": 1}
        (self.bench.root / "strict.yaml").write_text(json.dumps(MATRIX | one | changes, indent=1))
        posts = self.bench.posts()
        called = self.bench.call("plan", "strict.yaml", "--json", key=KEY)
        assert self.bench.posts() == posts
        return called

    def unsupported(self, **changes: Any) -> list[str]:
        """Return why cells of a plan cannot run, while others can."""
        called = self.plan(**changes)
        assert called.code == 0, called.out
        assert called.json["cells"]
        return [cell["reason"] for cell in called.json["left_out"]]

    def words(self, **changes: Any) -> str:
        """Return what the tool says of a matrix that it refuses as bad input."""
        called = self.plan(**changes)
        assert called.code == 2, called.out
        message: str = called.json["error"]["message"]
        return message

    def refusal(self, **arguments: Any) -> dict[str, Any]:
        """Return the one entry of the 422 that a direct request ends in, once it was accepted."""
        answer = self.lab.post(ENDPOINT, arguments)
        assert answer.status_code == 200, "the queue looks at nothing"
        result = self.lab.result(answer.json())
        assert result.status_code == 422
        (item,) = result.json()["detail"]
        found: dict[str, Any] = item
        return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    base = tmp_path_factory.mktemp("strict")
    root = make_project(base / "project")
    for preset, schema in ((STRICT, STRICT_SCHEMA), (LOOSE, LOOSE_SCHEMA)):
        add_preset(root, preset)
        name = schema_file_name(preset["endpoint"])
        (root / "presets" / "schemas" / name).write_text(json.dumps(schema))
    (root / "small.png").write_bytes(picture(40, 30))
    quick = {"time_scale": 0.0, "render_workers": 1}
    with (
        wiring.sandbox_server(Project(root), base / "state", options=quick) as sandbox,
        Gate(sandbox.base_url) as gate,
    ):
        lab, bench = Lab(sandbox), Bench(root, sandbox, gate, sandbox.base_url)
        yield Both(lab, bench)
        bench.end_children()
        lab.close()


def add_preset(root: Path, preset: dict[str, Any]) -> Path:
    """Write a preset into the project; returns its file."""
    path = root / "presets" / f"{preset['id']}.yaml"
    path.write_text(json.dumps(preset, indent=1))
    return path


def test_the_sandbox_drops_what_the_endpoint_does_not_have_without_a_word(both: Both) -> None:
    address = both.lab.upload(picture())
    shot = SHOTS[0] | {"camera": "locked"}

    plain = both.lab.make(ENDPOINT, prompt="He walks.")
    more = both.lab.make(ENDPOINT, prompt="He walks.", image_url=address, seed=7, cfg_scale=0.3)
    nested = both.lab.make(ENDPOINT, multi_prompt=[shot])

    assert (plain.status_code, more.status_code, nested.status_code) == (200, 200, 200)
    assert file_of(more) == file_of(plain), "neither picture nor seed has made a difference"
    assert file_of(nested) == file_of(both.lab.make(ENDPOINT, multi_prompt=SHOTS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"axes": {"image_url": ["https://files.invalid/a.png"]}},
            "axes.image_url: no preset of this matrix has this knob; did you mean start_image_url?",
        ),
        ({"axes": {"seed": [7]}}, "axes.seed: seed has a field of its own"),
        (
            {"axes": {"cfg_scale": [0.3]}},
            "axes.cfg_scale: no preset of this matrix has this knob",
        ),
    ],
)
def test_the_tool_refuses_an_axis_that_would_be_dropped(
    both: Both, changes: dict[str, Any], words: str
) -> None:
    assert words in both.words(**changes)


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        (
            {"arguments": {"image_url": "https://files.invalid/a.png"}},
            "image_url: the endpoint has no such knob; did you mean start_image_url?",
        ),
        ({"arguments": {"seed": 7}}, "seed: the endpoint has no such knob"),
        (
            {"inputs": {"image": "image_url"}},
            "image_url: the endpoint has no such knob; did you mean start_image_url?",
        ),
    ],
)
def test_the_tool_refuses_a_preset_that_sends_what_would_be_dropped(
    both: Both, preset: dict[str, Any], words: str
) -> None:
    path = add_preset(both.bench.root, STRICT | {"id": "odd"} | preset)

    said = both.words(presets=["odd"])
    path.unlink()

    assert words in said


def test_the_tool_sends_no_seed_to_a_model_that_has_none(both: Both) -> None:
    cells = both.plan(seeds="1-3").json["cells"]

    assert [cell["seed_sent"] for cell in cells] == [None] * 3
    assert all("seed" not in cell["arguments"] for cell in cells)


def test_a_value_outside_the_enum(both: Both) -> None:
    item = both.refusal(prompt="He walks.", mode="wild")

    assert (item["type"], item["loc"]) == ("literal_error", ["body", "mode"])
    words = 'mode: "wild" is not one of "calm", "lively"'
    assert f'axes.mode[1]: strict-i2v refuses "wild": {words}' in both.words(
        axes={"mode": ["calm", "wild"]}
    )
    presets = ["strict-i2v", "loose-i2v"]
    assert both.unsupported(presets=presets, axes={"mode": ["calm", "wild"]}) == [words]


def test_a_prompt_together_with_shots(both: Both) -> None:
    item = both.refusal(prompt="He walks.", multi_prompt=SHOTS)

    assert (item["type"], item["loc"]) == ("value_error", ["body"])
    (reason,) = both.unsupported(axes={"multi_prompt": [[], SHOTS]})
    words = "exactly one of prompt, multi_prompt may be given, found prompt and multi_prompt"
    assert reason == words
    assert item["msg"].endswith(words)


def test_a_picture_that_is_too_small(both: Both) -> None:
    item = both.refusal(prompt="He walks.", start_image_url=both.lab.upload(picture(40, 30)))

    assert (item["type"], item["loc"]) == ("image_too_small", ["body", "start_image_url"])
    assert item["ctx"] == {"min_width": 64, "min_height": 48}
    inputs = [{"id": "plate", "image": "plate.png"}, {"id": "small", "image": "small.png"}]
    (reason,) = both.unsupported(inputs=inputs)
    assert "small.png: width is 40 px, the endpoint asks for at least 64 px" in reason


def test_text_in_place_of_a_plain_number_is_read_by_the_sandbox_and_refused_by_the_tool(
    both: Both,
) -> None:
    as_text = both.lab.make(ENDPOINT, prompt="He walks.", steps="7")
    as_number = both.lab.make(ENDPOINT, prompt="He walks.", steps=7)

    assert file_of(as_text) == file_of(as_number)
    assert both.refusal(prompt="He walks.", steps="seven")["type"] == "int_parsing"
    assert 'steps: "7" is not of type "integer"' in both.words(axes={"steps": [7, "7"]})


def test_text_in_place_of_a_listed_number_is_refused_by_both(both: Both) -> None:
    item = both.refusal(prompt="He walks.", length="5")

    assert (item["type"], item["msg"]) == ("literal_error", "Input should be 5 or 10")
    assert 'length: "5" is not one of 5, 10' in both.words(axes={"length": [5, "5"]})


def test_what_the_tool_plans_is_taken_and_completes(both: Both) -> None:
    both.plan()

    called = both.bench.call(
        "run", "strict.yaml", "--yes", "--no-render", "--no-report", "--json", key=KEY
    )

    assert called.code == 0, called.err
    assert set(both.bench.cells().values()) == {"done"}
