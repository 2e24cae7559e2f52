"""A picture of a report: one headless Chromium, started for it and gone after it."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from fal_experiments.errors import BadInput, FalExpError, StorageFailed

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
TIME_LIMIT_S = 60
_DRAWN_WITHIN_MS = 5_000
"""Virtual time that the page gets to load and draw; the browser skips waits in it."""


def find_browser() -> str | None:
    """Return the path of a browser that can take the picture, None if PATH has none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def take_screenshot(
    page_html: Path,
    target_png: Path,
    *,
    width_px: int = 1440,
    height_px: int = 900,
    dark: bool = False,
    fragment: str = "",
) -> None:
    """Draw a page in a window of that size and write the picture to `target_png`.

    `fragment` is what stands behind the `#` of the page's address: which view of it.

    Raises: BadInput if no browser is installed or there is no such page. FalExpError if the
    browser fails or takes longer than TIME_LIMIT_S. StorageFailed if the picture cannot be kept.
    """
    browser = find_browser()
    if browser is None:
        raise BadInput(
            f"no browser found; looked on PATH for {', '.join(BROWSERS)}",
            fix="install one, such as `apt install chromium` or `brew install --cask chromium`",
        )
    if not page_html.is_file():
        raise BadInput(f"{page_html}: no such report", fix="write it first: `fal-exp report`")
    with tempfile.TemporaryDirectory(prefix="fal-exp-", ignore_cleanup_errors=True) as profile:
        picture = Path(profile, "picture.png")
        window = ("--force-dark-mode",) if dark else ()
        _run(
            [
                browser,
                *_flags(Path(profile)),
                *window,
                f"--window-size={width_px},{height_px}",
                f"--screenshot={picture}",
                page_html.resolve().as_uri() + (f"#{fragment}" if fragment else ""),
            ],
            picture,
        )
        _keep(picture, target_png)


def _flags(profile: Path) -> list[str]:
    flags = [
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--virtual-time-budget={_DRAWN_WITHIN_MS}",
        f"--user-data-dir={profile}",
    ]
    # Chromium refuses to start its sandbox for root, which is who runs in most containers.
    if getattr(os, "geteuid", lambda: 1)() == 0:
        flags.append("--no-sandbox")
    return flags


def _run(command: list[str], picture: Path) -> None:
    with subprocess.Popen(  # noqa: S603  the program is found on PATH, no shell is involved
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired as exc:
            _end(process)
            raise FalExpError(f"{command[0]}: no picture after {TIME_LIMIT_S} s") from exc
        except BaseException:
            _end(process)
            raise
    if process.returncode != 0 or not picture.is_file():
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise FalExpError(f"{command[0]}: no picture, exit code {process.returncode}: {last[0]}")


def _end(process: "subprocess.Popen[str]") -> None:
    """End the browser and the processes that it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _keep(picture: Path, target_png: Path) -> None:
    part = target_png.with_name(f".{target_png.name}.part")
    try:
        target_png.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, part)
        part.replace(target_png)
    except OSError as exc:
        raise StorageFailed(f"{target_png}: cannot be written: {exc.strerror or exc}") from exc
