"""The whole document around the regions."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from driftbot.sandbox.page.html import h, html
from driftbot.sandbox.page.message import Reader

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing inline, nothing from elsewhere, in nobody's frame."""


def document(reader: Reader, channel: str, regions: Mapping[str, Element], changes: int) -> str:
    """The page as it is sent first."""
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("title", f"#{channel} · Slack sandbox"),
        h("link", rel="stylesheet", href="/page/style.css"),
        h("link", rel="icon", href="/page/icon.svg", type="image/svg+xml"),
        h("script", src="/page/page.js", defer=True),
    )
    body = h(
        "body",
        h("aside", h("h1", "Slack sandbox"), regions["channels"], regions["people"], regions["state"]),
        h("main", h("h2", f"# {channel}"), regions["messages"], _composer(channel)),
        regions["thread"],
        regions["modal"],
        h("p", class_="problem", id="problem", role="alert", hidden=True),
        data_user=reader.user,
        data_channel=reader.channel,
        data_thread=reader.thread,
        data_changes=str(changes),
    )
    return "<!doctype html>" + html(h("html", head, body, lang="en"))


def _composer(channel: str) -> Element:
    line = h("input", type="text", name="text", placeholder=f"Message #{channel}", aria_label="Message")
    return h(
        "form", line, h("button", "Send", type="submit", class_="button primary"), class_="composer", id="composer"
    )
