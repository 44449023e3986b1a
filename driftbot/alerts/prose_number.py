"""Numbers that a text for people states as a bound: ``more than 85%``, ``over 5 minutes``, ``(> 500k)``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """What a number in a text counts, as its unit says."""

    PERCENT = "percent"
    DURATION = "duration"
    BYTES = "bytes"
    PLAIN = "plain"


class Bound(StrEnum):
    """On which side of the number the text says that there is trouble, and whether the number itself is trouble."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class ProseNumber:
    """One bound as a text states it.

    ``phrase`` is the piece of the text, ``value`` the number as written with so many ``decimals``, ``scale`` what one
    of its unit is worth (seconds for a duration, decimal bytes for bytes, 1 for percent). ``firm`` is False where the
    same words also tell over which time something was looked at (``over 5 minutes``).
    """

    phrase: str
    value: float
    decimals: int
    dimension: Dimension
    scale: float
    bound: Bound
    firm: bool


_NOT_PROSE = re.compile(
    r"\{\{.{0,2000}?\}\}|<%.{0,2000}?%>|\$\{[^{}]*\}|`[^`]*`|https?://\S+|</?[A-Za-z@#!][^<>]*>|\b\w+\{[^{}]*\}",
    re.DOTALL,
)
_BLANK = "\N{WHITE SQUARE}"
_ABOVE = (
    r"(?:more|greater|higher|larger|bigger|longer|older|worse|slower|further)\s+than|exceed(?:s|ed|ing)?|above|beyond"
    r"|surpass(?:es|ed|ing)?|cross(?:es|ed|ing)?|>(?!=)"
)
_AT_LEAST = r"at\s+least|reach(?:es|ed|ing)?|≥|>="
_BELOW = r"(?:less|lower|fewer|smaller|shorter|younger|better|faster|sooner)\s+than|below|under|beneath|<(?!=)"
_AT_MOST = r"at\s+most|≤|<="
_EITHER = r"threshold(?:\s*(?:of|is|at|=|:))?|limit\s+of"
_LOOSE = r"over|within(?:\s+the\s+next)?|in\s+the\s+(?:next|last|past)|(?:last|past|next)|for"
_FILLER = (
    r"(?:\s+(?:or\s+equal\s+to|the|a|an|about|approximately|around|roughly|only|just|threshold(?:\s+of)?|its|their))*"
)
_UNITS: dict[str, tuple[Dimension, float]] = {
    r"%|percent|per\s?cent|pct": (Dimension.PERCENT, 1.0),
    r"ms|msecs?|[Mm]illiseconds?": (Dimension.DURATION, 1e-3),
    r"s|[Ss]ecs?|[Ss]econds?": (Dimension.DURATION, 1.0),
    r"m|[Mm]ins?|[Mm]inutes?": (Dimension.DURATION, 60.0),
    r"h|[Hh]rs?|[Hh]ours?": (Dimension.DURATION, 3600.0),
    r"d|[Dd]ays?": (Dimension.DURATION, 86400.0),
    r"w|[Ww]eeks?": (Dimension.DURATION, 604800.0),
    r"[Mm]onths?": (Dimension.DURATION, 2592000.0),
    r"[Yy]ears?": (Dimension.DURATION, 31536000.0),
    r"B|[Bb]ytes?": (Dimension.BYTES, 1.0),
    r"[Kk]i?[Bb](?:it|yte)?s?(?:ps)?": (Dimension.BYTES, 1e3),
    r"Mi?[Bb](?:it|yte)?s?(?:ps)?": (Dimension.BYTES, 1e6),
    r"Gi?[Bb](?:it|yte)?s?(?:ps)?": (Dimension.BYTES, 1e9),
    r"Ti?[Bb](?:it|yte)?s?(?:ps)?": (Dimension.BYTES, 1e12),
    r"[kK]": (Dimension.PLAIN, 1e3),
    r"M|million": (Dimension.PLAIN, 1e6),
    r"G|B|billion": (Dimension.PLAIN, 1e9),
    r"x|times": (Dimension.PLAIN, 1.0),
}
_UNIT = "|".join(_UNITS)
_NUMBER = re.compile(
    rf"(?:(?<!\w)(?i:(?P<above>{_ABOVE})|(?P<at_least>{_AT_LEAST})|(?P<below>{_BELOW})|(?P<at_most>{_AT_MOST})"
    rf"|(?P<either>{_EITHER})|(?P<loose>(?:{_LOOSE})\b)){_FILLER})?\s*"
    r"(?<![\w.,:/#@=\-])[~≈]?(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE]\d+)?)"
    rf"(?:[\s-]?(?P<unit>{_UNIT})(?![A-Za-z0-9_]))?(?![\w%]|[.:,/\-]\d|-[A-Za-z]+\d)"
    r"(?:\s+or\s+(?:(?P<or_more>more|above|greater|higher)|(?P<or_less>less|fewer|below|lower))\b)?"
)
_SAYING = {
    "or_more": Bound.AT_LEAST,
    "or_less": Bound.AT_MOST,
    **{each.value: each for each in Bound},
}
_REMARK = re.compile(r"\b(?:normal|usual|typical|expected)(?:ly)?\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")


def prose_numbers(text: str) -> Iterator[ProseNumber]:
    """The bounds that the text states, in its order; template actions, code, markup and links are passed over.

    A sentence that tells what is normal states no bound. A percentage counts wherever it stands, any other number only
    where words or signs make it a bound. Numbers inside words (``p99``, ``5xx``, ``v1.2``), ordinals, dates, addresses
    and versions do not count.
    """
    for sentence in _SENTENCE_END.split(_NOT_PROSE.sub(_BLANK, text)):
        yield from (_of_sentence(sentence) if not _REMARK.search(sentence) else ())


def _of_sentence(plain: str) -> Iterator[ProseNumber]:
    for match in _NUMBER.finditer(plain):
        unit = match["unit"] or ""
        dimension, scale = _meaning(unit)
        over = (match["loose"] or "").lower() == "over" and dimension is not Dimension.DURATION
        loose = match["loose"] is not None and not over
        bound = Bound.ABOVE if over else next((each for name, each in _SAYING.items() if match[name]), None)
        if bound is None and not (loose and dimension is Dimension.DURATION) and dimension is not Dimension.PERCENT:
            continue
        yield ProseNumber(
            phrase=" ".join(match[0].split()),
            value=float(match["number"].replace(",", "")),
            decimals=len(match["number"].partition(".")[2]),
            dimension=dimension,
            scale=scale,
            bound=bound or Bound.EITHER,
            firm=not loose,
        )


def _meaning(unit: str) -> tuple[Dimension, float]:
    for pattern, meaning in _UNITS.items():
        if unit and re.fullmatch(pattern, unit):
            return meaning
    return Dimension.PLAIN, 1.0
