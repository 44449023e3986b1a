"""Comparisons of PromQL, and limits: the values for which a comparison with a number holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.quantity import format_number


class Comparison(StrEnum):
    """When a condition holds. ``present``: any series at all; ``absent``: none (``absent(…)``)."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    EQUAL = "=="
    NOT_EQUAL = "!="
    PRESENT = "present"
    ABSENT = "absent"

    @property
    def upward(self) -> bool:
        """Whether it holds above a number."""
        return self in (Comparison.ABOVE, Comparison.AT_LEAST)

    @property
    def downward(self) -> bool:
        """Whether it holds below a number."""
        return self in (Comparison.BELOW, Comparison.AT_MOST)

    @property
    def ordered(self) -> bool:
        """Whether it holds on one side of a number."""
        return self.upward or self.downward


COMPARISONS = frozenset(str(item) for item in Comparison) - {Comparison.PRESENT.value, Comparison.ABSENT.value}
"""The operators that compare."""

TURNED: dict[str, Comparison] = {
    Comparison.ABOVE: Comparison.BELOW,
    Comparison.BELOW: Comparison.ABOVE,
    Comparison.AT_LEAST: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.AT_LEAST,
}
"""What an operator is with its sides exchanged; the others stay what they are."""

_HOLDS: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.ABOVE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """An operator that compares, and the number it compares with."""

    comparison: Comparison
    value: float

    def __str__(self) -> str:
        return f"{self.comparison} {format_number(self.value)}"

    def holds(self, value: float) -> bool:
        """Whether it holds for the value."""
        return _HOLDS[self.comparison](value, self.value)

    def within(self, other: Limit) -> bool:
        """Whether the other holds for every value for which this one does, NaN included."""
        if other.comparison is Comparison.NOT_EQUAL:
            return not self.holds(other.value)
        if self.comparison is Comparison.EQUAL:
            return other.holds(self.value)
        upward = self.comparison.upward and other.comparison.upward
        downward = self.comparison.downward and other.comparison.downward
        strict = self.comparison in (Comparison.ABOVE, Comparison.BELOW) and self.value == other.value
        return (upward or downward) and (strict or other.holds(self.value))
