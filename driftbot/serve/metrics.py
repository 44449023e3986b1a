"""driftbot's own metrics: what Prometheus is told when it asks, read from the store each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from driftbot import __version__
from driftbot.approvals_file import ApprovalsFileError, Decisions, load_approvals
from driftbot.config import Config
from driftbot.core.coverage import Coverage
from driftbot.core.excuse import Waiver
from driftbot.core.failure import Failure
from driftbot.serve import delivery_metrics, night_metrics
from driftbot.serve.metric_family import gauge, gauges
from driftbot.serve.night_metrics import Attempt
from driftbot.store.access import Access
from driftbot.store.counts import FindingCount, NightMark
from driftbot.store.store import Store


def _no_attempt() -> Attempt | None:
    return None


def registry_of(
    config: Config,
    store_url: str,
    clock: Callable[[], datetime],
    attempt: Callable[[], Attempt | None] = _no_attempt,
) -> CollectorRegistry:
    """A registry whose every reading looks into the store anew, and at the process that it runs in.

    ``attempt`` tells of the last night that this process began. A store that cannot be read is told by
    ``driftbot_store_up``; reading never raises for it.
    """
    registry = CollectorRegistry()
    registry.register(StoreCollector(config, store_url, clock, attempt))
    ProcessCollector(registry=registry)
    return registry


@dataclass(frozen=True, slots=True)
class _NightRead:
    """What one night came to, as far as it costs to read; it stays as it is until the next night is kept."""

    night: NightMark
    findings: Mapping[FindingCount, int]
    coverage: tuple[Coverage, ...]


class StoreCollector(Collector):
    """Metrics over a store; what is dear to read is read once a night."""

    def __init__(
        self,
        config: Config,
        store_url: str,
        clock: Callable[[], datetime],
        attempt: Callable[[], Attempt | None],
    ) -> None:
        self._config, self._store_url, self._clock, self._attempt = config, store_url, clock, attempt
        self._read: _NightRead | None = None

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read the store."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every family; those of the store only where it can be read."""
        now = self._clock()
        yield gauges("build_info", "The driftbot that runs.", ("version",), {(__version__,): 1.0})
        yield from night_metrics.schedule_metrics(self._config.serve, now)
        yield from night_metrics.attempt_metrics(self._attempt())
        try:
            found = self._of_store(now)
        except Failure:
            found = ()
        yield gauge("store_up", "Whether the store could be read just now.", float(bool(found)))
        yield from found

    def _of_store(self, now: datetime) -> tuple[Metric, ...]:
        config = self._config
        with Store.open(self._store_url, Access.READ) as store:
            counts = store.counts(now)
            night = self._night(store, counts.last)
            waivers = self._waivers(store, now)
            standing = store.standing({waiver.fingerprint for waiver in waivers})
            health = store.channel_health()
        gaps = {gap.fingerprint for entry in night.coverage for gap in entry.gaps} if night else set()
        return tuple(
            chain(
                night_metrics.night_metrics(counts),
                _of_night(night, [source.name for source in config.sources]) if night else (),
                delivery_metrics.channel_metrics([channel.name for channel in config.channels], health),
                delivery_metrics.waiting_metrics(counts),
                delivery_metrics.acting_metrics(counts),
                delivery_metrics.decision_metrics(counts),
                delivery_metrics.silence_metrics(waivers, standing, config.accepted_gaps, gaps, now),
            )
        )

    def _night(self, store: Store, last: NightMark | None) -> _NightRead | None:
        """What the last night came to, from memory where it is still the last one."""
        if last is None:
            return None
        if self._read is None or self._read.night != last:
            self._read = _NightRead(last, store.finding_counts(), store.coverage())
        return self._read

    def _waivers(self, store: Store, now: datetime) -> tuple[Waiver, ...]:
        try:
            filed = load_approvals(self._config.root)
        except ApprovalsFileError:  # a scan tells of it
            filed = Decisions()
        return filed.in_force((), store.waivers(now)).waivers


def _of_night(night: _NightRead, sources: Sequence[str]) -> Iterator[Metric]:
    yield from night_metrics.finding_metrics(night.findings)
    yield from night_metrics.coverage_metrics(sources, night.coverage)
