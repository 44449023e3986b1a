"""The font of pictures: the one that matplotlib brings, and text in it without a glyph that it lacks."""

from __future__ import annotations

from functools import cache

from matplotlib.font_manager import findfont, get_font

from driftbot.report.harmless import harmless

FAMILIES = ["DejaVu Sans", "Verdana", "sans-serif"]
"""The first is shipped with matplotlib and measured; the others stand in for it where an SVG is viewed."""

_MISSING = "□"


def drawable(text: str, longest: int) -> str:
    """One harmless line of the text, cut, with a box for each character that the font has no glyph for."""
    known = _known()
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(character if ord(character) in known else _MISSING for character in harmless(shown, 8 * longest))


@cache
def _known() -> frozenset[int]:
    """The characters that the font has."""
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
