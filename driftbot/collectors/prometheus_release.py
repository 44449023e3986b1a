"""Releases from a Prometheus: which versions ran when, by the labels of information metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_errand import Errand
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_release_history import Releases, releases_of
from driftbot.collectors.prometheus_release_table import RunningTable
from driftbot.collectors.prometheus_series import Fetched, Fetcher
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.core.marker import MARKERS, Marker
from driftbot.core.marker_book import one_each
from driftbot.core.snapshot import Reading
from driftbot.signals.reading import SignalBook
from driftbot.signals.release import KEY, ReleaseSignal

MOST = 50_000
"""Releases of one source that a night keeps; of more the oldest are left out, and it is told."""

SHOWN = 3
"""Examples that a sentence names."""


def ask_releases(
    connection: Connection, options: PrometheusOptions, context: Context, demand: Demand, spending: Spending
) -> Reading:
    """What was released within the window that rules ask for; nothing where none asks.

    Every night asks for the whole window in coarse steps: what is a release rests on what ran long before, and what a
    label says is stored by Prometheus as a series of its own.
    """
    if not demand.markers:
        return Reading()
    book = SignalBook.of(options.signals, options.without, options.releases)
    gaps: list[Gap] = []
    notes: list[str] = []
    markers: list[Marker] = []
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        for release in book.releases:
            context.progress(f"asking for releases by {release.name}")
            errand = _errand(release, context, demand.marked_for)
            fetched = Fetcher(connection, options, context, workers, spending, errand, table=RunningTable).fetch()
            found = releases_of(fetched.series, release, errand.step)
            markers += found.markers
            gaps += fetched.gaps
            notes += [f"{context.source}: {note}" for note in _notes(release, found)]
            notes += _doubts(fetched)
    kept = _newest(markers, context.source, notes)
    coverage = Coverage(context.source, context.environment, MARKERS, frozenset({MARKERS}), tuple(dict.fromkeys(gaps)))
    return Reading(coverage=(coverage,), notes=tuple(notes), markers=kept)


def _errand(release: ReleaseSignal, context: Context, window: float) -> Errand:
    now = context.as_of.timestamp()
    need = SeriesNeed(release.kind, KEY, window, release.step)
    return Errand(need, (release.counting(),), release.step, now - window, now, None, None, replaced=False)


def _doubts(fetched: Fetched) -> Sequence[str]:
    """What the answers are told of; that nothing is measured is no news where something else may tell of releases."""
    return fetched.notes if fetched.series else ()


def _notes(release: ReleaseSignal, found: Releases) -> Iterator[str]:
    if found.churning:
        worst = sorted(found.churning.items(), key=lambda item: (-item[1], item[0].subject, item[0].part))
        named = ", ".join(f"{unit.subject.name} ({count:,} changes)" for unit, count in worst[:SHOWN])
        yield (
            f"{release.name}: what {release.version} says of {len(found.churning)} subjects changes too often to be a"
            f" version and is left out: {named}; leave the signal out (`without`) or give it another label"
        )


def _newest(markers: Sequence[Marker], source: str, notes: list[str]) -> tuple[Marker, ...]:
    kept = one_each(markers)
    if len(kept) > MOST:
        notes.append(f"{source}: {len(kept):,} releases were found; the newest {MOST:,} are kept")
    return kept[-MOST:]
