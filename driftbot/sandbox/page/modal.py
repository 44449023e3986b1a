"""An open modal as HTML (https://docs.slack.dev/surfaces/modals)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from driftbot.sandbox.page.blocks import Blocks
from driftbot.sandbox.page.html import h
from driftbot.sandbox.page.mrkdwn import Names, plain
from driftbot.sandbox.workspace import View


def modal(view: View, names: Names) -> Element:
    """The form; what a person typed stays while its hash is the same."""
    content = view.content
    close = plain((content.get("close") or {}).get("text", "Close" if not content.get("submit") else "Cancel"))
    submit = content.get("submit")
    return h(
        "form",
        h("h2", plain(content["title"]["text"])),
        h("div", Blocks(names, view.errors).drawn(content["blocks"]), class_="blocks"),
        h(
            "div",
            h("button", close, type="button", class_="button close"),
            h("button", plain(submit["text"]), type="submit", class_="button primary") if submit else None,
            class_="row",
        ),
        class_="modal",
        data_view=view.id,
        data_hash=view.hash,
        role="dialog",
        aria_modal="true",
        novalidate=True,
    )
