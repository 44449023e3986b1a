"""What ``driftbot approve`` takes of measured series: their levels, from the samples that the store holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from driftbot.report.harmless import harmless

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.fact import Fact
    from driftbot.core.key import Key
    from driftbot.core.subject import SubjectId
    from driftbot.store.store import Store


def levels_of(
    settings: Config, store: Store, is_meant: Callable[[SubjectId], bool], keys: Sequence[str]
) -> tuple[Fact, ...]:
    """The levels of the series of these subjects whose keys the patterns match, as of the last night.

    What has no level is told. Without a pattern of keys no series is meant: a baseline is frozen on purpose, never by
    the way. What a source told that was renamed or taken out since does not count, as in a scan.
    """
    from driftbot.engine.approved_level import WINDOW, NoLevel, level_facts

    as_of = store.nights()[-1].as_of.timestamp()
    sources = {source.name for source in settings.sources}
    found: list[Fact] = []
    for key in _series_keys(settings, keys):
        assert key.unit is not None
        series = [
            one
            for one in store.series(key.subject_kind, key.name, start=as_of - WINDOW, end=as_of)
            if is_meant(one.subject.id) and one.origin.source in sources
        ]
        for level in level_facts(series, key.unit, as_of):
            if isinstance(level, NoLevel):
                click.echo(harmless(f"left out: {level.subject} {level.key} has no level: {level.reason}", 400))
            else:
                found.append(level)
    return tuple(found)


def _series_keys(settings: Config, keys: Sequence[str]) -> Iterator[Key]:
    from driftbot.core.decision import matches
    from driftbot.core.key import ValueType
    from driftbot.inventory import vocabulary

    if keys:
        known = vocabulary(settings.sources)
        yield from (key for key in known if key.type is ValueType.SERIES and matches(key.name, keys))
