"""Blocks as HTML (https://docs.slack.dev/reference/block-kit/blocks)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from driftbot.sandbox.page.controls import control, entry, said
from driftbot.sandbox.page.html import Node, h
from driftbot.sandbox.page.mrkdwn import Names, mrkdwn, plain
from driftbot.sandbox.post import Json


@dataclass(frozen=True, slots=True)
class Blocks:
    """Draws blocks; ``errors`` are an app's complaints about a modal's inputs, by block id."""

    names: Names
    errors: Mapping[str, str] = field(default_factory=dict)

    def drawn(self, blocks: Sequence[Json]) -> list[Element]:
        """All of them, in order; a kind that is not drawn says so."""
        return [self._block(block) for block in blocks]

    def _block(self, block: Json) -> Element:
        draw = self._kinds().get(block["type"])
        return draw(block) if draw else h("p", f"[{block['type']}]", class_="unknown")

    def _kinds(self) -> dict[str, Callable[[Json], Element]]:
        return {
            "actions": self._actions,
            "context": self._context,
            "divider": lambda _: h("hr"),
            "header": lambda block: h("h3", said(block["text"], self.names), dir="auto"),
            "image": lambda block: picture(block, plain((block.get("title") or {}).get("text", ""))),
            "input": self._input,
            "markdown": lambda block: h("pre", block["text"], class_="markdown", dir="auto"),
            "section": self._section,
        }

    def _section(self, block: Json) -> Element:
        fields = block.get("fields") or []
        text = block.get("text")
        accessory = block.get("accessory")
        return h(
            "div",
            h(
                "div",
                h("p", said(text, self.names), dir="auto") if text else None,
                h("div", [h("p", said(one, self.names), dir="auto") for one in fields], class_="fields")
                if fields
                else None,
                class_="said",
            ),
            self._element(accessory, block) if accessory else None,
            class_="section",
        )

    def _actions(self, block: Json) -> Element:
        return h("div", [self._element(element, block) for element in block["elements"]], class_="actions")

    def _context(self, block: Json) -> Element:
        return h("div", [self._remark(element) for element in block["elements"]], class_="context")

    def _remark(self, element: Json) -> Node:
        return picture(element) if element["type"] == "image" else h("span", said(element, self.names), dir="auto")

    def _element(self, element: Json, block: Json) -> Element:
        if element["type"] == "image":
            return picture(element)
        return control(element, str(block["block_id"]), self.names)

    def _input(self, block: Json) -> Element:
        block_id, label, element = str(block["block_id"]), plain(block["label"]["text"]), block["element"]
        error = self.errors.get(block_id)
        hint = said(block.get("hint"), self.names) or (["In UTC."] if element["type"] == "datetimepicker" else [])
        return h(
            "div",
            h(
                "div",
                label,
                h("span", " (optional)", class_="optional") if block.get("optional") else None,
                class_="label",
            ),
            entry(element, block_id, label, self.names, error is not None),
            h("p", hint, class_="hint") if hint else None,
            h("p", error, class_="error", role="alert") if error else None,
            class_="input",
        )


def picture(image: Json, title: str = "") -> Element:
    """A picture of the sandbox's own, or the text in place of one that another server has: nothing is asked there."""
    alternative = plain(image["alt_text"])
    file = (image.get("slack_file") or {}).get("id")
    shown = (
        h("img", src=f"/page/files/{file}", alt=alternative) if file else h("span", f"[{alternative}]", class_="alt")
    )
    return h("figure", shown, h("figcaption", title) if title else None)


def message_body(text: str, blocks: Sequence[Json], names: Names) -> list[Element]:
    """What a message says: its blocks, or its text if there are none."""
    if blocks:
        return Blocks(names).drawn(blocks)
    return [h("p", mrkdwn(text, names), dir="auto")] if text else []
