"""The pasts that a store remembers: versions of alerts by the nights that first saw them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from driftbot.core.fact import Fact, Value, View
from driftbot.core.history import Held
from driftbot.core.past import VERSION_KEYS, Past, Revision, Version
from driftbot.core.sighting import ALERT
from driftbot.core.subject import Subject, SubjectId

__all__ = ["VERSION_KEYS", "pasts_of_nights"]

_Side = tuple[SubjectId, View, str]


def pasts_of_nights(held: Iterable[Held], today: Iterable[Fact], as_of: datetime) -> tuple[Past, ...]:
    """The past of every alert of today that nights knew otherwise, by subject: as its file says it, else as it runs.

    ``held`` are earlier nights' values, ``today`` this night's facts. Before the first night nothing is known.
    """
    nights: dict[_Side, list[Held]] = defaultdict(list)
    for one in held:
        nights[_side(one.fact)].append(one)
    changed = {side[0] for side in nights}
    now: dict[_Side, list[Fact]] = defaultdict(list)
    for fact in today:
        if fact.key in VERSION_KEYS and fact.subject.kind == ALERT and fact.subject.id in changed:
            now[_side(fact)].append(fact)
    told = {side[0]: side for side in sorted(now, key=_least, reverse=True)}
    return tuple(past for _, side in sorted(told.items()) for past in _past(side, nights[side], now[side], as_of))


def _side(fact: Fact) -> _Side:
    return fact.subject.id, fact.view, fact.origin.source


def _least(side: _Side) -> tuple[bool, str]:
    """A file's word before a server's."""
    return side[1] is not View.DECLARED, side[2]


def _past(side: _Side, held: Sequence[Held], today: Sequence[Fact], as_of: datetime) -> Iterator[Past]:
    moments = sorted({one.since for one in held})
    dated = [(moment, [one.fact for one in held if _holds(one, moment)]) for moment in moments]
    revisions: list[Revision] = []
    for moment, facts in [*dated, (as_of, list(today))]:
        version = _version({fact.key: fact.value for fact in facts})
        if version and not (revisions and revisions[-1].version == version):
            revisions.append(Revision(version, moment if revisions else None))
    if revisions:
        subject = Subject(side[0].kind, side[0].environment, side[0].name)
        yield Past(subject, side[2], tuple(revisions))


def _holds(one: Held, moment: datetime) -> bool:
    return one.since <= moment and (one.until is None or moment < one.until)


def _version(values: Mapping[str, Value]) -> Version | None:
    """None where no expression was known."""
    return Version.of(values) if isinstance(values.get("expression"), str) else None
