"""What metrics tell of nights: when the last one was and what it came to, and when the next one has to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from prometheus_client.core import Metric

from driftbot.core.coverage import Coverage
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Verdict
from driftbot.core.history import Life
from driftbot.core.rule import Severity
from driftbot.schedule.cron import read_cron
from driftbot.schedule.occurrences import last_until, next_after
from driftbot.serve.metric_family import gauge, gauges
from driftbot.serve_options import ServeOptions
from driftbot.store.counts import Counts, FindingCount, NightMark

_TOLD = (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.WAIVED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A night that was tried: when it began, and when and with which exit code it ended (None while it runs)."""

    started: datetime
    ended: datetime | None = None
    exit_code: int | None = None


def schedule_metrics(options: ServeOptions, now: datetime) -> Iterator[Metric]:
    """When the last night was due, when the next one is, and how long one may take."""
    cron, zone = read_cron(options.cron), ZoneInfo(options.zone)
    due, following = last_until(cron, zone, now), next_after(cron, zone, now)
    longest = options.longest_night + options.jitter
    yield gauge("night_due_timestamp_seconds", "When the last night had to begin, by the configured schedule.", due)
    yield gauge(
        "night_next_timestamp_seconds", "When the next night is to begin, by the configured schedule.", following
    )
    told = "How long after it was due a night may still be running: the longest night and the jitter."
    yield gauge("night_longest_seconds", told, longest / timedelta(seconds=1))


def attempt_metrics(attempt: Attempt | None) -> Iterator[Metric]:
    """The last night that this process began, whatever came of it; no samples where it began none."""
    known = attempt is not None
    running = None if attempt is None else float(attempt.ended is None)
    started = attempt.started if attempt else None
    code = attempt.exit_code if attempt else None
    yield gauge("night_running", "Whether a night that this process began is running.", running if known else 0.0)
    yield gauge("night_attempt_timestamp_seconds", "When this process began its last night.", started)
    told = "Exit code of the last night that this process began: 0 clean, 1 blind or failed, 2 drift."
    yield gauge("night_attempt_exit_code", told, code)


def night_metrics(counts: Counts) -> Iterator[Metric]:
    """The last night that was kept, the last one that saw everything, and what it judged."""
    last, seeing = counts.last, counts.seeing
    yield gauge(
        "last_night_timestamp_seconds", "When the last night that was kept began.", _began(last) if last else None
    )
    told = "When the last night ended that was not blind."
    yield gauge("last_night_success_timestamp_seconds", told, (seeing.ended or seeing.as_of) if seeing else None)
    yield gauge(
        "last_night_duration_seconds", "How long the scan of the last night took.", _seconds(last) if last else None
    )
    told = "Exit code of the last night's scan: 0 clean, 1 blind, 2 drift."
    yield gauge("last_night_exit_code", told, last.exit_code if last else None)
    blind = None if last is None or last.exit_code is None else float(last.exit_code == ExitCode.BLIND)
    told = "Whether the last night was blind: something that an enabled rule needs could not be read."
    yield gauge("last_night_blind", told, blind)
    judged = {(verdict.value,): float(counts.judged.get(verdict, 0)) for verdict in Verdict if last is not None}
    yield gauges("checks", "Judgements of the last night, by verdict.", ("verdict",), judged)


def finding_metrics(found: Mapping[FindingCount, int]) -> Iterator[Metric]:
    """The findings of a night; what there is none of is 0, so that it can be alerted on."""
    standing = {(verdict.value, severity.value): 0.0 for verdict in _TOLD for severity in Severity}
    lives = {(life.value,): 0.0 for life in Life}
    for kind, count in found.items():
        if not kind.resolved and (kind.verdict.value, kind.severity.value) in standing:
            standing[kind.verdict.value, kind.severity.value] += count
        lives[kind.life.value,] += count
    told = "Findings that stand since the last night, by verdict and severity."
    yield gauges("findings", told, ("verdict", "severity"), standing)
    told = "Findings that the last night touched, by where they stand in their life."
    yield gauges("findings_by_life", told, ("life",), lives)


def coverage_metrics(sources: Iterable[str], coverage: Iterable[Coverage]) -> Iterator[Metric]:
    """Each configured source: whether it answered in a night, and how many places of it could not be read."""
    failed = {(source,): 0.0 for source in sources}
    gaps: dict[tuple[str], set[str]] = {name: set() for name in failed}
    for entry in coverage:
        name = (entry.source,)
        if name in failed:
            failed[name] = max(failed[name], float(entry.failed))
            gaps[name].update(gap.fingerprint for gap in entry.gaps)
    told = "Whether the source as a whole did not answer in the last night."
    yield gauges("source_failed", told, ("source",), failed)
    told = "Places of the source that could not be read in the last night."
    yield gauges("source_gaps", told, ("source",), {name: float(len(found)) for name, found in gaps.items()})


def _began(night: NightMark) -> datetime:
    return night.started or night.as_of


def _seconds(night: NightMark) -> float | None:
    if night.started is None or night.ended is None:
        return None
    return (night.ended - night.started).total_seconds()
