"""Changes: one way in which two definitions of an alert differ in meaning, and whether it pages less or more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST = 160
"""Characters of an expression within a sentence."""


class Aspect(StrEnum):
    """What of an alert differs."""

    THRESHOLD = "threshold"
    COMPARISON = "comparison"
    HOLD = "for"
    KEEP_FIRING = "keep_firing_for"
    SEVERITY = "severity"
    SELECTOR = "selector"
    WINDOW = "window"
    ROUTING = "routing"
    EXPRESSION = "expression"
    CONDITION = "condition"
    ALERT = "alert"


class Direction(StrEnum):
    """Looser: pages less, later or less loudly. Stricter: the opposite. Ambiguous: it can be either."""

    LOOSER = "looser"
    STRICTER = "stricter"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference in meaning.

    ``old`` and ``new`` are values as a person reads them, ``where`` the measured side of the condition that differs
    (empty for what concerns the whole alert), ``because`` why an ambiguous one is ambiguous.
    """

    aspect: Aspect
    direction: Direction
    old: str
    new: str
    where: str = ""
    because: str = ""

    def __str__(self) -> str:
        reason = f" ({self.because})" if self.because else ""
        if self.aspect in _WHOLE and not (self.old and self.new):
            return f"{self.aspect} {shortened(self.new or self.old)} {_WHOLE[self.aspect][bool(self.new)]}{reason}"
        place = f" of {shortened(self.where)}:" if self.where else ""
        sides = (shortened(side) if side else "nothing" for side in (self.old, self.new))
        return f"{self.aspect}{place} {' → '.join(sides)}{reason}"


_WHOLE = {Aspect.ALERT: ("gone", "new"), Aspect.CONDITION: ("removed", "added")}


def shortened(text: str) -> str:
    """The text, its middle left out where it is longer than a sentence bears."""
    half = (LONGEST - 3) // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"
