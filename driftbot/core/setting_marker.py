"""Settings that changed from night to night, as markers of their subjects."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.core.commit import Landing
from driftbot.core.fact import Fact, Value, View, show
from driftbot.core.history import Held
from driftbot.core.key import Delivery, Key, ValueType, Vocabulary
from driftbot.core.marker import Cause, Marker
from driftbot.core.subject import Subject, SubjectId

_WATCHERS = frozenset(
    {"alert", "condition", "recording_rule", "rule_group", "route", "receiver", "inhibition", "silence", "scrape_job"}
)
"""Kinds that watch others: what changes in them changes nothing that is measured."""

_RELEASING = ("image.tag", "image.digest", "version")
_TEXTS = ("image", "schedule", "strategy")
_STATED = frozenset({View.DECLARED, View.EFFECTIVE})
NOT_STATED = "not stated"


def setting_keys(words: Vocabulary) -> dict[str, frozenset[str]]:
    """The keys whose changes are markers, by kind of subject: quantities, flags, images and schedules, as stated.

    Not those of alerts and of what routes them, nor prose (owners, descriptions), nor what is derived or measured.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for key in words:
        if key.subject_kind not in _WATCHERS and key.delivery is Delivery.INVENTORY and _is_setting(key):
            found[key.subject_kind].add(key.name)
    return {kind: frozenset(names) for kind, names in found.items()}


def _is_setting(key: Key) -> bool:
    if key.type is ValueType.TEXT:
        return key.name in _RELEASING or key.name.partition(".")[0] in _TEXTS
    return key.type in {ValueType.QUANTITY, ValueType.FLAG}


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who says what of whom: a source may move a setting to another file without changing it."""

    subject: SubjectId
    key: str
    view: View
    source: str

    @classmethod
    def of(cls, fact: Fact) -> _Speaker:
        return cls(fact.subject.id, fact.key, fact.view, fact.origin.source)


_Said = tuple[datetime, Mapping[Value, Fact]]
"""From when on which values were said, each with a fact that says it."""


def setting_markers(held: Iterable[Held], nights: Sequence[datetime]) -> tuple[Marker, ...]:
    """Every change of a setting that nights saw, sorted.

    ``held`` are the values of settings that changed once (``Store.changed``), ``nights`` the times of all nights in
    order. A change is late by the time since the night before; a setting that is said for the first time is none, as
    nobody knows whether it is new. A new image or version is a release, everything else a setting.
    """
    spoken: dict[_Speaker, list[Held]] = defaultdict(list)
    for one in held:
        if one.fact.view in _STATED:
            spoken[_Speaker.of(one.fact)].append(one)
    found = (_marker(speaker, one, nights) for speaker, values in spoken.items() for one in _changes(_said(values)))
    return tuple(sorted(found, key=lambda marker: marker.rank))


def _said(values: Sequence[Held]) -> Iterator[_Said]:
    """What a speaker said from each turn on."""
    for at in sorted({one.since for one in values} | {one.until for one in values if one.until is not None}):
        yield at, {one.fact.value: one.fact for one in values if _holds(one, at)}


def _holds(one: Held, at: datetime) -> bool:
    return one.since <= at and (one.until is None or at < one.until)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change from one value to another or to none: when it was clear, and from when on the old one was in doubt."""

    at: datetime
    began: datetime
    before: Fact
    after: Fact | None


def _changes(said: Iterable[_Said]) -> Iterator[_Change]:
    """The changes of a setting; several values at once contradict each other until one is left.

    A value that comes back after none was stated is no change, another one is.
    """
    last: Fact | None = None
    stated, doubted = False, None
    for at, values in said:
        if len(values) > 1:
            doubted = doubted or at
            continue
        value = next(iter(values.values()), None)
        if last is not None and (stated if value is None else value.value != last.value):
            yield _Change(at, doubted or at, last, value)
        last, stated, doubted = value or last, value is not None, None


def _marker(speaker: _Speaker, change: _Change, nights: Sequence[datetime]) -> Marker:
    at, before, after = change.at, change.before, change.after
    place = bisect_left(nights, change.began)
    late_by = (at - nights[place - 1]).total_seconds() if place else 0.0
    subject = Subject(speaker.subject.kind, speaker.subject.environment, speaker.subject.name)
    origin = (after or before).origin
    if speaker.key in _RELEASING and after is not None:
        return Marker(subject, at.timestamp(), show(after.value), Cause.RELEASE, origin, late_by)
    new = NOT_STATED if after is None else show(after.value)
    return Marker(
        subject, at.timestamp(), f"{speaker.key} {show(before.value)} → {new}", Cause.SETTING, origin, late_by
    )


def committed(marker: Marker, landings: Iterable[Landing]) -> Marker:
    """The marker with the commit that made it, where exactly one changed its file since the night before.

    It is then no later than the time since that commit landed: nothing was in effect before.
    """
    since = marker.at - marker.late_by
    commits = {
        landing.commit.id: landing.commit
        for landing in landings
        if landing.commit is not None
        and since < landing.commit.at.timestamp() <= marker.at
        and any(change.locator == marker.origin.locator for change in landing.changes)
    }
    if len(commits) != 1:
        return marker
    (commit,) = commits.values()
    return replace(marker, commit=commit.id, late_by=marker.at - commit.at.timestamp())
