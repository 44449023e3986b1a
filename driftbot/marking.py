"""Marking: which markers are known tonight, from all nights and sources and from the history of settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from driftbot.config import Source
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact
from driftbot.core.history import Held
from driftbot.core.key import Vocabulary
from driftbot.core.marker import Marker
from driftbot.core.marker_book import overlaid_markers
from driftbot.core.setting_marker import setting_keys, setting_markers
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject
from driftbot.store.store import Store


def known_markers(
    store: Store, sources: Iterable[Source], demand: Demand, reading: Reading, words: Vocabulary, as_of: datetime
) -> tuple[Marker, ...]:
    """The markers of the window that rules ask for, sorted; none where no rule asks.

    Of today's sources what earlier nights and tonight told, laid over each other, and what the store's own history of
    settings tells. A marker of the future is left out until its time has come.
    """
    if not demand.markers:
        return ()
    now = as_of.timestamp()
    start = now - demand.marked_for
    names = {source.name for source in sources}
    stored = [marker for marker in store.markers(start, now) if marker.origin.source in names]
    fresh = [marker for marker in reading.markers if start <= marker.at <= now]
    told = overlaid_markers(stored, fresh, reading.marked)
    settings = (marker for marker in changed_settings(store, reading.facts, words, as_of) if marker.at >= start)
    return tuple(sorted((*told, *settings), key=lambda marker: marker.rank))


def changed_settings(store: Store, facts: Iterable[Fact], words: Vocabulary, as_of: datetime) -> tuple[Marker, ...]:
    """What the store's history and tonight's facts tell about settings that changed."""
    keys = setting_keys(words)
    tonight = [fact for fact in facts if fact.key in keys.get(fact.subject.kind, ())]
    nights = [night.as_of for night in store.nights() if night.as_of <= as_of]
    if not nights:
        return ()
    changed = [held for kind, names in sorted(keys.items()) for held in store.changed(kind, names)]
    known = {_place(held) for held in changed}
    standing = (held for held in _standing(store, tonight, keys, nights[-1]) if _place(held) not in known)
    return setting_markers([*changed, *standing], tonight, nights, as_of)


def _place(held: Held) -> tuple[Subject, str]:
    return held.fact.subject, held.fact.key


def _standing(
    store: Store, tonight: Sequence[Fact], keys: Mapping[str, frozenset[str]], last: datetime
) -> Iterator[Held]:
    """What the last night said and tonight does not."""
    told = {(fact.subject, fact.key, fact.value) for fact in tonight}
    for fact in store.facts(kinds=set(keys)):
        if fact.key in keys[fact.subject.kind] and (fact.subject, fact.key, fact.value) not in told:
            yield Held(fact, last)
