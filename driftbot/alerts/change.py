"""Changes: one way in which two definitions of an alert differ in meaning, and whether it pages less or more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
        place = f" of {self.where}" if self.where else ""
        reason = f" ({self.because})" if self.because else ""
        return f"{self.aspect}{place} {self.old or 'nothing'} → {self.new or 'nothing'}{reason}"
