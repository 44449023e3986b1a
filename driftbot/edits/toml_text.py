"""A scalar's text as TOML has it: a string in the quotes that stand there, everything else bare."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

from driftbot.documents.node import Node

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def spellings(node: Node, text: str) -> Iterator[str]:
    """What could stand in the scalar's bytes so that it reads ``text``, the likeliest first; each is to be proved."""
    raw = node.raw
    if not raw.startswith(('"', "'")):
        if _is_bare(text):
            yield text
            return
    elif raw.startswith(('"""', "'''")):
        yield from _over_lines(raw, text)
    elif raw.startswith("'") and "'" not in text and not _CONTROL.search(text):
        yield f"'{text}'"
    yield basic(text)


def basic(text: str) -> str:
    """The text as a basic string of one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_bare(text: str) -> bool:
    """Whether the text is a number, a boolean or a date as TOML writes them, one line and no comment."""
    if text.startswith(('"', "'", "[", "{")) or re.search(r"[\r\n#]", text):
        return False
    try:
        return text == text.strip() and bool(tomllib.loads(f"x = {text}"))
    except tomllib.TOMLDecodeError:
        return False


def _over_lines(raw: str, text: str) -> Iterator[str]:
    quotes = raw[:3]
    opening = re.match(r"\r?\n", raw[3:])
    first = opening[0] if opening else ""
    # A line break that opens the string is dropped by the parser: a text that begins with one needs it twice.
    lines = text.replace("\n", "\r\n") if "\r\n" in raw else text
    if quotes == "'''":
        if "'''" not in text and not text.endswith("'") and not _CONTROL_BUT_LINES.search(text):
            yield f"'''{first}{lines}'''"
        quotes = '"""'
    escaped = "\n".join(basic(line)[1:-1] for line in text.split("\n"))
    shown = escaped.replace('\\"', '"') if '"""' not in escaped.replace('\\"', '"') else escaped
    for written in dict.fromkeys((shown, escaped)):
        if not written.endswith('"') or written.endswith('\\"'):
            ended = written.replace("\n", "\r\n") if "\r\n" in raw else written
            yield f"{quotes}{first}{ended}{quotes}"
