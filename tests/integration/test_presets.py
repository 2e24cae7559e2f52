"""`fal-exp presets` as a person calls it: list, show, new, import, check, also live."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.app import wiring
from fal_experiments.storage.layout import Project
from tests.integration.gate import Answer, Gate
from tests.integration.kit import ENDPOINT, KEY, PRESET, SCHEMA, Bench, make_matrix, make_project

DOCUMENTS = "/schema"
WRONG_ID = "fal-ai/kling-video/v2.6/pro/video-to-video"
SNAPSHOT = f"{ENDPOINT.replace('/', '__')}.json"
FACTS: dict[str, Any] = {
    ENDPOINT: {
        "title": "Tiny",
        "source": "openapi 2026-10-01",
        "input": SCHEMA["input"],
        "output": SCHEMA["output"],
    },
    "lab/new/text-to-video": {
        "source": "openapi 2026-10-02",
        "input": {
            "type": "object",
            "properties": {
                "prompt": {"type": "string"},
                "duration": {"type": "string", "enum": ["5"], "default": "5"},
            },
            "required": ["prompt"],
        },
        "output": {"type": "object", "properties": {"video": {}}},
    },
}


class Desk(Bench):
    """A bench whose program asks for schemas through the gate and keeps copies in the test."""

    def environment(self, key: str | None = KEY) -> dict[str, str]:
        base = self.url or self.gate.url
        cache = str(self.root.parent / "cache")
        more = {"FAL_EXP_SCHEMA_URL": f"{base}{DOCUMENTS}", "XDG_CACHE_HOME": cache}
        return super().environment(key) | more

    def say_of_schemas(self, status: int, body: bytes) -> None:
        """Answer every question for a schema with this."""

        def change(_: str, asked: str, answer: Answer) -> Answer:
            return (status, {}, body) if asked == DOCUMENTS else answer

        self.gate.change_answers(change)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("presets")
    project = make_project(root / "project")
    with ExitStack() as stack:
        options = {"time_scale": 0.0, "render_workers": 1, "key": KEY}
        server = wiring.sandbox_server(Project(project), root / "state", options=options)
        sandbox = stack.enter_context(server)
        gate = stack.enter_context(Gate(sandbox.base_url))
        yield Desk(project, sandbox, gate)


@pytest.fixture
def desk(stand: Desk, tmp_path: Path) -> Iterator[Desk]:
    shutil.rmtree(stand.root.parent / "cache", ignore_errors=True)
    fresh = make_project(tmp_path / "project")
    yield replace(stand, root=fresh, children=stand.children)
    stand.gate.change_answers(None)
    stand.end_children()


def _write(folder: Path, name: str, data: Any) -> str:
    (folder / name).write_text(json.dumps(data))
    return name


def _change_preset(desk: Desk, **changes: Any) -> None:
    _write(desk.root / "presets", "tiny-i2v.yaml", PRESET | changes)


def test_the_list_is_grouped_by_family_and_can_be_narrowed(desk: Desk) -> None:
    whole = desk.call("presets", "list")
    veo = desk.call("presets", "list", "--family", "veo", "--task", "image-to-video", "--json")

    assert whole.code == 0
    assert (
        whole.out.index("\nkling\n")
        < whole.out.index("kling-v3-pro-i2v")
        < whole.out.index("\nveo\n")
    )
    assert "tiny-i2v" in whole.out
    assert {preset["family"] for preset in veo.json} == {"veo"}
    assert "veo-3-1-flf" in {preset["id"] for preset in veo.json}


def test_a_family_that_is_none_is_told_with_those_that_are(desk: Desk) -> None:
    said = desk.call("presets", "list", "--family", "klng")

    assert said.code == 2
    assert "no preset has family klng" in said.err
    assert "kling" in said.err


def test_a_task_that_is_none_is_told_with_those_that_are(desk: Desk) -> None:
    said = desk.call("presets", "list", "--task", "i2v")

    assert said.code == 2
    assert "no preset has task i2v" in said.err
    assert "→ task may be image-to-image, image-to-video, reference-to-video, text-to" in said.err


def test_a_damaged_preset_keeps_no_other_from_the_list(desk: Desk) -> None:
    (desk.root / "presets" / "broken.yaml").write_text("id: broken\nfamly: kling\n")

    said = desk.call("presets", "list", "--family", "veo")

    assert said.code == 1
    assert "veo-3-1-fast-t2v" in said.out
    assert "left out: presets/broken.yaml:1: the field `title` is missing" in said.err


def test_the_list_says_what_its_prices_are_of_and_what_a_retired_one_is_replaced_by(
    desk: Desk,
) -> None:
    said = desk.call("presets", "list", "--family", "sora").out

    assert "sora-2-i2v: retired, use veo-3-1-i2v" in said
    assert "A price is that of 5 s at 720p without sound. (…): what the model makes in pl" in said


def test_a_wrong_id_explains_itself(desk: Desk) -> None:
    said = desk.call("presets", "show", WRONG_ID)
    as_json = desk.call("presets", "show", WRONG_ID, "--json").json

    assert said.code == 0
    assert "never existed" in said.out
    assert "use kling-v2-6-pro-motion or kling-o3-pro-edit" in said.out
    assert as_json["alias"]["use"] == ["kling-v2-6-pro-motion", "kling-o3-pro-edit"]


def test_an_endpoint_shows_its_preset(desk: Desk) -> None:
    said = desk.call("presets", "show", "fal-ai/veo3.1/fast")

    assert said.code == 0
    assert said.out.startswith("veo-3-1-fast-t2v · Veo 3.1 Fast")


def test_a_retired_preset_shows_since_when_why_and_what_instead(desk: Desk) -> None:
    said = desk.call("presets", "show", "sora-2-t2v").out

    assert "status: OpenAI closed the Sora API on 2026-09-24" in said
    assert "use instead: veo-3-1-t2v" in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (WRONG_ID, ["m.yaml:", "presets[0]", "never existed", "use kling-v2-6-pro-motion"]),
        ("fal-ai/veo3.1/fast", ["presets[0]", "is an endpoint", "write veo-3-1-fast-t2v"]),
        ("veo3.1", ["fal-ai/veo3.1 needs the prefix fal-ai/", "write veo-3-1-t2v"]),
        ("kling-v3-pro-i2w", ["there is no preset", "did you mean kling-v3-pro-i2v?"]),
        ("../../secret", ["there is no preset ../../secret"]),
        ("kling", ["kling is a family of presets", "→ `fal-exp presets list --family kling`"]),
        ("veo-3-i2v", ["did you mean veo-3-1-i2v, veo-3-1-fast-i2v or veo-3-1-lite-i2v?"]),
        (
            "fal-ai/sora-2/image-to-video",
            ["is an endpoint, and its preset sora-2-i2v is retired: OpenAI", "→ use veo-3-1-i2v"],
        ),
        ("sora-2-i2v", ["sora-2-i2v is retired: OpenAI closed", "use veo-3-1-i2v"]),
    ],
)
def test_a_matrix_that_names_no_preset_is_told_which_one_is_meant(
    desk: Desk, name: str, words: list[str]
) -> None:
    make_matrix(desk.root, "m", presets=[name])

    said = desk.call("plan", "m.yaml")

    assert said.code == 2
    assert all(part in said.err for part in words), said.err


def test_all_wrong_presets_of_a_matrix_are_told_at_once(desk: Desk) -> None:
    make_matrix(desk.root, "m", presets=["tiny-i2w", "tiny-i2v", "kling"])

    said = desk.call("plan", "m.yaml")

    assert said.code == 2
    assert "presets[0]: there is no preset tiny-i2w; did you mean tiny-i2v? → `fal-exp" in said.err
    assert "presets[2]: kling is a family of presets" in said.err


def test_an_imported_snapshot_is_enough_for_a_draft_that_passes_it(desk: Desk) -> None:
    _write(desk.root, "facts.json", FACTS)
    endpoint = "lab/new/text-to-video"
    desk.call("presets", "import", "facts.json", "--endpoint", endpoint)

    drafted = desk.call("presets", "new", endpoint, "--id", "mine", "--json")

    assert drafted.code == 0, drafted.err
    assert drafted.json["todo"] == ["price: unknown; until it is here a budget blocks this preset"]
    assert desk.call("presets", "check", "mine").code == 0
    assert desk.call("presets", "show", endpoint).out.startswith("mine · ")


def test_a_draft_of_a_known_endpoint_says_what_is_left_to_do(desk: Desk) -> None:
    first = desk.call("presets", "new", ENDPOINT, "--id", "mine")
    before = (desk.root / "presets" / "mine.yaml").read_text()
    second = desk.call("presets", "new", ENDPOINT, "--id", "mine")

    assert first.code == 0
    assert "to do: price: unknown" in first.out
    assert desk.call("presets", "check", "mine").code == 0
    assert second.code == 2
    assert "there is a preset mine already" in second.err
    assert (desk.root / "presets" / "mine.yaml").read_text() == before


def test_a_live_draft_brings_its_snapshot(desk: Desk) -> None:
    for path in (desk.root / "presets").rglob("*tiny*"):
        path.unlink()

    said = desk.call("presets", "new", ENDPOINT, "--live")

    assert said.code == 0, said.err
    assert "schema: live" in said.out
    assert (desk.root / "presets" / "schemas" / SNAPSHOT).is_file()
    assert desk.call("presets", "check", "lab-tiny-i2v").code == 0


def test_importing_twice_changes_no_byte(desk: Desk) -> None:
    _write(desk.root, "facts.json", FACTS)
    path = desk.root / "presets" / "schemas" / SNAPSHOT

    first = desk.call("presets", "import", "facts.json", "--endpoint", ENDPOINT, "--json").json
    written = path.read_bytes()
    second = desk.call("presets", "import", "facts.json", "--endpoint", ENDPOINT, "--json").json

    assert (first["written"], second["unchanged"]) == ([ENDPOINT], [ENDPOINT])
    assert path.read_bytes() == written
    assert json.loads(written)["as_of"] == "2026-10-01"


def test_by_default_only_endpoints_of_presets_are_imported(desk: Desk) -> None:
    _write(desk.root, "facts.json", FACTS)

    said = desk.call("presets", "import", "facts.json")

    assert said.out.splitlines()[0] == f"written: {ENDPOINT}"
    assert "note: no file speaks of fal-ai/veo3.1; its snapshot stays as it is" in said.err


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("{", (), "not JSON"),
        ("[]", (), "expected an object of endpoint → facts"),
        (json.dumps(FACTS), ("--endpoint", "lab/nw/text-to-video"), "did you mean lab/new/text-to"),
        (json.dumps({"paths": {f"/{ENDPOINT}": {}}}), (), "add --as-of"),
        (json.dumps({"paths": {"/x/y": {}}}), ("--as-of", "2026-11-01"), "no body of its POST"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(
    desk: Desk, content: str, options: tuple[str, ...], words: str
) -> None:
    (desk.root / "facts.json").write_text(content)
    before = (desk.root / "presets" / "schemas" / SNAPSHOT).read_bytes()

    said = desk.call("presets", "import", "facts.json", *options)

    assert said.code == 2
    assert words in said.err
    assert (desk.root / "presets" / "schemas" / SNAPSHOT).read_bytes() == before


def test_the_check_of_all_presets_finds_nothing_wrong(desk: Desk) -> None:
    said = desk.call("presets", "check")

    assert said.code == 0, said.out
    assert "0 faults" in said.out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arguments": {"duration": 1}}, "it is text there"),
        ({"arguments": {"size": "big"}}, "size: the endpoint has no such knob"),
        ({"status": "retired", "successor": "nobody"}, "there is no preset nobody"),
        ({"seed": {"support": "none"}}, "seed: the endpoint has a seed knob"),
        ({"facts": {"a": {"source": "x", "as_of": "lately"}}}, "facts.a: 'lately' is no date"),
        ({"famly": "kling"}, "did you mean family?"),
    ],
)
def test_a_preset_that_says_something_wrong_fails_the_check(
    desk: Desk, changes: dict[str, Any], words: str
) -> None:
    _change_preset(desk, **changes)

    said = desk.call("presets", "check", "tiny-i2v")

    assert said.code == 1
    assert any(
        line.startswith("wrong: tiny-i2v: ") and words in line for line in said.out.splitlines()
    )


def test_an_alias_that_leads_nowhere_fails_the_check(desk: Desk) -> None:
    (desk.root / "presets" / "aliases").mkdir()
    alias = {"id": "a/b", "truth": "x", "use": ["nobody"], "source": "y", "as_of": "2026-08-02"}
    _write(desk.root / "presets" / "aliases", "mine.yaml", {"aliases": [alias]})

    said = desk.call("presets", "check", "--json")

    assert said.code == 1
    assert said.json["findings"][0] == {
        "about": "a/b", "what": "use: there is no preset nobody", "is_advice": False,
    }  # fmt: skip


def test_live_nothing_has_changed(desk: Desk) -> None:
    said = desk.call("presets", "check", "tiny-i2v", "--live")

    assert (said.code, said.out) == (0, "1 preset looked at: 0 faults, 0 advice\n")


def test_live_changes_are_told_and_what_breaks_requests_is_a_fault(desk: Desk) -> None:
    document = _document(desk)
    text = document.replace('"144p"', '"288p"').replace('"maxLength": 500', '"maxLength": 400')
    desk.say_of_schemas(200, text.encode())

    said = desk.call("presets", "check", "tiny-i2v", "--live")

    assert said.code == 1
    assert 'wrong: tiny-i2v: resolution: values gone: "144p"' in said.out
    assert 'advice: tiny-i2v: resolution: values added: "288p"' in said.out
    assert "advice: tiny-i2v: prompt: range was" in said.out


def test_an_endpoint_that_is_gone_asks_for_retirement(desk: Desk) -> None:
    desk.say_of_schemas(404, b"null")

    said = desk.call("presets", "check", "tiny-i2v", "--live")

    assert said.code == 1
    assert "wrong: tiny-i2v: fal does not know the endpoint: set status: retired" in said.out


def test_a_schema_that_cannot_be_fetched_is_told_and_the_snapshot_stays(desk: Desk) -> None:
    snapshot = (desk.root / "presets" / "schemas" / SNAPSHOT).read_bytes()
    down = replace(desk, url="http://127.0.0.1:9")

    said = down.call("presets", "check", "tiny-i2v", "--live")

    assert said.code == 0
    assert (
        "advice: tiny-i2v: its schema could not be fetched; the snapshot of 2026-11-20" in said.out
    )
    assert "note: " in said.err
    assert (desk.root / "presets" / "schemas" / SNAPSHOT).read_bytes() == snapshot


def test_a_refused_key_keeps_nothing_else_from_being_checked(desk: Desk) -> None:
    _change_preset(desk, arguments={"duration": "1", "size": "big"})
    document = _document(desk).replace('"144p"', '"288p"')
    desk.say_of_schemas(200, document.encode())

    said = desk.call("presets", "check", "tiny-i2v", "--live", key="wrong:key")

    assert said.code == 1
    assert "wrong: tiny-i2v: a whole request is refused: size: the endpoint has no su" in said.out
    assert 'wrong: tiny-i2v: resolution: values gone: "144p"' in said.out
    assert said.err.count("unit prices were not compared") == 1


def test_another_unit_price_is_a_fault(desk: Desk) -> None:
    _change_preset(desk, price=PRESET["price"] | {"unit_price_usd": "0.5"})

    said = desk.call("presets", "check", "tiny-i2v", "--live")

    assert said.code == 1
    assert "wrong: tiny-i2v: price: the unit price was 0.5 USD, it is 0.01" in said.out


def _document(desk: Desk) -> str:
    said = desk.call("models", "schema", ENDPOINT, "--format", "openapi")
    assert said.code == 0, said.err
    return said.out
