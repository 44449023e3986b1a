"""Text that can be written down: JSON can spell half a character, which no encoding of text knows."""

from __future__ import annotations


def whole(text: str) -> str:
    """The text with U+FFFD in place of half a character of UTF-16; two halves become the character that they are."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
