"""Waiting for a page without sleeping: asked once a frame, in the page itself."""

from typing import Any

from playwright.sync_api import Page

LIMIT_MS = 15_000


def until(page: Page, expression: str) -> Any:
    """Return the value of a JavaScript expression as soon as it is true.

    Playwright's own wait_for_function needs `eval`, which the page's policy forbids, and rightly.
    """
    return page.evaluate(
        f"""() => new Promise((resolve, reject) => {{
            const end = performance.now() + {LIMIT_MS};
            const ask = () => {{
                const value = ({expression});
                if (value) resolve(value);
                else if (performance.now() > end) reject(new Error({expression!r}));
                else requestAnimationFrame(ask);
            }};
            ask();
        }})"""
    )
