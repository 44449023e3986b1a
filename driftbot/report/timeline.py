"""The life of values: from when to when a value was known to hold, and what it became."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from driftbot.core.fact import Provenance, View, provenance_told, show
from driftbot.core.history import FindingLife, Interval, Lapse
from driftbot.core.marker import Marker
from driftbot.core.past import GIT_CHANGES
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import SubjectId
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import place, plural, state


def changes(intervals: Iterable[Interval]) -> tuple[str, ...]:
    """What one key turned from and to, when and in which views, the newest first; nothing where it never changed."""
    told: dict[tuple[datetime, str], set[str]] = {}
    for line in _by_view(intervals):
        for before, after in pairwise(line):
            was, became = harmless(show(before.fact.value), 80), harmless(show(after.fact.value), 80)
            if was != became:
                told.setdefault((after.first_seen, f"{was} → {became}"), set()).add(str(after.fact.view))
    spelling = shortest_spelling(moment for moment, _ in told)
    return tuple(
        f"{format(moment, spelling)}: {text} ({', '.join(sorted(views))})"
        for (moment, text), views in sorted(told.items(), reverse=True)
    )


def timeline(
    subject: SubjectId,
    intervals: Sequence[Interval],
    markers: Sequence[Marker] = (),
    findings: Sequence[FindingLife] = (),
) -> Outline:
    """Every value a subject ever had, by key, the oldest first, and the nights that could not read it.

    ``markers`` are what was released about it, told after its values, and ``findings`` what was found of it.
    """
    spelling = shortest_spelling(moment for interval in intervals for moment in _moments(interval))
    keys = sorted({interval.fact.key for interval in intervals} - {GIT_CHANGES})
    sections = tuple(
        Section(
            harmless(key, 120),
            Tone.QUIET,
            tuple(_items((interval for interval in intervals if interval.fact.key == key), spelling)),
        )
        for key in keys
    )
    steps = _git_changes(intervals)
    values = sum(interval.fact.key in keys for interval in intervals)
    elsewhere = steps.items or (not intervals and (markers or findings))
    counts = (
        *([plural(len(keys), "key"), plural(values, "value")] if keys or not elsewhere else []),
        *([plural(len(steps.items), "change") + " in git"] if steps.items else []),
        *([plural(len(markers), "release")] if markers else []),
        *([plural(len(findings), "finding")] if findings else []),
    )
    released = Section("Releases", Tone.QUIET, tuple(_released(marker, subject) for marker in markers))
    found = Section("Findings", Tone.QUIET, tuple(_found(life) for life in findings))
    shown = (*sections, *(section for section in (steps, released, found) if section.items))
    return Outline(harmless(str(subject)), ", ".join(counts), shown, "", Tone.QUIET)


def _git_changes(intervals: Iterable[Interval]) -> Section:
    """What git told last of an alert's changes, a line each: every telling holds those before it."""
    told = [interval for interval in intervals if interval.fact.key == GIT_CHANGES]
    last = max(told, key=lambda interval: interval.last_seen, default=None)
    changes = last.fact.value if last else ()
    items = tuple(Item("", harmless(text, 1000)) for text in changes) if isinstance(changes, tuple) else ()
    return Section("Changes in git", Tone.QUIET, items)


def _released(marker: Marker, subject: SubjectId) -> Item:
    """A marker as it is told: when, what, and of whom, where it is somebody else's."""
    about = [] if marker.subject.id == subject else [harmless(str(marker.subject), 200)]
    late = [f"or up to {Quantity(marker.late_by, Unit.SECONDS)} earlier"] if marker.late_by else []
    line = " · ".join([*about, place(marker.origin), *late])
    return Item(f"{datetime.fromtimestamp(marker.at, UTC):%Y-%m-%d %H:%M}", harmless(str(marker), 200), (line,))


def _found(life: FindingLife) -> Item:
    """A finding as it is told: since when, by which rule, what, where it stands, and by which id to ask for more."""
    finding = life.finding
    said = [harmless(text, 300) for text in ([finding.message] if finding.message else finding.reasons)]
    line = " · ".join([str(finding.verdict), state(life), finding.fingerprint])
    return Item(f"{life.first_seen:%Y-%m-%d}", harmless(finding.rule, 80), (*said, line))


def shortest_spelling(moments: Iterable[datetime]) -> str:
    """How to write these times so that different ones differ: days where they do, else with hours, else seconds."""
    different = set(moments)
    for spelling in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        if len({format(moment, spelling) for moment in different}) == len(different):
            break
    return spelling


def _moments(interval: Interval) -> Iterable[datetime]:
    yield from (interval.first_seen, interval.last_seen)
    yield from filter(None, [interval.closed])
    for lapse in interval.lapses:
        yield from (lapse.first, lapse.last)


def _by_view(intervals: Iterable[Interval]) -> Sequence[Sequence[Interval]]:
    """The intervals of each view and place, the oldest first."""
    lines: dict[tuple[View, str, str], list[Interval]] = {}
    for interval in intervals:
        fact = interval.fact
        lines.setdefault((fact.view, fact.origin.source, fact.origin.locator), []).append(interval)
    return [sorted(line, key=lambda interval: interval.first_seen) for _, line in sorted(lines.items())]


def _items(intervals: Iterable[Interval], spelling: str) -> Iterable[Item]:
    for line in _by_view(intervals):
        yield from (_item(interval, spelling) for interval in line)


def _item(interval: Interval, spelling: str) -> Item:
    fact = interval.fact
    words = [str(fact.view)]
    if fact.provenance is not Provenance.EXPLICIT:
        words.append(provenance_told(fact.provenance))
    words += [place(fact.origin)] if fact.origin.source else []
    between = [lapse for lapse in interval.lapses if lapse != interval.unread]
    missed = (f"not readable {_stretch(lapse, spelling)}" for lapse in between)
    lines = (" · ".join(words), *missed, _end(interval, spelling))
    return Item(format(interval.first_seen, spelling), harmless(show(fact.value)), lines)


def _end(interval: Interval, spelling: str) -> str:
    last = f"last read {format(interval.last_seen, spelling)}"
    if interval.closed:
        return f"{last}, gone or changed by {format(interval.closed, spelling)}"
    if lapse := interval.unread:
        return f"{last}; not readable since {format(lapse.first, spelling)} ({plural(lapse.nights, 'night')})"
    return f"{last}, still so"


def _stretch(lapse: Lapse, spelling: str) -> str:
    if lapse.nights == 1:
        return f"on {format(lapse.first, spelling)}"
    return f"from {format(lapse.first, spelling)} to {format(lapse.last, spelling)} ({plural(lapse.nights, 'night')})"
