"""The life of values: from when to when a value was known to hold, and what it became."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from driftbot.core.fact import Provenance, View, show
from driftbot.core.history import Interval
from driftbot.core.subject import SubjectId
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import place, plural


def changes(intervals: Iterable[Interval]) -> tuple[str, ...]:
    """What each view of one key turned from and to and when, the newest first; nothing where it never changed."""
    told = []
    for line in _by_view(intervals):
        for before, after in pairwise(line):
            was, became = harmless(show(before.fact.value), 80), harmless(show(after.fact.value), 80)
            if was != became:
                told.append((after.first_seen, f"{after.first_seen:%Y-%m-%d}: {was} → {became}"))
    return tuple(text for _, text in sorted(told, reverse=True))


def timeline(subject: SubjectId, intervals: Sequence[Interval]) -> Outline:
    """Every value a subject ever had, by key, the oldest first."""
    keys = sorted({interval.fact.key for interval in intervals})
    sections = tuple(
        Section(
            harmless(key, 120),
            Tone.QUIET,
            tuple(_items(interval for interval in intervals if interval.fact.key == key)),
        )
        for key in keys
    )
    count = f"{plural(len(keys), 'key')}, {plural(len(intervals), 'value')}"
    return Outline(harmless(str(subject)), count, sections, "", Tone.QUIET)


def _by_view(intervals: Iterable[Interval]) -> Sequence[Sequence[Interval]]:
    """The intervals of each view and place, the oldest first."""
    lines: dict[tuple[View, str, str], list[Interval]] = {}
    for interval in intervals:
        fact = interval.fact
        lines.setdefault((fact.view, fact.origin.source, fact.origin.locator), []).append(interval)
    return [sorted(line, key=lambda interval: interval.first_seen) for _, line in sorted(lines.items())]


def _items(intervals: Iterable[Interval]) -> Iterable[Item]:
    for line in _by_view(intervals):
        yield from (_item(interval) for interval in line)


def _item(interval: Interval) -> Item:
    fact = interval.fact
    words = [str(fact.view)]
    if fact.provenance is not Provenance.EXPLICIT:
        words.append("the system's default" if fact.provenance is Provenance.DEFAULT else str(fact.provenance))
    words += [place(fact.origin)] if fact.origin.source else []
    end = f"gone or changed by {interval.closed:%Y-%m-%d}" if interval.closed else "still so"
    seen = f"last seen {interval.last_seen:%Y-%m-%d}, {end}"
    return Item(f"{interval.first_seen:%Y-%m-%d}", harmless(show(fact.value)), (" · ".join(words), seen))
