"""A signal: the query that measures a key, and how its labels become a subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.subject import Labels, Subject, labels_of

PLACEHOLDER = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*(?:\|[a-zA-Z_][a-zA-Z0-9_]*)*)\}")
"""``{namespace}``, or ``{service|job}``: the first of these labels that is there and not empty."""

SOURCE_LABEL = "driftbot_source"
"""A label that every answer has for these patterns: the name of the source that was asked."""


class Aggregation(StrEnum):
    """What becomes of several series of one query that are the same subject."""

    MAX = "max"
    MIN = "min"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured key.

    ``subject`` is the pattern of the subject's name (``{namespace}/{workload}``, ``{service|job}``): its labels are the
    identity, and every other label of the answer may change without making a new subject. ``identity`` says in words
    why that holds. ``labels`` name the subject's labels and the pattern of each. ``step`` is the finest useful distance
    of samples in seconds.
    """

    name: str
    kind: str
    key: str
    unit: Unit
    meaning: str
    query: str
    subject: str
    identity: str
    labels: Labels = ()
    step: float = 300.0
    aggregation: Aggregation = Aggregation.MAX

    def provides(self) -> Key:
        """The key as the vocabulary knows it."""
        return Key(self.kind, self.key, ValueType.SERIES, self.meaning, self.unit, (self.name,))

    def subject_of(self, found: Mapping[str, str], environment: str) -> Subject | None:
        """The subject of a series with these labels; None where a label of its identity is missing or empty."""
        name = _filled(self.subject, found)
        if name is None:
            return None
        labels = {label: filled for label, pattern in self.labels if (filled := _filled(pattern, found)) is not None}
        return Subject(self.kind, environment, name, labels_of(labels))


def _filled(pattern: str, found: Mapping[str, str]) -> str | None:
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        value = next((found[label] for label in match[1].split("|") if found.get(label)), "")
        missing = missing or not value
        return value

    filled = PLACEHOLDER.sub(fill, pattern)
    return None if missing else filled
