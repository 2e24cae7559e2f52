"""Mistakes in preset files, snapshots and their names: said with the file, and nothing is lost."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.integration.kit import (
    ENDPOINT,
    PRESET,
    SCHEMA,
    SECONDS,
    Called,
    make_project,
)

FLUX = "fal-ai/flux-2"
NO_KEYS = {"FAL_KEY": "", "FAL_API_KEY": "", "FAL_KEY_ID": "", "FAL_KEY_SECRET": ""}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


def call(project: Path, *arguments: str) -> Called:
    """Run `fal-exp` in a project; nobody is there to be asked."""
    given = {**NO_KEYS, "XDG_CACHE_HOME": str(project.parent / "cache")}
    done = warm.call(arguments, cwd=project, env=given, timeout_s=SECONDS)
    assert "Traceback" not in done.stderr
    return Called(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("preset_id", ["../m", "../../evil", ".hidden", "CON", "nul.x", ""])
def test_a_draft_has_an_id_that_is_a_file_name_and_nothing_else_is_written(
    project: Path, preset_id: str
) -> None:
    before = {path: path.read_bytes() for path in project.parent.rglob("*") if path.is_file()}

    said = call(project, "presets", "new", FLUX, "--id", preset_id)

    assert said.code == 2
    assert f"error: {preset_id!r} is not an id: lower-case letters, digits" in said.err
    assert "→ choose another --id, such as my-model" in said.err
    assert before == {path: path.read_bytes() for path in before}
    assert not list(project.parent.rglob("evil*"))


def test_whatever_stands_at_the_place_of_a_draft_is_left_alone(project: Path) -> None:
    (project / "presets" / "mine.yaml").symlink_to(project / "elsewhere.yaml")

    said = call(project, "presets", "new", FLUX, "--id", "mine")

    assert said.code == 2
    assert "mine.yaml is there already" in said.err
    assert not (project / "elsewhere.yaml").exists()


def test_an_endpoint_that_has_a_preset_gets_another_only_by_name(project: Path) -> None:
    said = call(project, "presets", "new", FLUX)
    named = call(project, "presets", "new", FLUX, "--id", "mine")

    assert said.code == 2
    assert "fal-ai/flux-2 has a preset already: flux-2-t2i" in said.err
    assert "→ `fal-exp presets show flux-2-t2i` shows it; for one more, give it an --id" in said.err
    assert named.code == 0
    assert (project / "presets" / "mine.yaml").is_file()


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("fal-ai/none/at-all", "→ ask fal for it once, with --live"),
        ("fal-ai/kling-video/v2.6/pro/video-to-video", "→ use kling-v2-6-pro-motion or kling-o3"),
    ],
)
def test_a_draft_of_an_unknown_endpoint_says_what_this_command_can_do(
    project: Path, endpoint: str, words: str
) -> None:
    said = call(project, "presets", "new", endpoint)

    assert said.code == 2
    assert words in said.err
    assert "--offline" not in said.err


def _write_snapshot(project: Path, **changes: Any) -> None:
    path = project / "presets" / "schemas" / f"{ENDPOINT.replace('/', '__')}.json"
    path.write_text(json.dumps(SCHEMA | changes))


def test_a_reference_in_a_snapshot_is_refused_and_its_address_never_asked(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        _write_snapshot(project, input={"properties": {"prompt": {"$ref": address}}})

        said = call(project, "plan", "m.yaml")

        with pytest.raises(BlockingIOError):
            server.accept()
    assert said.code == 2
    assert (
        "presets/schemas/lab__tiny__image-to-video.json: input.properties.prompt.$ref: references "
        "are not followed; write what it leads to in its place" in said.err
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"paths": 5}, "facts.json: `paths` of an OpenAPI document names an endpoint"),
        ({"paths": {}}, "facts.json: `paths` of an OpenAPI document names an endpoint"),
        (
            {ENDPOINT: {"input": {"properties": None}, "output": {}}},
            f"facts.json: {ENDPOINT}: input.properties: expected fields",
        ),
        (
            {ENDPOINT: {"input": {}, "output": {"pattern": "("}, "source": "x 2026-10-01"}},
            f"facts.json: {ENDPOINT}: output: no JSON Schema: pattern: ",
        ),
    ],
)
def test_a_malformed_file_to_import_is_told_with_the_place(
    project: Path, document: dict[str, Any], words: str
) -> None:
    (project / "facts.json").write_text(json.dumps(document))

    said = call(project, "presets", "import", "facts.json", "--as-of", "2026-10-01")

    assert said.code == 2
    assert words in said.err


def _write_preset(project: Path, **changes: Any) -> None:
    (project / "presets" / "tiny-i2v.yaml").write_text(json.dumps(PRESET | changes, indent=1))


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        (
            {"price": PRESET["price"] | {"rules": [
                {"when": {"resolutoin": "144p"}, "usd": "0.09"}, {"usd": "0.01"}
            ]}},
            "price.rules[0].when.resolutoin",
            "the endpoint has no knob resolutoin; did you mean resolution?",
        ),
        (
            {"price": PRESET["price"] | {"rules": [
                {"when": {"resolution": "144"}, "usd": "0.09"}, {"usd": "0.01"}
            ]}},
            "price.rules[0].when.resolution",
            '"144" is not one of "72p", "144p"',
        ),
        (
            {"output": {"path": "vidoe.url"}},
            "output.path",
            "the endpoint's result has no vidoe; did you mean video?",
        ),
    ],
)  # fmt: skip
def test_what_would_lower_a_price_in_silence_stops_check_and_plan(
    project: Path, changes: dict[str, Any], place: str, words: str
) -> None:
    _write_preset(project, **changes)

    checked, planned = (
        call(project, "presets", "check", "tiny-i2v"),
        call(project, "plan", "m.yaml"),
    )

    assert checked.code == 1
    assert f"wrong: tiny-i2v: {place}: {words}" in checked.out
    assert planned.code == 2
    assert "m.yaml:1: presets[0]: presets/tiny-i2v.yaml:" in planned.err
    assert f": {place}: {words}" in planned.err
