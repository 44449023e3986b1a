"""What a forge would do with a Markdown text, seen through another reader of CommonMark (markdown-it)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

READER = MarkdownIt("commonmark", {"html": True})

MENTION = re.compile(r"(?<![A-Za-z0-9_])@([A-Za-z0-9_-]+)")
REFERENCE = re.compile(r"(?<![A-Za-z0-9_/])[#!]\d")
KEYWORD = r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)\b"
CLOSING = re.compile(rf"{KEYWORD}:?\s+(?:#\d|https?://)", re.IGNORECASE)
QUICK_ACTION = re.compile(r"^\s*/[a-z_]+(?:\s|$)", re.MULTILINE)


def effects(text: str) -> set[str]:
    """What the text would do beyond the page, each kind by its name."""
    found: set[str] = set()
    for token in _flat(READER.parse(text)):
        if token.type in ("html_block", "html_inline"):
            found.add("html")
        if token.type == "image":
            found.add("image")
        if token.type == "text":
            shown = html.unescape(token.content)
            found |= {"mention"} if MENTION.search(shown) else set()
            found |= {"reference"} if REFERENCE.search(shown) else set()
            found |= {"closing"} if CLOSING.search(shown) else set()
    # GitLab looks for quick actions in the text as it is written, line by line.
    return found | ({"action"} if QUICK_ACTION.search(text) else set())


def code_of(text: str) -> list[str]:
    """The contents of fenced code and of code spans, in order."""
    return [token.content for token in _flat(READER.parse(text)) if token.type in ("fence", "code_inline")]


def text_of(text: str) -> str:
    """What a reader sees, without the joiners that nobody sees."""
    parts = [token.content for token in _flat(READER.parse(text)) if token.type in ("text", "code_inline")]
    return html.unescape("".join(parts)).replace("\u200d", "")


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])
