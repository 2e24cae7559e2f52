"""A report of 10,000 cells: its size, how long writing it takes, what a browser makes of it.

python -m benchmarks.bench_report

The batch is made up: 250 prompts × 5 seeds down, 8 presets across, every number filled in; posters,
sheets and clips are real files that cells share. The page runs in the Chromium of this machine. The
floor of its opening is a blank page that loads the same data scripts and does nothing with them.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.clip_costs import print_rows
from fal_experiments.core.report_model import ReportModel
from fal_experiments.reporting.screenshot import find_browser
from fal_experiments.reporting.site import write_site
from tests.browser import batches
from tests.browser.clips import Clip, make_clip
from tests.browser.conftest import BROWSER_FLAGS

ROUNDS = 5
INDEX_BAR_BYTES, CELL_BAR_BYTES = 300_000, 1_000
NODES_BAR, FIRST_ROWS_BAR_S, DECODERS_BAR = 2_000, 1.0, 16
PATIENCE_MS = 60_000
WIDTH_PX, HEIGHT_PX = 1440, 900

PAINTED = """
(() => {
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => {
    globalThis.paintedMs = performance.now();
  }));
  const look = new MutationObserver(() => {
    if (!document.querySelector('.tile')) return;
    look.disconnect();
    painted();
  });
  look.observe(document, { childList: true, subtree: true });
})();
"""
"""Notes when the first tile has been drawn, in milliseconds from the start of the navigation."""
FLOOR = """<!doctype html><meta charset="utf-8"><title>floor</title><script src="floor.js"></script>
{scripts}<body></body>"""
FLOOR_JS = """globalThis.falExp = { loadBatch() {}, loadCells() {}, loadRatings() {} };
document.addEventListener('DOMContentLoaded', () => {
  const tile = document.createElement('div');
  tile.className = 'tile';
  document.body.append(tile);
});"""
NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let all = 0;
  while (walker.nextNode()) all += 1;
  return [document.getElementsByTagName('*').length, all];
}"""
SCROLL = """(part) => new Promise((resolve) => {
  scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * part);
  const settled = (left) => (left ? requestAnimationFrame(() => settled(left - 1)) : resolve());
  settled(30);
})"""
LIVE = """() => new Promise((resolve) => {
  let most = 0;
  const end = performance.now() + 3000;
  const count = () => {
    const videos = [...document.querySelectorAll('video')].filter((v) => v.src && v.readyState > 0);
    most = Math.max(most, videos.length);
    if (performance.now() > end) resolve(most);
    else requestAnimationFrame(count);
  };
  count();
})"""
FILTER = """() => new Promise((resolve) => {
  const begun = performance.now();
  falExp.view.set({ query: 'take 77' });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begun)));
})"""


def main() -> None:
    """Write the report, open it, scroll it, play it, and print what that took."""
    if find_browser() is None:
        print("report: no Chromium on PATH, not measured")
        return
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        model = batches.huge(_clips(root))
        rows = [*_sizes(model, root / "report"), *_long_prompts(root)]
        rows += _writing(model, root)
        with _browser() as browser:
            rows += _opening(browser, root / "report")
            rows += _looking(browser, root / "report" / "index.html")
        print_rows(("10,000 cells", "measured", "bar", "÷ floor"), rows)
    print(f"\nMedians of {ROUNDS}; the browser's window is {WIDTH_PX} × {HEIGHT_PX}.")


def _clips(root: Path) -> list[Clip]:
    folder = root / "media"
    folder.mkdir()
    # all wide: higher shapes make higher rows, and fewer of them are near the window
    return [
        make_clip(folder, f"clip{n}", width_px=640, height_px=360, duration_s=3.0 + n, hue=40 * n)
        for n in range(4)
    ]


def _sizes(model: ReportModel, folder: Path) -> Iterator[list[str]]:
    index = write_site(model, folder).stat().st_size
    cells = _cell_bytes(folder) / len(model.cells)
    details = sum(path.stat().st_size for path in folder.glob("detail-*.js")) / len(model.cells)
    yield _row("index.html", f"{index / 1000:.0f} kB", index <= INDEX_BAR_BYTES, "300 kB")
    yield _row("data a cell", f"{cells:.0f} B", cells <= CELL_BAR_BYTES, "1,000 B")
    yield ["details a cell, read when opened", f"{details:.0f} B", "", ""]


def _long_prompts(root: Path) -> Iterator[list[str]]:
    model = batches.huge(_clips_again(root), prompts=300, long=True)
    folder = root / "long"
    index = write_site(model, folder).stat().st_size
    label = "index.html, 300 prompts of 1,700 signs"
    yield _row(label, f"{index / 1000:.0f} kB", index <= INDEX_BAR_BYTES, "300 kB")


def _clips_again(root: Path) -> list[Clip]:
    (root / "second").mkdir()
    return _clips(root / "second")


def _cell_bytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.glob("data-[0-9]*.js") if p.name != "data-0.js")


def _writing(model: ReportModel, root: Path) -> Iterator[list[str]]:
    """Yield how long writing takes; the floor is the standard library's JSON of the same model."""
    took, floor = [], []
    for number in range(3):
        begun = time.perf_counter()
        write_site(model, root / f"written-{number}")
        took.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        json.dumps(model.model_dump(mode="json"))
        floor.append(time.perf_counter() - begun)
    yield ["writing", f"{median(took):.1f} s", "", f"{median(took) / median(floor):.1f}"]


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = list(BROWSER_FLAGS)
        started = playwright.chromium.launch(executable_path=find_browser(), args=flags)
        yield started
        started.close()


def _opening(browser: Browser, folder: Path) -> Iterator[list[str]]:
    """Yield when the first rows are drawn, from the start of the navigation."""
    floor_html = _floor(folder)
    pages, floors = [], []
    for _ in range(ROUNDS):
        pages.append(_painted_s(browser, folder / "index.html"))
        floors.append(_painted_s(browser, floor_html))
    first = median(pages)
    bar = f"{FIRST_ROWS_BAR_S:.0f} s"
    row = _row("first rows drawn", f"{first:.2f} s", first <= FIRST_ROWS_BAR_S, bar)
    yield [*row[:3], f"{first / median(floors):.1f}"]


def _floor(folder: Path) -> Path:
    names = [path.name for path in folder.glob("data-*.js")]
    scripts = "".join(f'<script defer src="{name}"></script>\n' for name in sorted(names))
    (folder / "floor.js").write_text(FLOOR_JS)
    floor = folder / "floor.html"
    floor.write_text(FLOOR.format(scripts=scripts))
    return floor


def _painted_s(browser: Browser, html: Path) -> float:
    context, page = _page(browser, html)
    page.wait_for_selector(".tile", state="attached")
    painted_ms: float = page.evaluate(
        """() => new Promise((resolve) => {
            const ask = () => (globalThis.paintedMs
              ? resolve(globalThis.paintedMs) : requestAnimationFrame(ask));
            ask();
        })"""
    )
    context.close()
    return painted_ms / 1000


def _page(browser: Browser, html: Path) -> tuple[Any, Page]:
    context = browser.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
    context.add_init_script(PAINTED)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(html.as_uri())
    return context, page


def _looking(browser: Browser, index: Path) -> Iterator[list[str]]:
    """Yield how large the document is here and there, and what plays in it."""
    context, page = _page(browser, index)
    page.wait_for_selector("html[data-ready]")
    for place, part in (("at the top", 0.0), ("in the middle", 0.5), ("at the end", 1.0)):
        page.evaluate(SCROLL, part)
        elements, nodes = page.evaluate(NODES)
        what = f"elements {place}"
        told = f"{elements:,} ({nodes:,} nodes with texts)"
        yield _row(what, told, elements <= NODES_BAR, f"{NODES_BAR:,}")
    page.evaluate(SCROLL, 0.5)
    page.locator("#play").click()
    live = page.evaluate(LIVE)
    yield _row("clips decoding while all play", str(live), live <= DECODERS_BAR, f"{DECODERS_BAR}")
    page.locator("#stop").click()
    yield ["filtering by words", f"{page.evaluate(FILTER):.0f} ms", "", ""]
    context.close()


def _row(what: str, value: str, held: bool, bar: str) -> list[str]:  # noqa: FBT001
    return [what, value, f"{bar} {'met' if held else '**missed**'}", ""]


if __name__ == "__main__":
    main()
