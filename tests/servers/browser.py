"""The system's Chromium, driven by Playwright; it is watched for anything that it asks outside of loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

SCREENSHOTS = Path(__file__).parent.parent.parent / "build" / "screenshots"
"""Where pictures of pages are left, to be looked at by people."""
WIDE = {"width": 1400, "height": 900}
_LOCAL = frozenset({"127.0.0.1", "localhost"})


@dataclass
class Watched:
    """A page, what it asked outside of loopback, and what it complained of."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def _asked(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme not in ("data", "blob", "about") and place.hostname not in _LOCAL:
            self.outside.append(url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, or a loud skip."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(browser: Browser) -> Iterator[Watched]:
    """A new page; whoever used it finds out at the end if it asked anybody outside, or if its script failed."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    seen = Watched(page)
    page.on("request", lambda request: seen._asked(request.url))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and seen.complaints.append(said.text))
    try:
        yield seen
    finally:
        context.close()
    assert seen.outside == []
    assert seen.complaints == []
