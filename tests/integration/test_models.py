"""`fal-exp models` against the sandbox: live, from copies, from snapshots, and lied to."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.app import wiring
from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.strict_yaml import load
from fal_experiments.storage.layout import Project
from tests.integration.gate import Answer, Gate
from tests.integration.kit import (
    ENDPOINT,
    KEY,
    MATRIX,
    PRESET,
    SCHEMA,
    SECONDS,
    Bench,
    make_project,
)
from tests.unit.core.documents import ref

MANY = 60
"""Endpoints beyond the tiny one: more than a page."""
MODELS, PRICES, DOCUMENTS = "/api/v1/models", "/api/v1/models/pricing", "/schema"
HTML = b"<!doctype html><title>Sign in</title>"


class Desk(Bench):
    """A bench whose program keeps its copies in a folder of the test."""

    def environment(self, key: str | None = KEY) -> dict[str, str]:
        base = self.url or self.gate.url
        more = {"FAL_EXP_SCHEMA_URL": f"{base}{DOCUMENTS}", "XDG_CACHE_HOME": str(self.cache)}
        return super().environment(key) | more

    @property
    def cache(self) -> Path:
        return self.root.parent / "cache"

    def forget(self) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)

    def lie(self, path: str, body: bytes, status: int = 200) -> None:
        """Answer everything below a path with these bytes."""

        def change(_: str, asked: str, answer: Answer) -> Answer:
            return (status, {}, body) if asked == path else answer

        self.gate.change_answers(change)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("models")
    project = make_project(root / "project")
    for n in range(MANY):
        many = {"id": f"many-{n:02}", "endpoint": f"lab/many/n{n:02}", "title": f"Many {n:02}"}
        (project / "presets" / f"many-{n:02}.yaml").write_text(json.dumps(PRESET | many))
    with ExitStack() as stack:
        options = {"time_scale": 0.0, "render_workers": 1, "key": KEY}
        server = wiring.sandbox_server(Project(project), root / "state", options=options)
        sandbox = stack.enter_context(server)
        gate = stack.enter_context(Gate(sandbox.base_url))
        yield Desk(project, sandbox, gate)


@pytest.fixture
def desk(stand: Desk) -> Iterator[Desk]:
    stand.forget()
    stand.gate.seen.clear()
    yield stand
    stand.gate.change_answers(None)
    stand.end_children()


@pytest.fixture
def down(desk: Desk) -> Desk:
    """The same program, pointed at a port where nobody listens."""
    return replace(desk, url="http://127.0.0.1:9")


def asked(desk: Desk, path: str) -> int:
    return sum(seen == path for _, seen in desk.gate.seen)


def endpoints(called: Any) -> list[str]:
    return [model["endpoint_id"] for model in called.json["models"]]


def ids(called: Any) -> list[str]:
    return [model["endpoint"] for model in called.json["models"]]


def test_a_search_follows_the_pages(desk: Desk) -> None:
    found = desk.call("models", "search", "lab", "many", "--limit", str(MANY), "--json")

    assert found.code == 0
    assert ids(found) == [f"lab/many/n{n:02}" for n in range(MANY)]
    assert asked(desk, MODELS) == 2
    assert not found.json["has_more"]
    assert found.json["models"][0]["presets"] == ["many-00"]


def test_a_search_says_how_many_where_and_when(desk: Desk) -> None:
    found = desk.call("models", "search", "many", "--category", "image-to-video", "--limit", "2")

    assert found.code == 0
    assert "lab/many/n00  Many 00  image-to-video  active  many-00" in found.out
    assert "2 models; there are more: --limit" in found.out
    assert f"UTC, {desk.gate.url}{MODELS}" in found.out
    assert found.err == ""


def test_a_search_without_a_hit_is_no_failure(desk: Desk) -> None:
    found = desk.call("models", "search", "no", "such", "thing")

    assert (found.code, found.out) == (0, "no model fits\n")


def test_a_key_is_neither_needed_nor_shown_to_public_questions(desk: Desk) -> None:
    """The sandbox refuses a wrong key wherever one is sent."""
    wrong = "wrong-id:wrong-secret-0815"
    for key in (None, wrong):
        assert desk.call("models", "search", "tiny", key=key).code == 0
        assert desk.call("models", "schema", ENDPOINT, key=key).code == 0
        shown = desk.call("models", "show", ENDPOINT, key=key)
        assert shown.code == 0
        assert "unit price: unknown" in shown.out
    refused = desk.call("models", "pricing", ENDPOINT, key=wrong)
    assert refused.code == 2
    assert "refuses the key (HTTP 401)" in refused.err


def test_the_whole_of_one_model_is_shown_with_its_sources(desk: Desk) -> None:
    shown = desk.call("models", "show", ENDPOINT)

    assert shown.code == 0
    assert shown.out.startswith(f"{ENDPOINT} · Tiny · image to video\nimage-to-video · active")
    assert "prompt      required  string   –        at most 500 characters" in shown.out
    assert "unit price: 0.01 USD a unit (seconds)" in shown.out
    assert "preset tiny-i2v: $0.01 … 0.02 a second (2026-11-20)" in shown.out
    assert shown.out.count(" live ") == 3
    card = desk.call("models", "show", ENDPOINT, "--json").json
    assert card["knobs"]["resolution"]["values"] == ["72p", "144p"]
    assert (card["price"]["unit_price"], card["price"]["unit"]) == ("0.01", "seconds")
    assert card["model"]["seen"]["kind"] == card["schema"]["seen"]["kind"] == "live"


def test_the_address_of_a_models_page_will_do(desk: Desk) -> None:
    assert desk.call("models", "schema", f"https://fal.ai/models/{ENDPOINT}").code == 0


def test_a_schema_has_three_forms(desk: Desk) -> None:
    whole = desk.call("models", "schema", ENDPOINT, "--format", "openapi")
    compact = desk.call("models", "schema", ENDPOINT, "--format", "compact")
    lines = desk.call("models", "schema", ENDPOINT)

    assert whole.json["info"]["x-fal-metadata"]["endpointId"] == ENDPOINT
    assert compact.json["prompt"] == {
        "type": "string",
        "required": True,
        "range": {"maxLength": 500},
    }
    assert "# live, " in whole.err
    assert "# live, " in compact.err
    assert "# live, " in lines.out


def test_the_lines_for_a_matrix_are_lines_of_a_matrix(desk: Desk) -> None:
    lines = desk.call("models", "schema", ENDPOINT).out

    axes = load(lines, "pasted").data["axes"]
    assert axes == {"duration": [1], "resolution": ["72p", "144p"]}
    matrix = load(json.dumps({**MATRIX, "hold": {}, "axes": axes}), "m.yaml")
    assert read_matrix(matrix).axes["resolution"] == ("72p", "144p")


def test_prices_come_one_by_one_and_a_missing_one_is_unknown(desk: Desk) -> None:
    priced = desk.call("models", "pricing", ENDPOINT, "lab/none/at-all")
    as_json = desk.call("models", "pricing", ENDPOINT, "lab/none/at-all", "--json").json

    assert priced.code == 0
    assert asked(desk, PRICES) == 4
    assert "lab/none/at-all          unknown  unknown  unknown" in priced.out
    assert "a unit price is what one billable unit costs" in priced.err
    assert [line["unit_price"] for line in as_json["prices"]] == ["0.01", None]


def test_without_a_key_the_presets_rate_is_shown_and_the_price_is_unknown(desk: Desk) -> None:
    priced = desk.call("models", "pricing", ENDPOINT, key=None)

    assert priced.code == 0
    assert "unknown" in priced.out
    assert "$0.01 … 0.02 a second" in priced.out
    assert "no fal key was found" in priced.err


@pytest.mark.parametrize("command", ["schema", "show"])
def test_an_unknown_id_names_the_nearest(desk: Desk, command: str) -> None:
    called = desk.call("models", command, "lab/tiny/image-to-vidoe")

    assert called.code == 2
    assert f"is not known to fal; did you mean {ENDPOINT}" in called.err
    assert "`fal-exp models search tiny` lists what there is" in called.err
    assert called.out == ""


def test_a_preset_stands_for_its_endpoint(desk: Desk) -> None:
    called = desk.call("models", "schema", "tiny-i2v", "--offline")

    assert called.code == 0
    assert called.out.startswith(f"# {ENDPOINT}\n# snapshot, 2026-11-20")


def test_a_search_without_asking_says_that_only_copies_were_looked_at(desk: Desk) -> None:
    called = desk.call("models", "search", "nothing-of-the-kind", "--offline")

    assert called.out == (
        "no model fits: none in the dated copies; without --offline fal itself is asked\n"
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("../../etc/passwd", "is not an endpoint's id"),
        ("lab", "is not an endpoint's id"),
        ("lab/x y", "is not an endpoint's id"),
    ],
)
def test_what_is_no_endpoint_is_said_before_anybody_is_asked(
    desk: Desk, written: str, words: str
) -> None:
    called = desk.call("models", "schema", written)

    assert called.code == 2
    assert words in called.err
    assert desk.gate.seen == []


def test_after_one_look_everything_is_there_offline_with_its_date(desk: Desk) -> None:
    live = desk.call("models", "show", ENDPOINT, "--json").json
    desk.gate.seen.clear()

    card = desk.call("models", "show", ENDPOINT, "--offline", "--json").json
    whole = desk.call("models", "schema", ENDPOINT, "--format", "openapi", "--offline")
    found = desk.call("models", "search", "tiny", "--offline")
    priced = desk.call("models", "pricing", ENDPOINT, "--offline")

    assert desk.gate.seen == []
    assert card["knobs"] == live["knobs"]
    assert card["price"]["unit_price"] == "0.01"
    for name in ("model", "schema", "price"):
        then, now = live[name]["seen"], card[name]["seen"]
        assert (then["kind"], now["kind"]) == ("live", "copy")
        assert (now["as_of"], now["source"]) == (then["as_of"], then["source"])
    assert whole.json["openapi"] == "3.0.4"
    assert f"copy, {live['model']['seen']['as_of'][:10]}" in found.out
    assert " copy " in priced.out


def test_with_nothing_kept_the_presets_snapshots_are_shown(down: Desk) -> None:
    card = down.call("models", "show", ENDPOINT, "--offline")
    found = down.call("models", "search", "tiny", "--offline")
    whole = down.call("models", "schema", ENDPOINT, "--format", "openapi", "--offline")

    assert card.code == 0
    assert "model   snapshot  2026-11-20  preset tiny-i2v" in card.out
    assert "schema  snapshot  2026-11-20  made up for tests" in card.out
    assert "unit price: unknown" in card.out
    assert "snapshot, 2026-11-20, preset tiny-i2v" in found.out
    assert set(whole.json) == {"input", "output"}
    assert "a snapshot holds no whole document" in whole.err
    assert not down.cache.exists()


def test_offline_without_any_copy_is_a_clear_error(down: Desk) -> None:
    called = down.call("models", "schema", "lab/none/at-all", "--offline")

    assert called.code == 2
    assert "nothing is kept here of lab/none/at-all" in called.err
    assert "without --offline" in called.err


def test_a_service_that_is_down_is_told_and_the_snapshot_shown(down: Desk) -> None:
    called = down.call("models", "schema", ENDPOINT)

    assert called.code == 0
    assert "note: 127.0.0.1 did not serve GET in 3 tries" in called.err
    assert "# snapshot, 2026-11-20, made up for tests" in called.out


def test_a_service_that_is_down_and_no_copy_is_an_error(down: Desk) -> None:
    called = down.call("models", "schema", "lab/none/at-all", "--json")

    assert called.code == 1
    assert called.json["error"]["type"] == "ServiceUnreachable"
    assert "no copy of lab/none/at-all is kept here" in called.json["error"]["message"]


def test_a_service_that_fails_after_one_look_leaves_the_dated_copy(desk: Desk) -> None:
    desk.call("models", "show", ENDPOINT)
    for path in (MODELS, PRICES, DOCUMENTS):
        desk.lie(path, HTML)
        shown = desk.call("models", "show", ENDPOINT)
        assert shown.code == 0
        assert shown.out.count(" copy ") == 1
        assert "answered with something that is not a JSON object" in shown.err


def test_the_key_is_in_no_copy(desk: Desk) -> None:
    echo = {"endpoint_id": ENDPOINT, "unit_price": 1, "unit": f"per {KEY}", "currency": "USD"}
    desk.lie(PRICES, json.dumps({"prices": [echo]}).encode())
    shown = desk.call("models", "show", ENDPOINT)

    assert "unit price: 1 USD a unit (per [key])" in shown.out
    kept = [path.read_text() for path in desk.cache.rglob("*") if path.is_file()]
    assert len(kept) == 3
    assert not [text for text in kept if KEY.partition(":")[2] in text]


def test_copies_of_one_service_are_not_shown_for_another(desk: Desk) -> None:
    desk.lie(MODELS, json.dumps({"models": [{"endpoint_id": "lab/only/here"}]}).encode())
    assert ids(desk.call("models", "search", "--json")) == ["lab/only/here"]
    elsewhere = replace(desk, url=desk.sandbox.base_url)

    assert "lab/only/here" in desk.call("models", "search", "only", "--offline").out
    assert "lab/only/here" not in elsewhere.call("models", "search", "only", "--offline").out


def test_a_cache_that_can_not_be_written_costs_only_the_copy(desk: Desk) -> None:
    desk.cache.write_text("a file where a folder should be")
    called = desk.call("models", "schema", ENDPOINT)
    desk.cache.unlink()

    assert called.code == 0
    assert "# live, " in called.out
    assert "note: answers are not kept for later" in called.err


LOOP = json.dumps({"models": [], "next_cursor": "Mg==", "has_more": True}).encode()
ODD = {
    "html": HTML,
    "deep": b"[" * 200_000,
    "deep object": b'{"models":' * 500 + b"1" + b"}" * 500,
    "list": b"[]",
    "binary": bytes(range(256)),
    "empty": b"",
    "wrong rows": b'{"models": [[]]}',
    "path as id": b'{"models": [{"endpoint_id": "../../x"}]}',
    "loop of pages": LOOP,
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_list_is_told_and_what_is_known_here_shown(desk: Desk, name: str) -> None:
    desk.lie(MODELS, ODD[name])

    found = desk.call("models", "search", "tiny")

    assert found.code == 0
    assert "note: 127.0.0.1:" in found.err
    assert "answered with" in found.err
    assert "snapshot, 2026-11-20, preset tiny-i2v" in found.out


def test_an_odd_list_and_nothing_known_is_an_error(desk: Desk) -> None:
    desk.lie(MODELS, HTML)

    found = desk.call("models", "search", "nothing-like-it")

    assert found.code == 1
    assert "is a proxy or a login page in between?" in found.err
    assert "Traceback" not in found.err


def test_a_list_without_end_is_given_up(desk: Desk) -> None:
    numbers = count()

    def change(_: str, path: str, answer: Answer) -> Answer:
        n = next(numbers)
        rows = [{"endpoint_id": f"lab/endless/n{n}"}]
        body = {"models": rows, "next_cursor": str(n), "has_more": True}
        return (200, {}, json.dumps(body).encode()) if path == MODELS else answer

    desk.gate.change_answers(change)
    found = desk.call("models", "search", "endless", "--limit", "1000")

    assert found.code == 1
    assert "40 models on 40 pages, and no end of pages" in found.err
    assert asked(desk, MODELS) == 40


def changed_document(desk: Desk, **schemas: Any) -> bytes:
    """The sandbox's document with an input that has one more knob, `odd`."""
    document = desk.call("models", "schema", ENDPOINT, "--format", "openapi").json
    components = document["components"]["schemas"]
    (name,) = (name for name in components if name.endswith("Input"))
    components[name]["properties"]["odd"] = {"$ref": ref("Odd")}
    components |= schemas
    desk.forget()
    return json.dumps(document).encode()


def test_a_schema_that_contains_itself_is_shown(desk: Desk) -> None:
    odd = {"type": "object", "properties": {"again": {"$ref": ref("Odd")}}}
    desk.lie(DOCUMENTS, changed_document(desk, Odd=odd))

    called = desk.call("models", "schema", ENDPOINT, "--format", "compact")

    assert called.code == 0
    assert called.json["odd"]["type"] == "object"
    assert called.json["odd.again"]["type"] == "any"


def test_a_schema_that_multiplies_without_end_is_refused_and_not_kept(desk: Desk) -> None:
    bomb = {
        f"L{n}": {"properties": {knob: {"$ref": ref(f"L{n + 1}")} for knob in "abcdefgh"}}
        for n in range(30)
    }
    desk.lie(DOCUMENTS, changed_document(desk, Odd={"$ref": ref("L0")}, L30={}, **bomb))

    called = desk.call("models", "schema", ENDPOINT)

    assert called.code == 0
    assert "its schemas are nested without end" in called.err
    assert "# snapshot, 2026-11-20" in called.out
    assert not list(desk.cache.rglob("*.json"))


def test_a_document_of_another_endpoint_is_not_taken_for_this_one(desk: Desk) -> None:
    other = desk.call("models", "schema", "lab/many/n00", "--format", "openapi").out
    desk.lie(DOCUMENTS, other.encode())

    called = desk.call("models", "schema", ENDPOINT)

    assert called.code == 0
    assert "it speaks of /lab/many/n00" in called.err
    assert "# snapshot, " in called.out


def test_nothing_hostile_reaches_the_terminal(desk: Desk) -> None:
    nasty = "\x1b]0;owned\x07\x9b31m\u202e\r\nfake line"
    metadata = {"display_name": nasty, "category": nasty, "description": nasty, "status": nasty}
    models = {"models": [{"endpoint_id": ENDPOINT, "metadata": metadata}]}
    desk.lie(MODELS, json.dumps(models).encode())
    odd = {"enum": [nasty], "default": nasty, "x-fal": {nasty: nasty}}
    document = changed_document(desk, Odd=odd)

    outputs = [desk.call("models", "search"), desk.call("models", "show", ENDPOINT)]
    desk.lie(DOCUMENTS, document)
    outputs += [desk.call("models", "show", ENDPOINT), desk.call("models", "schema", ENDPOINT)]

    for called in outputs:
        assert called.code == 0
        assert [c for c in called.out if not c.isprintable() and c != "\n"] == []
        assert "\nfake line" not in called.out


def test_commands_that_ask_nobody_load_no_http(desk: Desk) -> None:
    code = (
        "import sys\n"
        "from fal_experiments.cli.main import run\n"
        f"assert run(['models', 'show', {ENDPOINT!r}, '--offline']) == 0\n"
        "assert not {'httpx', 'starlette', 'av', 'pandas'} & set(sys.modules)\n"
    )

    child = desk.start("-c", code, program=())
    _, err = child.communicate(timeout=SECONDS)
    assert child.returncode == 0, err


def test_what_schema_describes_here_is_what_the_snapshot_says(desk: Desk) -> None:
    document = desk.call("models", "schema", ENDPOINT, "--format", "openapi").json

    (name,) = (name for name in document["components"]["schemas"] if name.endswith("Input"))
    described = document["components"]["schemas"][name]
    assert described["properties"] == SCHEMA["input"]["properties"]
