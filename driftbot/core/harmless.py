"""Text from the estate made harmless: labels and messages may hold anything, and a terminal obeys what it prints."""

from __future__ import annotations

import re

LONGEST = 400
"""Characters of one text that a report shows (ours: five lines of a terminal)."""

# C0 and C1 controls (ANSI escapes begin with one), line and paragraph separators, the marks that turn the direction of
# what follows (CVE-2021-42574), invisible fillers, and what XML 1.0 and UTF-8 cannot carry: surrogates, non-characters.
_DANGEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200c\u200e-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def harmless(text: str, longest: int = LONGEST) -> str:
    """One line of ``text`` in which everything that a terminal, a page or XML would obey is visible instead.

    Longer texts are cut and say how long they were.
    """
    shown = text if len(text) <= longest else f"{text[: longest - 1]}… ({len(text):,} characters)"
    return _DANGEROUS.sub(_visible, shown)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\n\r\t":
        return {"\n": " ↵ ", "\r": "", "\t": " "}[character]
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
