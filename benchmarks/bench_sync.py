"""Nine clips of 720p in the report's compare view: how far apart they play, in real Chromium.

python -m benchmarks.bench_sync [BATCH]      nine clips of the sandbox when no batch is given

The floor is what a page does without a clock: nine `video.play()` in a row. Both are measured by
the same probe, which knows nothing of the page's own measuring: when each frame was presented
(requestVideoFrameCallback), against the time that the frame has in its clip.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.clip_costs import print_rows
from fal_experiments.reporting.screenshot import find_browser

PANES, SECONDS, ROUNDS, FPS = 9, 10, 3, 24
BAR_FRAMES = 1
FLAGS = ("--disable-gpu", "--disable-background-networking", "--no-first-run", "--no-sandbox")
MATRIX = """\
name: nine
task: text-to-video
prompts:
  - {id: walk, text: A knight walks through fog.}
  - {id: rain, text: Rain on a harbour at night.}
  - {id: dunes, text: Wind over dunes at noon.}
presets: [seedance-pro-t2v]
seeds: 1-3
hold: {duration: 12, aspect_ratio: "16:9", resolution: 720p}
render: {proxy: 360p}
budget: {max_usd: 100}
"""
PROBE = """async ([seconds, frameS]) => {
    const videos = [...document.querySelectorAll('.probed')];
    const shown = new Map();
    for (const video of videos) {
        const see = (_, {mediaTime, expectedDisplayTime}) => {
            shown.set(video, {mediaS: mediaTime, atS: expectedDisplayTime / 1000});
            video.requestVideoFrameCallback(see);
        };
        video.requestVideoFrameCallback(see);
    }
    const frames = () => videos.map((video) => video.getVideoPlaybackQuality());
    const before = frames();
    const spreads = [];
    const beginS = performance.now() / 1000;
    let redraws = 0, firstS = null, playedS = 0;
    await new Promise((resolve) => {
        const look = () => {
            redraws += 1;
            const nowS = performance.now() / 1000;
            if (shown.size === videos.length) {
                // Where each clip is: in its frame, but not beyond it while no newer one is shown.
                const at = [...shown].map(([video, {mediaS, atS}]) => mediaS
                    + Math.min(frameS, Math.max(0, nowS - atS) * video.playbackRate));
                spreads.push(Math.max(...at) - Math.min(...at));
                playedS = Math.max(...at) - (firstS ??= Math.max(...at));
            }
            if (nowS - beginS < seconds) requestAnimationFrame(look);
            else resolve();
        };
        look();
    });
    const after = frames();
    const sum = (name) => after.reduce((all, each, at) => all + each[name] - before[at][name], 0);
    return {
        spreads, redraws: redraws / seconds, speed: playedS / seconds,
        decoded: sum('totalVideoFrames'), dropped: sum('droppedVideoFrames'),
    };
}"""
NAIVE = """(hrefs) => {
    const box = document.createElement('div');
    box.className = 'naive';
    Object.assign(box.style, {position: 'fixed', inset: 0, zIndex: 99, display: 'grid',
        gridTemplateColumns: 'repeat(3, 1fr)', gap: '8px', background: '#fff'});
    for (const href of hrefs) {
        const video = document.createElement('video');
        Object.assign(video, {src: href, muted: true, preload: 'auto', className: 'probed'});
        video.style.width = '100%';
        box.append(video);
    }
    document.body.append(box);
    const videos = [...box.children];
    const canPlay = (video) => new Promise((resolve) => {
        if (video.readyState >= 4) resolve();
        else video.addEventListener('canplaythrough', resolve, {once: true});
    });
    return Promise.all(videos.map(canPlay)).then(() => videos.forEach((video) => video.play()));
}"""
RUNNING = """() => new Promise((resolve) => {
    const look = () => {
        if (falExp.comparePlay.drift().worstS !== null) resolve();
        else setTimeout(look, 20);
    };
    look();
})"""


class Played(NamedTuple):
    """One candidate in one round."""

    spreads_s: list[float]
    told_s: float | None
    """The worst that the page itself told; None for the floor."""
    redraws: float
    speed: float
    """Seconds of the clips in a second: below 1 where the machine cannot follow."""
    decoded: int
    dropped: int


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print the table."""
    named = [Path(word) for word in arguments if not word.startswith("-")]
    with _batch(named) as batch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        index = (batch / "report" / "index.html").as_uri()
        rounds = [
            {
                "play() in a row": _naive(browser, index),
                "compare view": _compared(browser, index, proxies=False),
                "compare view, proxies": _compared(browser, index, proxies=True),
            }
            for _ in range(ROUNDS)
        ]
        browser.close()
    _print(rounds)


@contextmanager
def _batch(named: Sequence[Path]) -> Iterator[Path]:
    if named:
        yield named[0]
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nine.yaml").write_text(MATRIX)
        for command in (["init", "."], ["run", "nine.yaml", "--sandbox"]):
            subprocess.run(
                [sys.executable, "-m", "fal_experiments", *command],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
                check=True,
                capture_output=True,
            )
        yield next((folder / "experiments" / "sandbox").glob("*-nine"))


def _opened(browser: Browser, index: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(index)
    page.wait_for_selector("html[data-ready]")
    return page


def _naive(browser: Browser, index: str) -> Played:
    page = _opened(browser, index)
    hrefs = page.evaluate("falExp.data.cells.map((cell) => cell.video_href).slice(0, 9)")
    page.evaluate(NAIVE, hrefs)
    return _probed(page)


def _compared(browser: Browser, index: str, *, proxies: bool) -> Played:
    page = _opened(browser, index)
    page.evaluate("falExp.compare.open(falExp.data.cells.map((cell) => cell.key).slice(0, 9))")
    if proxies:
        page.evaluate("falExp.compare.change({light: true})")
    page.evaluate(RUNNING)
    page.evaluate("""() => {
        falExp.comparePlay.panes().forEach((pane) => pane.driver.video.classList.add('probed'));
        window.told = [];
        falExp.comparePlay.on('tick', () => window.told.push(falExp.comparePlay.drift().worstS));
    }""")
    return _probed(page)


def _probed(page: Page) -> Played:
    if page.locator(".probed").count() != PANES:
        raise ValueError(f"the page does not show {PANES} clips")
    found: dict[str, Any] = page.evaluate(PROBE, [SECONDS, 1 / FPS])
    told = page.evaluate("window.told ? Math.max(...window.told) : null")
    page.close()
    return Played(
        found["spreads"],
        told,
        *(found[name] for name in ("redraws", "speed", "decoded", "dropped")),
    )


def _print(rounds: Sequence[dict[str, Played]]) -> None:
    print(f"{PANES} panes of 720p, {FPS} fps, {SECONDS} s: how far apart the clips play\n")
    rows = []
    for name in rounds[0]:
        played = [each[name] for each in rounds]
        worst_s = statistics.median(max(each.spreads_s) for each in played)
        p95_s = statistics.median(_p95(each.spreads_s) for each in played)
        told = [each.told_s for each in played if each.told_s is not None]
        verdict = "met" if worst_s * FPS <= BAR_FRAMES else "**missed**"
        rows.append([
            name, _drift(p95_s), _drift(worst_s),
            "" if name.startswith("play()") else f"≤ {BAR_FRAMES} frame {verdict}",
            f"{statistics.median(told) * 1000:.0f} ms" if told else "",
            f"{statistics.median(each.dropped / max(1, each.decoded) for each in played):.1%}",
            f"{statistics.median(each.speed for each in played):.2f}×",
            f"{statistics.median(each.redraws for each in played):.0f}",
        ])  # fmt: skip
    titles = (
        "",
        "p95",
        "worst",
        "bar",
        "page tells",
        "frames dropped",
        "speed",
        "redraws a second",
    )
    print_rows(titles, rows)
    busy = os.getloadavg()[0]
    print(
        f"\nMedians of {ROUNDS} rounds; {os.cpu_count()} cores, software decoding, load {busy:.1f}."
    )


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def _drift(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms = {seconds * FPS:.2f} frames"


if __name__ == "__main__":
    main(sys.argv[1:])
