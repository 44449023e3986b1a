"""Names that look alike: what a metric or a label value that has gone was probably renamed to. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest

LEAST_ALIKE = 0.5
"""Share of words (of letters, for label values) that two names must have in common."""

CLEAR_LEAD = 0.15
"""By how much the best candidate must be more alike than the second best."""

MOST_CANDIDATES = 6
"""Names that are looked at more closely for one that has gone."""

_ENDINGS = frozenset(
    {
        "bit",
        "byte",
        "count",
        "hour",
        "kb",
        "kilobyte",
        "mb",
        "microsecond",
        "milli",
        "millisecond",
        "minute",
        "ms",
        "nanosecond",
        "ns",
        "num",
        "number",
        "percent",
        "percentage",
        "ratio",
        "second",
        "total",
        "us",
    }
)
"""Words, in the singular, that say unit or kind and not what is measured: the ones that renamings add, drop and change
(https://prometheus.io/docs/practices/naming/#metric-names)."""

_PART_OF = ("bucket", "sum")
"""A histogram's parts are not renamed into one another."""


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """How alike a name is, from 0 to 1; ``core`` says that only words of unit and kind differ."""

    share: float
    core: bool
    name: str


def metric_words(name: str) -> tuple[str, ...]:
    """The words of a metric's name, in the singular."""
    parts = re.split(r"[_:.]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    return tuple(_singular(part) for part in parts if part)


class MetricNames:
    """The metrics that are there now, found by their words."""

    def __init__(self, names: Iterable[str]) -> None:
        self._words = {name: _Words.of(name) for name in sorted(set(names))}
        self._having: dict[str, list[str]] = {}
        for name, words in self._words.items():
            for word in words.core:
                self._having.setdefault(word, []).append(name)

    def like(self, gone: str) -> tuple[Likeness, ...]:
        """The names most like one that has gone, the most alike first."""
        words = _Words.of(gone)
        shared = Counter(name for word in sorted(words.core) for name in self._having.get(word, ()))
        shared.pop(gone, None)
        nearest = nlargest(10 * MOST_CANDIDATES, shared, key=lambda name: self._alike(words, name, shared[name]))
        found = (words.likeness(self._words[name], name) for name in nearest)
        ranked = sorted((one for one in found if one and one.share >= LEAST_ALIKE), key=_rank)
        return tuple(ranked[:MOST_CANDIDATES])

    def _alike(self, words: _Words, name: str, shared: int) -> float:
        return shared / (len(words.core) + len(self._words[name].core) - shared)


@dataclass(frozen=True, slots=True)
class _Words:
    core: frozenset[str]
    whole: frozenset[str]
    part: str

    @classmethod
    def of(cls, name: str) -> _Words:
        words = metric_words(name)
        part = words[-1] if words and words[-1] in _PART_OF else ""
        core = frozenset(word for word in words if word not in _ENDINGS and word not in _PART_OF)
        return cls(core or frozenset(words), frozenset(words), part)

    def likeness(self, other: _Words, name: str) -> Likeness | None:
        if self.part != other.part:
            return None
        core = self.core == other.core
        alike = len(self.core & other.core) / len(self.core | other.core)
        # Of names with one core the one that shares its other words, too, is nearer: `_count` goes to `_count`.
        also = len(self.whole & other.whole) / len(self.whole | other.whole)
        return Likeness(0.8 * alike + 0.2 * also, core, name)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server says of a candidate: was it there before the old name went, and do they share a job."""

    before: bool
    jobs: frozenset[str]


def leading_metric(
    candidates: Collection[Likeness], standing: Mapping[str, Standing], jobs: frozenset[str]
) -> tuple[str, str] | None:
    """The name that a metric was probably renamed to, and why; None where none clearly leads.

    A candidate that was there beside the old name counts only if nothing but unit or kind differs: exporters often give
    both for a while. One of other jobs does not count.
    """
    weighed = []
    for one in candidates:
        known = standing.get(one.name)
        if known is None or (jobs and known.jobs and not jobs & known.jobs) or (known.before and not one.core):
            continue
        weighed.append((one.share + (0.0 if known.before else 0.3), one, known))
    weighed.sort(key=lambda entry: (-entry[0], entry[1].name))
    if not weighed or (len(weighed) > 1 and weighed[0][0] - weighed[1][0] < CLEAR_LEAD):
        return None
    _, best, known = weighed[0]
    return best.name, _because(best, known, jobs & known.jobs)


def leading_value(gone: str, now: Collection[str], then: Collection[str]) -> tuple[str, str] | None:
    """The value that a label's value was probably changed to, and why; None where none clearly leads."""
    new = sorted(set(now) - set(then) - {""})
    if len(new) == 1:
        return new[0], "the only value that is there now and was not a day before the old one went"
    ranked = sorted(((_alike(gone, value), value) for value in new), reverse=True)
    if len(ranked) > 1 and ranked[0][0] >= LEAST_ALIKE and ranked[0][0] - ranked[1][0] >= CLEAR_LEAD:
        return ranked[0][1], f"new since then, and of {len(new)} new values the one most like it"
    return None


def _because(best: Likeness, known: Standing, shared: Collection[str]) -> str:
    alike = "only unit or kind differ" if best.core else f"{best.share:.0%} alike"
    job = f", exported by job {sorted(shared)[0]} as the old one was" if shared else ""
    return f"{alike}{', was there beside it' if known.before else ', appeared when it went'}{job}"


def _rank(one: Likeness) -> tuple[float, str]:
    return -one.share, one.name


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
