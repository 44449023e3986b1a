"""Releases from a Prometheus: which versions ran when, by the labels of information metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from driftbot.collectors.collector import Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.newest_markers import newest
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_errand import Errand, errand
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_release_history import Releases, releases_of
from driftbot.collectors.prometheus_release_table import RunningTable
from driftbot.collectors.prometheus_series import Fetched, Fetcher
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.core.marker import MARKERS, Marker
from driftbot.core.snapshot import Reading
from driftbot.core.span import Measured
from driftbot.signals.reading import SignalBook
from driftbot.signals.release import KEY, ReleaseSignal

SHOWN = 3
"""Examples that a sentence names."""

DAY = 86400.0

BEFORE = 21 * DAY
"""Seconds before what earlier nights were told that are asked for again: what is a release rests on what ran before.

Ours: two weeks before ``RETOLD`` show what runs once a week, and who was away for a week.
"""

RETOLD = 7 * DAY
"""Releases so long (seconds) before what earlier nights were told may still show: a canary of days that takes over.

Older ones were told with more of what ran before them; a shorter look would take what was out of its sight for new.
"""


def ask_releases(
    connection: Connection,
    options: PrometheusOptions,
    context: Context,
    demand: Demand,
    ledger: Ledger,
    spending: Spending,
) -> Reading:
    """What was released within the window that rules ask for; nothing where none asks.

    The first night asks for the whole window in coarse steps, later ones for what is new and what ran before it; what
    earlier nights were told is in the store.
    """
    if not demand.markers:
        return Reading()
    book = SignalBook.of(options.signals, options.without, options.releases)
    looking_back = options.model_copy(update={"overlap": BEFORE})
    gaps: list[Gap] = []
    notes: list[str] = []
    markers: list[Marker] = []
    measured: list[Measured] = []
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        for release in book.releases:
            context.progress(f"asking for releases by {release.name}")
            asked = _errand(release, context, demand.marked_for, ledger)
            fetched = Fetcher(connection, looking_back, context, workers, spending, asked, table=RunningTable).fetch()
            found = releases_of(fetched.series, release, asked.step, fetched.partial)
            markers += _untold(found.markers, asked)
            gaps += fetched.gaps
            notes += [f"{context.source}: {note}" for note in _notes(release, found)]
            notes += _doubts(fetched)
            if fetched.span:
                measured.append(Measured(context.environment, MARKERS, release.name, context.source, fetched.span))
    kept = newest(markers, context.source, notes)
    coverage = Coverage(context.source, context.environment, MARKERS, frozenset({MARKERS}), tuple(dict.fromkeys(gaps)))
    return Reading(coverage=(coverage,), notes=tuple(notes), markers=kept, measured=tuple(measured))


def _errand(release: ReleaseSignal, context: Context, window: float, ledger: Ledger) -> Errand:
    held = ledger.held(context.environment, MARKERS, release.name, context.source)
    need = SeriesNeed(release.kind, KEY, window, release.step)
    return errand(need, (release.counting(),), context.as_of.timestamp(), held, BEFORE)


def _untold(markers: Sequence[Marker], asked: Errand) -> Iterator[Marker]:
    """The releases but for those that earlier nights judged with a longer look."""
    held = asked.held
    yield from (one for one in markers if held is None or one.at >= held.until - RETOLD or one.at <= held.since)


def _doubts(fetched: Fetched) -> Sequence[str]:
    """What the answers are told of; that nothing is measured is no news where something else may tell of releases."""
    return fetched.notes if fetched.series or fetched.span is None else ()


def _notes(release: ReleaseSignal, found: Releases) -> Iterator[str]:
    if found.churning:
        worst = sorted(found.churning.items(), key=lambda item: (-item[1], item[0].subject, item[0].part))
        named = ", ".join(f"{unit.subject.name} ({count:,} changes)" for unit, count in worst[:SHOWN])
        yield (
            f"{release.name}: what {release.version} says of {len(found.churning)} subjects changes too often to be a"
            f" version and is left out: {named}; leave the signal out (`without`) or give it another label"
        )
