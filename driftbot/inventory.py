"""The inventory: what every configured source says about configuration, and the vocabulary they speak."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from driftbot.alerts.derive import derived_keys
from driftbot.collectors.collector import Collector, Context, Ledger, Tape
from driftbot.config import Source
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand
from driftbot.core.fact import Origin
from driftbot.core.key import Vocabulary
from driftbot.core.marker import MARKERS
from driftbot.core.snapshot import Reading
from driftbot.plugins import collectors

Progress = Callable[[str], None]


def vocabulary(sources: Iterable[Source]) -> Vocabulary:
    """All keys that installed collectors provide, with those that configured sources add and those that are derived.

    A shipped rule about something nobody configured is then a rule that matches nothing, not an error.
    """
    installed = [key for collector in collectors().values() for key in collector.keys(None)]
    configured = [key for source in sources for key in source.collector.keys(source.options)]
    return Vocabulary([*installed, *configured, *derived_keys()])


def take_inventory(sources: Iterable[Source], tape: Tape, as_of: datetime, progress: Progress) -> Reading:
    """Read every source; one that fails is a gap in its coverage and never the end of the night."""
    return Reading.merged(
        _guarded(source, partial(source.collector.read, source.options), tape, as_of, progress) for source in sources
    )


def measure(
    sources: Iterable[Source], demand: Demand, ledger: Ledger, tape: Tape, as_of: datetime, progress: Progress
) -> Reading:
    """Ask every source that can measure for what the rules demand and the store does not hold yet."""
    known = tuple(sources) if demand else ()
    able = [source for source in known if source.collector.measure and source.collector.measures(source.options)]
    demand = replace(demand, mute=frozenset(source.name for source in known if source not in able))
    beyond = (MARKERS,) if demand.markers else ()
    return Reading.merged(
        _guarded(source, partial(_measure, source, demand, ledger), tape, as_of, progress, beyond) for source in able
    )


def _measure(source: Source, demand: Demand, ledger: Ledger, context: Context) -> Reading:
    assert source.collector.measure is not None
    return source.collector.measure(source.options, context, demand, ledger)


def _guarded(
    source: Source,
    read: Callable[[Context], Reading],
    tape: Tape,
    as_of: datetime,
    progress: Progress,
    beyond: Sequence[str] = (),
) -> Reading:
    progress(f"reading {source.name}")
    context = Context(source.name, source.environment, as_of, tape, progress)
    try:
        return read(context)
    except Exception as error:  # a collector may be anybody's plugin; its defect must not end the night
        reason = f"the collector {source.collector.kind} broke off: {type(error).__name__}: {error}"
        return Reading(coverage=tuple(_failed(source, reason, beyond)))


def _failed(source: Source, reason: str, beyond: Sequence[str]) -> Iterable[Coverage]:
    gap = Gap(Origin(source.name), reason)
    for kind in (*_kinds(source.collector, source), *beyond):
        yield Coverage(source.name, source.environment, kind, gaps=(gap,), failed=True)


def _kinds(collector: Collector, source: Source) -> list[str]:
    return sorted({key.subject_kind for key in collector.keys(source.options)})
