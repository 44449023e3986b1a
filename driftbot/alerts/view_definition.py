"""What one view says of an alert, and what is in force: the parts of its definition, known or disputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from driftbot.alerts.definition import AlertDefinition, of_version
from driftbot.core.fact import Fact, Value, View
from driftbot.core.past import VERSION_KEYS, Version
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity

DURATIONS = frozenset({"hold", "keep_firing"})

LABELS = ("severity", "routing")
"""Those that are labels: a view that shows the alert and does not state them says that it has none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The stated parts of a definition; ``disputed`` are those of which one view says two things."""

    values: Mapping[str, Value]
    disputed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, facts: Iterable[Fact], view: View) -> Parts:
        """What this view says."""
        found: dict[str, set[Value]] = {}
        for fact in facts:
            if fact.view is view and fact.key in VERSION_KEYS:
                value = quantity_of(fact.value, Unit.SECONDS) if fact.key in DURATIONS else fact.value
                found.setdefault(fact.key, set()).update((fact.value, "no duration") if value is None else (value,))
        disputed = frozenset(key for key, values in found.items() if len(values) > 1)
        return cls({key: min(values, key=str) for key, values in found.items()}, disputed)

    @property
    def shows(self) -> bool:
        """Whether the view shows the alert's expression, without contradiction."""
        return "expression" in self.values and "expression" not in self.disputed

    def over(self, other: Parts) -> Parts:
        """These, and where they are silent the other's; of labels they are not silent where they show the alert."""
        mine = {*self.values, *(LABELS if self.shows else ())}
        taken = {key: value for key, value in other.values.items() if key not in mine}
        return Parts({**taken, **self.values}, self.disputed | (other.disputed - mine))

    def definition(self, name: str) -> AlertDefinition:
        """The definition; what is not stated is as Prometheus takes it where nobody writes it.

        Raises:
            NotPromQL: the expression cannot be parsed.
        """
        version = Version.of(self.values)
        if version.expression:
            return of_version(name, version)
        return AlertDefinition(name, "", (), version.hold, version.keep_firing, version.severity, version.routing)


def quantity_of(value: Value, unit: Unit) -> Quantity | None:
    """The value as a quantity, written as text as well (approvals are edited by hand); None where it is none."""
    try:
        return value if isinstance(value, Quantity) else parse_quantity(str(value), unit)
    except NotAQuantity:
        return None


def in_force(facts: Iterable[Fact]) -> Parts:
    """What is in force: what is loaded, else what is declared."""
    known = tuple(facts)
    return Parts.of(known, View.EFFECTIVE).over(Parts.of(known, View.DECLARED))
