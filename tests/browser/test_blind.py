"""A blind test of a real batch: that nothing in it tells, and voting as a person does."""

import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.blind import BlindDone, BlindRequest, make_blind
from fal_experiments.app.blind_import import import_votes
from fal_experiments.app.review import Tally
from fal_experiments.app.review_bundle import bundle_site
from fal_experiments.core.blind_leaks import leaks_in_film
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.votes import Vote
from fal_experiments.core.wall_selection import Filters
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.media.blind_mux import STEP_BYTES
from fal_experiments.reporting.blind_site import ALWAYS_S, write_zip
from tests.browser.conftest import READY
from tests.browser.waiting import until
from tests.integration.kit import MATRIX, PRESET, QUIET, bench

TWINS = (
    {
        "id": "brisk-i2v",
        "title": "Brisk Motion 9",
        "endpoint": "brisk/motion/nine",
        "family": "luma",
    },
    {"id": "calm-i2v", "title": "Calmcam Ultra", "endpoint": "calmcam/ultra/i2v", "family": "vidu"},
)
SEEDS = (8_154_711, 9_026_333)
PRICE = {
    "unit": "second",
    "rules": [{"usd": "0.01373"}],
    "source": "made up",
    "as_of": "2026-11-20",
}
MODELS = [PRESET, *TWINS]


class Studio(NamedTuple):
    """A batch of three presets, two seeds and a blind test of each kind."""

    root: Path
    pair: BlindDone
    choice: BlindDone


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Buy six clips of a sandbox, and make two blind tests of them."""
    matrix = {
        "name": "gait contest",
        "prompts": MATRIX["prompts"][:1],
        "presets": [model["id"] for model in MODELS],
        "seeds": list(SEEDS),
    }
    with bench(tmp_path_factory.mktemp("blind"), twins=TWINS, **matrix) as made:
        done = made.call("run", "m.yaml", *QUIET)
        assert done.code == 0, done.err
        root = made.root
    folder = root.parent / "given away"
    pair = BlindRequest("latest", "pair", Filters(), out=folder / "one")
    choice = BlindRequest("latest", "best-worst", Filters(), out=folder / "two")
    return Studio(root, *(make_blind(each, root, lambda *_: None) for each in (pair, choice)))


@pytest.fixture
def open_test(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a bundle: at its end, no page has complained or asked out."""
    troubles: list[str] = []
    contexts = []

    def opened(folder: Path, **context: Any) -> Page:
        shape: dict[str, Any] = {
            "viewport": {"width": 1200, "height": 800},
            "accept_downloads": True,
        }
        contexts.append(browser.new_context(**(shape | context)))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if m.type != "log" else None)
        page.on("request", lambda r: None if r.url.startswith("file:") else troubles.append(r.url))
        page.goto((folder / "index.html").as_uri())
        page.wait_for_selector(READY)
        return page

    yield opened
    for each in contexts:
        each.close()
    assert [each for each in troubles if not each.startswith("blob:")] == []


def begin(page: Page, rater: str = "Anna B.") -> None:
    page.fill("#rater", rater)
    page.keyboard.press("Enter")
    seen(page)


def seen(page: Page) -> None:
    """Wait until all clips on the stage were seen, and may be judged."""
    until(page, "!document.querySelector('#voting').classList.contains('locked')")


def count(page: Page) -> str:
    return page.inner_text("#count")


def telling(studio: Studio) -> list[str]:
    """Return everything that a batch says of its models, and all its numbers that are long."""
    batch = open_batch("latest", studio.root)
    state, _ = read_state(batch)
    words = [
        batch.name,
        "gait contest",
        "gait-contest",
        "tiny-i2v",
        "0.01373",
        "13730000",
        "sandbox/",
    ]
    words += [text for model in MODELS for text in (model["id"], model["title"], model["endpoint"])]
    words += [re.split("[/-]", model["endpoint"])[0] for model in TWINS]
    words += [model["family"] for model in MODELS] + [str(seed) for seed in SEEDS]
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        assert attempt is not None
        assert attempt.ticket is not None
        assert attempt.asset is not None
        words += [cell.cell_id, attempt.ticket.request_id, attempt.asset.sha256, "/files/"]
    return [word.lower() for word in dict.fromkeys(words)]


def test_nothing_that_is_given_away_tells_a_model(
    studio: Studio, open_test: Callable[..., Page]
) -> None:
    words = telling(studio)
    write_zip(studio.pair.folder, studio.root / "one.zip")
    texts = {"zip": (studio.root / "one.zip").read_bytes().decode("latin-1")}
    for done in (studio.pair, studio.choice):
        for path in [done.folder, *done.folder.rglob("*")]:
            assert path.stat().st_mtime == ALWAYS_S
            texts[f"name of {path.name}"] = path.relative_to(done.folder.parent).as_posix()
            if path.is_file():
                texts[str(path)] = path.read_bytes().decode("latin-1")
        page = open_test(done.folder)
        texts[f"welcome {done.folder.name}"] = page.content()
        begin(page)
        texts[f"voting {done.folder.name}"] = page.content()
        page.keyboard.press("t")
        stored = "JSON.stringify(Object.entries(localStorage))"
        texts[f"stored {done.folder.name}"] = page.evaluate(stored)

    found = [
        (where, word) for where, text in texts.items() for word in words if word in text.lower()
    ]
    assert found == []
    assert "kling" in (
        studio.pair.key.read_text() + (studio.root / "presets/tiny-i2v.yaml").read_text()
    )
    assert {"tiny-i2v", "brisk-i2v"} <= set(re.findall(r"[a-z]+-i2v", studio.pair.key.read_text()))


def test_the_files_of_clips_that_meet_differ_in_nothing_but_the_picture(studio: Studio) -> None:
    for done in (studio.pair, studio.choice):
        clips = done.folder / "clips"
        for row in done.view.rows:
            files = [clips / f"{name}.mp4" for name in row.clips]
            sizes = {path.stat().st_size for path in files}
            assert len(sizes) == 1
            assert sizes.pop() % STEP_BYTES == 0
            assert len({_told(path) for path in files}) == 1
        for path in clips.iterdir():
            assert re.fullmatch(r"[0-9a-f]{12}\.mp4", path.name)
            assert leaks_in_film(path.read_bytes(), telling(studio)) == []
    names = [
        {path.name for path in done.folder.rglob("*.mp4")} for done in (studio.pair, studio.choice)
    ]
    assert not names[0] & names[1]


def _told(path: Path) -> tuple[Any, ...]:
    with av.open(str(path)) as container:
        (stream,) = container.streams
        return (
            json.dumps([container.metadata, stream.metadata], sort_keys=True),
            stream.codec_context.name,
            stream.codec_context.extradata,
            stream.average_rate,
            stream.width,  # type: ignore[attr-defined]
            stream.height,  # type: ignore[attr-defined]
            stream.start_time,
            stream.frames,
        )


def test_the_key_is_private_apart_and_the_one_whose_hash_is_published(studio: Studio) -> None:
    for done in (studio.pair, studio.choice):
        assert stat.S_IMODE(done.key.stat().st_mode) == 0o600
        assert done.key.parent == open_batch("latest", studio.root).folder.path
        published = sha256_hex(done.key.read_bytes())
        assert published == done.view.key_sha256
        assert published in (done.folder / "index.html").read_text()
        assert published in (done.folder / "data.js").read_text()


def test_a_lost_clip_is_told_and_a_full_disk_leaves_neither_bundle_nor_key(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    shutil.copytree(studio.root, root)
    batch = open_batch("latest", root)
    cell = batch.plan.cells[0]
    asset = read_state(batch)[0].attempts[cell.cell_id][-1].asset
    assert asset is not None
    (root / asset.path).unlink()
    before = {path.name for path in batch.folder.path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    request = BlindRequest("latest", "pair", Filters(seeds=(SEEDS[0],)))
    with monkeypatch.context() as patched:
        patched.setattr(wiring, "write_blind_site", full)
        with pytest.raises(StorageFailed, match="No space left"):
            make_blind(request, root, lambda *_: None)
    assert {path.name for path in batch.folder.path.iterdir()} == before
    assert list((root / "experiments" / "blind").iterdir()) == []

    done = make_blind(request, root, lambda *_: None)
    ((name, why),) = done.left_out
    assert name == f"walk × {cell.at.preset}, {cell.run_label}"
    assert why == "its file is not where it was"
    assert (done.view.combinations, done.view.without_clip) == (3, 1)
    assert "1 of 3 combinations had no clip" in (done.folder / "index.html").read_text()


def test_a_session_by_keys_outlives_a_reload_and_its_file_opens_with_the_key(
    studio: Studio, open_test: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_test(studio.pair.folder)
    page.fill("#rater", "Anna B.")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    assert "to the end first" in page.inner_text("#say")
    assert count(page) == "1 of 6"
    for number, key in enumerate(["ArrowLeft", "ArrowRight", "t", "b"], start=2):
        seen(page)
        page.keyboard.press(key)
        assert count(page) == f"{number} of 6"
    page.keyboard.press("z")
    assert count(page) == "4 of 6"
    page.reload()
    page.wait_for_selector(READY)
    assert page.input_value("#rater") == "Anna B."
    begin(page)
    assert count(page) == "4 of 6"
    for key in ("b", "1", "2"):
        seen(page)
        page.keyboard.press(key)
    # three presets and two seeds are six pairs
    page.wait_for_selector("#finished:not([hidden])")
    assert page.inner_text("#finished-count") == "6 votes"
    with page.expect_download() as download:
        page.click("#download-now")
    assert download.value.suggested_filename == "votes-anna-b.jsonl"
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    first = import_votes("latest", [file], studio.root)
    assert (first.votes, first.added, first.unseen) == (6, 6, 0)
    assert import_votes("latest", [file], studio.root).added == 0
    votes = open_batch("latest", studio.root).folder.votes
    said = [Vote.model_validate_json(line) for line in votes.read_text().splitlines()]
    assert [vote.outcome for vote in said] == [
        "first",
        "second",
        "tie",
        "both bad",
        "first",
        "second",
    ]
    assert {frozenset(vote.presets) for vote in said} == {
        frozenset({one["id"], other["id"]})
        for one in MODELS
        for other in MODELS
        if one is not other
    }
    _refuses_changes(studio, file, votes)


def _refuses_changes(studio: Studio, file: Path, votes: Path) -> None:
    """A torn file, one of another key, and a changed key are refused, and nothing is added."""
    before, text = votes.read_bytes(), file.read_text()
    wrong = {
        "cut off": text[:-9],
        "sealed with the key": text.replace(studio.pair.view.key_sha256, "0" * 64),
        "has no blind-00000000.key.json": text.replace(studio.pair.view.bundle, "0" * 8),
    }
    for said, content in wrong.items():
        file.write_text(content)
        with pytest.raises(BadInput, match=said):
            import_votes("latest", [file], studio.root)
    file.write_text(text)
    key = studio.pair.key.read_text()
    studio.pair.key.write_text(key.replace("tiny-i2v", "calm-i2v"))
    with pytest.raises(BadInput, match="sealed with the key"):
        import_votes("latest", [file], studio.root)
    studio.pair.key.write_text(key)
    assert votes.read_bytes() == before


def test_best_and_worst_by_touch_and_by_keys(
    studio: Studio, open_test: Callable[..., Page]
) -> None:
    page = open_test(studio.choice.folder, viewport={"width": 360, "height": 740}, has_touch=True)
    begin(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.tap(".pane:nth-child(2) .best")
    assert page.get_attribute(".pane:nth-child(2) .best", "aria-pressed") == "true"
    page.tap(".pane:nth-child(2) .worst")
    assert page.get_attribute(".pane:nth-child(2) .best", "aria-pressed") == "false"
    page.tap(".pane:nth-child(3) .best")
    assert page.inner_text("#say") == "Voted: C is best, B is worst. Z takes it back."
    seen(page)
    page.keyboard.press("Shift+Digit1")
    page.keyboard.press("Digit3")
    page.wait_for_selector("#finished:not([hidden])")
    stored = json.loads(
        page.evaluate(
            "localStorage.getItem(Object.keys(localStorage).find((k) => k.endsWith('Anna B.')))"
        )
    )
    first, second = stored["votes"]
    assert (first["best"], first["worst"]) == (first["clips"][2], first["clips"][1])
    assert (second["best"], second["worst"]) == (second["clips"][2], second["clips"][0])
    assert first["kind"] == "best-worst"
    assert min(first["seen"]) >= 0.8


def test_under_a_review_votes_are_on_disk_and_go_on_in_another_browser(
    studio: Studio, browser: Browser, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(studio.pair.folder, folder)
    kept = folder / "votes.jsonl"

    def begun(url: str) -> Page:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(READY)
        begin(page)
        return page

    with wiring.review_server(bundle_site(folder, None, Tally()), 0) as server:
        page = begun(server.url)
        page.keyboard.press("ArrowLeft")
        page.get_by_text("1 saved in votes.jsonl").wait_for()
        assert len(kept.read_text().splitlines()) == 1
        other = begun(server.url)
        assert count(other) == "2 of 6"
        other.keyboard.press("z")
        other.get_by_text("0 saved in votes.jsonl").wait_for()
        assert count(other) == "1 of 6"
        assert kept.read_text() == ""
        for each in (page, other):
            each.close()


def test_who_sees_or_points_badly_is_not_kept_out(
    studio: Studio, open_test: Callable[..., Page]
) -> None:
    # axe is a script of its own, which the page's policy would keep out
    page = open_test(studio.choice.folder, bypass_csp=True, color_scheme="dark")
    found = [("welcome", Axe().run(page, options={"preload": False}).response["violations"])]
    begin(page)
    found.append(("voting", Axe().run(page, options={"preload": False}).response["violations"]))
    page.keyboard.press("?")
    found.append(("keys", Axe().run(page, options={"preload": False}).response["violations"]))

    assert [(where, each["id"]) for where, all_ in found for each in all_] == []


def test_a_ballot_can_be_looked_at_closely(studio: Studio, open_test: Callable[..., Page]) -> None:
    page = open_test(studio.pair.folder, reduced_motion="reduce")
    page.fill("#rater", "Anna B.")
    page.keyboard.press("Enter")
    until(page, "[...document.querySelectorAll('video')].every((v) => v.readyState >= 2)")
    assert page.evaluate("[...document.querySelectorAll('video')].every((v) => v.paused)")
    page.keyboard.press(".")
    page.keyboard.press(".")
    until(
        page,
        "[...document.querySelectorAll('video')]"
        ".every((v) => Math.abs(v.currentTime - 2.5 / 8) < 0.02)",
    )
    page.keyboard.press("+")
    scales = page.eval_on_selector_all("video", "all => all.map((v) => v.style.transform)")
    assert len(set(scales)) == 1
    assert "scale(1.25)" in scales[0]
    page.keyboard.press("0")
    page.keyboard.press("Space")
    until(page, "[...document.querySelectorAll('video')].every((v) => !v.paused)")
    page.keyboard.press("s")
    assert page.inner_text("#say") == "Skipped."
    assert count(page) == "1 of 6"
    page.keyboard.press("?")
    assert page.is_visible("#keys")
