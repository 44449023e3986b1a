"""A value as an INI file has it: quoted as it stands there, lines of one value indented alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.documents.node import Node

_COMMENT_LINE = re.compile(r"[\r\n][ \t]*[#;]")
_LIKE_COMMENT = re.compile(r"(?:^|\s)[#;]")
_CONTINUATION = re.compile(r"(?P<end>\r\n|\r|\n)(?P<indentation>[ \t]+)")


def spellings(node: Node, text: str) -> Iterator[str]:
    """What could stand in the value's bytes so that it reads ``text``, the likeliest first; each is to be proved.

    None where a comment stands between the lines of the value, which would go with them, and for a text that some
    readers take for a comment, in quotes or not.
    """
    raw = node.raw
    odd = not text.isprintable() and not _has_lines_only(text)
    if odd or _COMMENT_LINE.search(raw) or _LIKE_COMMENT.search(text):
        return
    continued = _CONTINUATION.search(raw)
    separator = f"{continued['end']}{continued['indentation']}" if continued else "\n" + " " * 4
    lines = text.replace("\n", separator)
    if node.is_null:
        yield f" = {lines}"
        return
    if raw[:1] in ("'", '"') and raw[-1:] == raw[:1] and len(raw) > 1:
        yield f"{raw[0]}{lines}{raw[0]}"
    # Where no quotes stand, some readers would take new ones for a part of the value.
    yield lines


def _has_lines_only(text: str) -> bool:
    return text.replace("\n", "").replace("\t", "").isprintable()
