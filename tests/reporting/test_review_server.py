"""The review over real HTTP: who may ask, what is served, and what is on disk before the answer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from fal_experiments.app.batch import Batch
from fal_experiments.app.ratings import import_ratings, merge_files, read_ratings
from fal_experiments.app.review import Tally, batch_site, serving
from fal_experiments.app.review_bundle import bundle_site
from fal_experiments.errors import BadInput
from fal_experiments.reporting.review_server import HEADERS, ReviewServer
from tests.reporting.reviewed import CELLS, NAME, small_batch
from tests.unit.core.ballots import rating

CLIP = bytes(range(256)) * 40
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    root = tmp_path_factory.mktemp("reviewed")
    found = small_batch(root, CLIP)
    outside = root / "secret.txt"
    outside.write_text("not for you")
    report = found.folder.path / "report"
    report.mkdir()
    (report / "way-out.txt").symlink_to(outside)
    (report / "inside.txt").symlink_to(found.folder.plan)
    return found


@pytest.fixture(scope="module")
def tally() -> Tally:
    return Tally()


@pytest.fixture(scope="module")
def server(batch: Batch, tally: Tally) -> Iterator[ReviewServer]:
    with serving(batch_site(batch, None, tally, lambda: NOW), NAME, None) as server:
        yield server


def said(server: ReviewServer, **changes: Any) -> dict[str, Any]:
    line = rating(stars=4).model_dump(mode="json")
    return line | {"cell": CELLS[0]} | changes


def send(server: ReviewServer, body: Any, **headers: str) -> httpx.Response:
    given = {"Origin": server.base_url, "Content-Type": "application/json"} | headers
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"{server.base_url}/{server.token}/inbox/ratings"
    return httpx.post(url, content=data, headers={k: v for k, v in given.items() if v})


def lines_of(batch: Batch) -> list[str]:
    path = batch.folder.ratings
    return path.read_text().splitlines() if path.exists() else []


def test_the_page_carries_the_script_of_the_review_and_leave_to_send(server: ReviewServer) -> None:
    page = httpx.get(server.url)

    assert page.status_code == 200
    assert f'src="/{server.token}/review.js"' in page.text
    assert "default-src 'none'; connect-src 'self'" in page.text
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    script = httpx.get(f"{server.base_url}/{server.token}/review.js")
    assert script.headers["content-type"].startswith("text/javascript")


def test_the_script_is_not_in_the_report_on_disk(server: ReviewServer, batch: Batch) -> None:
    assert httpx.get(server.url).status_code == 200

    assert "review.js" not in (batch.folder.report / "index.html").read_text()


@pytest.mark.parametrize("path", ["/", "/index.html", "/x{token}/", "/{token}x/", "/*"])
def test_without_the_token_nothing_is_shown(server: ReviewServer, path: str) -> None:
    answer = httpx.get(server.base_url + path.format(token=server.token))

    assert answer.status_code == 403
    assert server.token not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_pages_of_elsewhere_can_neither_read_nor_write(
    server: ReviewServer, batch: Batch, headers: dict[str, str]
) -> None:
    before = lines_of(batch)

    assert httpx.get(server.url, headers=headers).status_code == 403
    assert send(server, said(server), **headers).status_code == 403
    assert lines_of(batch) == before


def test_what_is_sent_without_an_origin_or_as_a_form_is_refused(server: ReviewServer) -> None:
    assert send(server, said(server), Origin="").status_code == 403
    form = {"Content-Type": "text/plain"}
    assert send(server, said(server), **form).status_code == 415
    url = f"{server.base_url}/{server.token}/inbox/ratings"
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert httpx.request(method, url, headers={"Origin": server.base_url}).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "../../../secret.txt",
        "..%2f..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/%2e%2e/secret.txt",
        "report/way-out.txt",
        "events.jsonl/../../../../secret.txt",
        ".lock",
        "ratings.jsonl",
        "report",
        "report/nothing.txt",
        "report/a%00b",
        "..%5c..%5csecret.txt",
    ],
)
def test_nothing_beside_the_report_and_its_files_is_served(server: ReviewServer, path: str) -> None:
    base = f"/{server.token}/experiments/fal/{NAME}/"
    with httpx.Client(base_url=server.base_url) as client:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=(base + path).encode())  # as it is written
        answer = client.send(request)

    assert answer.status_code in {404, 403}
    assert "not for you" not in answer.text


def test_links_of_the_report_work_and_a_link_within_is_no_way_out(server: ReviewServer) -> None:
    base = server.url.removesuffix("/report/index.html")

    assert httpx.get(f"{base}/plan.json").json()["v"] == 1
    assert httpx.get(f"{base}/report/inside.txt").status_code == 200


def test_a_clip_outside_of_the_batch_is_served_in_ranges(server: ReviewServer) -> None:
    url = f"{server.base_url}/{server.token}/x/clip.mp4"

    whole = httpx.get(url)
    part = httpx.get(url, headers={"Range": "bytes=100-199"})
    end = httpx.get(url, headers={"Range": "bytes=-10"})
    beyond = httpx.get(url, headers={"Range": f"bytes={len(CLIP)}-"})

    assert (whole.status_code, whole.content) == (200, CLIP)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert (part.status_code, part.content) == (206, CLIP[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(CLIP)}"
    assert (end.status_code, end.content) == (206, CLIP[-10:])
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("bytes=5-2", 200),
        ("bytes=-", 200),
        ("bytes=1-2,x", 200),
        ("lines=1-2", 200),
        ("bytes", 200),
        (f"bytes=0-{'9' * 5000}", 200),
        ("bytes=0-0", 206),
        ("bytes=0-999999999", 206),
        ("bytes=0-1, 4-5", 206),
        ("bytes=-0", 416),
    ],
)
def test_a_range_that_is_none_is_overlooked(server: ReviewServer, wanted: str, status: int) -> None:
    url = f"{server.base_url}/{server.token}/x/clip.mp4"

    assert httpx.get(url, headers={"Range": wanted}).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/{token}", {}, 307),
        ("DELETE", "/{token}/x/clip.mp4", {}, 405),
        ("GET", "/{token}/inbox/ratings", {}, 404),
        ("GET", "/{token}/nothing", {}, 404),
        ("GET", "/elsewhere", {}, 403),
        ("GET", "/{token}/x/clip.mp4", {"Range": f"bytes={len(CLIP)}-"}, 416),
    ],
    ids=str,
)
def test_every_answer_carries_the_headers_whoever_made_it(
    server: ReviewServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    url = server.base_url + path.format(token=server.token)

    answer = httpx.request(method, url, headers={"Origin": server.base_url} | headers)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_rating_is_on_disk_before_the_answer_and_an_older_one_does_not_replace_it(
    server: ReviewServer, batch: Batch, tally: Tally
) -> None:
    later = said(server, at="2026-11-20T11:00:00Z", stars=5, rater="cleo")
    older = said(server, at="2026-11-20T10:00:00Z", stars=1, rater="cleo")
    before = lines_of(batch)

    answer = send(server, later)
    late = send(server, older)
    again = send(server, later)

    assert answer.json()["stored"]["stars"] == 5
    assert (late.status_code, late.json()["again"]) == (409, False)
    assert "2026-11-20T11:00:00+00:00 holds" in late.json()["error"]
    assert late.json()["holds"] == answer.json()["stored"]
    assert again.json()["stored"] == answer.json()["stored"]
    assert len(lines_of(batch)) == len(before) + 1
    assert json.loads(lines_of(batch)[-1])["at"] == "2026-11-20T11:00:00Z"
    assert tally.stored["cleo"] == 2
    script = httpx.get(server.url.replace("index.html", "data-ratings.js"))
    assert '"rater":"cleo"' in script.text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"stars": 9}, "stars"),
        ({"cell": "0" * 16}, "no cell"),
        ({"at": "2026-11-21T10:00:00Z"}, "still to come"),
        ({"extra": 1}, "extra"),
        ({"notes": [{"t_s": 0, "text": "x" * 2001}]}, "notes"),
    ],
)
def test_what_is_no_rating_of_this_batch_is_refused_for_good(
    server: ReviewServer, batch: Batch, change: dict[str, Any], word: str
) -> None:
    before = lines_of(batch)

    answer = send(server, said(server, **change))

    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert answer.json()["again"] is False
    assert lines_of(batch) == before


def test_bodies_that_are_no_json_or_too_large_are_refused(server: ReviewServer) -> None:
    assert send(server, b"{").status_code == 400
    assert send(server, b" " * (2 * 2**20 + 1)).status_code == 413


def test_a_disk_that_refuses_is_told_as_something_to_send_again(
    server: ReviewServer, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    answer = send(server, said(server, at="2026-11-20T11:30:00Z", rater="dora"))

    assert answer.status_code == 507
    assert answer.json()["again"] is True


def test_with_a_rater_named_nobody_else_is_taken(batch: Batch) -> None:
    with serving(batch_site(batch, "anna", Tally(), lambda: NOW), "other", None) as server:
        assert 'data-rater="anna"' in httpx.get(server.url).text
        assert send(server, said(server, rater="bo")).status_code == 400
        assert send(server, said(server, rater="anna")).status_code == 200


def test_a_port_that_is_taken_is_told_if_it_was_asked_for(
    server: ReviewServer, batch: Batch
) -> None:
    site = batch_site(batch, None, Tally())

    with serving(site, NAME, None) as second:  # the usual one is taken: another is found
        assert second.port != server.port
    with pytest.raises(BadInput, match="cannot be used"), serving(site, NAME, server.port):
        pass


def test_hostile_files_are_refused_whole_and_twice_is_once(batch: Batch, tmp_path: Path) -> None:
    good = said_line(1, stars=3)
    known = tmp_path / "known.jsonl"
    known.write_text(good)
    assert len(import_ratings(batch, [known], "erik", lambda: NOW).news) == 1
    held = read_ratings(batch)
    bad = {
        "torn": (good + good[:40], "cut off"),
        "other-cell": (good + said_line(1, cell="f" * 16), "has no cell"),
        "schema": (good + '{"v": 2}\n', "line 2"),
        "binary": (b"\xff\xfe\x00".decode("latin-1"), "line 1"),
        "empty": ("\n\n", "no ratings"),
        "prose": (good + "not json\n" + good, "line 2"),
        "to-come": (good + said_line(2, at="2099-01-01T00:00:00Z"), "line 2: its time.*to come"),
        "unset-clock": (said_line(2, at="1970-01-01T00:00:00Z"), "line 1: its time.*before 2020"),
        "long": ("\n" * 200_001, "lines"),
    }

    for name, (text, word) in bad.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_text(text)
        with pytest.raises(BadInput, match=word):
            import_ratings(batch, [known, path], "erik", lambda: NOW)

    assert read_ratings(batch) == held
    assert import_ratings(batch, [known], "erik", lambda: NOW).news == ()
    assert len(merge_files([known, known])) == 1


def said_line(minute: int, **changes: Any) -> str:
    line = rating(minute=minute, stars=3).model_dump(mode="json") | {"cell": CELLS[1]} | changes
    return json.dumps(line) + "\n"


A, B, C, OTHER = ("a" * 12, "b" * 12, "c" * 12, "d" * 12)
BUNDLE = {
    "bundle": "0a1b2c3d",
    "key_sha256": "ab" * 32,
    "kind": "pair",
    "most_shown": 2,
    "rows": [{"clips": [A, B, C]}, {"clips": [OTHER, "e" * 12]}],
}
AB, AC, BC = f"{A}-{B}", f"{A}-{C}", f"{B}-{C}"
IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"ballot": "whatever"}, "does not fit its clips"),
    ({"ballot": f"{A}-{A}", "clips": [A, A]}, "twice"),
    ({"ballot": f"{A}-{OTHER}", "clips": [A, OTHER]}, "do not meet"),
    ({"ballot": f"{AB}-{C}", "clips": [A, B, C]}, "3 clips are no pair"),
    ({"best": C}, "none of its clips"),
    ({"best": A}, "neither best nor worst"),
    ({"outcome": None}, "a pair has an outcome"),
    ({"key_sha256": "cd" * 32}, "not of bundle 0a1b2c3d and its key"),
    ({"rater": "bo"}, "it is of bo"),
]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The folder of a bundle of pairs, without its clips."""
    (tmp_path / "index.html").write_text("<html><head></head></html>")
    (tmp_path / "data.js").write_text(f"falExp.loadBlind({json.dumps(BUNDLE)});\n")
    return tmp_path


def sealed(ballot: str, **changes: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "at": "2026-11-20T10:00:00Z",
        "rater": "anna",
        "bundle": "0a1b2c3d",
        "key_sha256": "ab" * 32,
        "ballot": ballot,
        "kind": "pair",
        "clips": ballot.split("-"),
        "outcome": "first",
        "seen": [1, 1],
    } | changes


def post(server: ReviewServer, *votes: dict[str, Any], back: tuple[str, ...] = ()) -> int:
    return posted(server, *votes, back=back).status_code


def posted(
    server: ReviewServer, *votes: dict[str, Any], back: tuple[str, ...] = ()
) -> httpx.Response:
    body = {"rater": "anna", "votes": votes, "taken_back": back}
    url = f"{server.base_url}/{server.token}/inbox/votes"
    return httpx.post(url, json=body, headers={"Origin": server.base_url})


def test_votes_of_a_bundle_are_kept_in_it_and_those_taken_back_go(bundle: Path) -> None:
    tally = Tally()

    with serving(bundle_site(bundle, None, tally), "bundle", None) as server:
        assert "review.js" in httpx.get(server.url).text
        assert post(server, sealed(AB), sealed(AC)) == 200
        assert post(server, sealed(BC)) == 200  # another tab, which knows nothing of the others
        assert post(server, sealed(BC), back=(AB,)) == 200

        kept_at_last = (bundle / "votes.jsonl").read_bytes()
        assert post(server, back=(AC, BC)) == 200  # all taken back, and then voted again
        assert post(server, sealed(AC), sealed(BC)) == 200
    assert (bundle / "votes.jsonl").read_bytes() == kept_at_last
    kept = [json.loads(line) for line in (bundle / "votes.jsonl").read_text().splitlines()]
    assert [each["ballot"] for each in kept] == [AC, BC]
    assert tally.stored == {"anna": 2}


def test_a_vote_that_no_import_would_take_is_refused_with_its_reason_and_not_kept(
    bundle: Path,
) -> None:
    with serving(bundle_site(bundle, None, Tally()), "bundle", None) as server:
        for changes, reason in IMPOSSIBLE:
            answer = posted(server, sealed(AC), sealed(AB) | changes)

            assert answer.status_code == 400
            assert reason in answer.json()["error"]
            assert not (bundle / "votes.jsonl").exists()


def test_a_folder_that_is_neither_batch_nor_bundle_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.js").write_text("falExp.loadBatch({});")

    with pytest.raises(BadInput, match="neither a batch nor a blind bundle"):
        bundle_site(tmp_path, None, Tally())
