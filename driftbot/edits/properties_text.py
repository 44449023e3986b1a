r"""A value as a properties file has it: one logical line, escaped; what is not ASCII as ``\uXXXX``.

That is read the same by the readers of either encoding, ISO 8859-1 (``java.util.Properties.load``) and UTF-8 (resource
bundles since Java 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.documents.node import Node

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
_ESCAPED = re.compile(r"[\\\t\n\r\f]|[^\x20-\x7e]|\A +")


def spellings(node: Node, text: str) -> Iterator[str]:
    """What could stand in the value's bytes so that it reads ``text``, the likeliest first; each is to be proved."""
    written = escaped(text)
    if not node.raw:
        # A key that stands alone has no separator.
        if not _is_separated(node):
            yield f"={written}"
    elif not node.raw.isascii() and not _unwritable(text):
        yield "".join(character if ord(character) > 0x7E else escaped(character) for character in text)
    yield written
    # Behind a key and a space these would be the separator.
    if text[:1] in ("=", ":"):
        yield f"\\{written}"


def escaped(text: str) -> str:
    """The text as the value of a key."""
    return _ESCAPED.sub(lambda match: "".join(map(_escape, match[0])), text)


def _escape(character: str) -> str:
    if character == " ":
        return "\\ "
    if character in _ESCAPES:
        return _ESCAPES[character]
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _unwritable(text: str) -> bool:
    return text.startswith(" ") or re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text) is not None


def _is_separated(node: Node) -> bool:
    before = node.content.data[: node.start].decode(node.content.encoding, "replace")
    return re.search(r"[:=][ \t\f]*\Z", before[-200:]) is not None
