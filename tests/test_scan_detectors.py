"""A scan with detectors: series of the store, markers and the budget of the configuration reach the judgement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from driftbot.collectors.collector import Collector, Context, Options
from driftbot.config import Source, parse_config
from driftbot.core.coverage import Coverage
from driftbot.core.demand import Demand
from driftbot.core.fact import Origin
from driftbot.core.finding import Finding, Verdict
from driftbot.core.key import Key, ValueType
from driftbot.core.marker import Marker
from driftbot.core.quantity import Unit
from driftbot.core.series import Series
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject
from driftbot.rules.case_series import samples
from driftbot.rules.document import SeriesShape
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape

FIRST = datetime(2026, 5, 1, 2, tzinfo=UTC)
DAY = 86400.0
BILL = Subject("job", "production", "shop/bill")
CREEPS = """
id: creeps
title: Jobs do not get slower
reference: {url: "https://example.org/book", summary: A page of a book.}
why: Nobody decides it.
severity: low
owner: web
for_each: job
expect: self.duration.drift("90d") <= 0.03
message: "{self.duration.drift_per_release('90d')} per release"
cases: [{name: nothing known, verdict: unknown}]
"""
RELEASES = tuple(FIRST.timestamp() - DAY * np.arange(2.0, 90.0, 7.0)[::-1])


def meter(demands: list[Demand]) -> Source:
    """A server that measures a job that gets slower with each release; on later nights only the last day of it."""

    def measure(_options: Options, context: Context, demand: Demand, _ledger: object) -> Reading:
        now = context.as_of.timestamp()
        whole = SeriesShape(level="100m", over="90d", noise="4%", per_release="1.5%", since="60d")
        times, values = samples(whole, Unit.SECONDS, now, np.array(RELEASES))
        first = times >= now - DAY if demands else times > 0
        demands.append(demand)
        markers = tuple(
            Marker(BILL, at, f"1.{number}", origin=Origin("meter", "log")) for number, at in enumerate(RELEASES)
        )
        return Reading(
            series=(Series(BILL, "duration", times[first], values[first], Origin("meter")),),
            coverage=(Coverage("meter", "production", "job"),),
            markers=markers if demand.markers else (),
        )

    key = Key("job", "duration", ValueType.SERIES, "how long it took", Unit.SECONDS, ("meter",))
    read = lambda _options, _context: Reading()  # noqa: E731
    return Source("meter", "production", Collector("meter", Options, lambda _: (key,), read, measure), Options())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/creeps.yaml").write_text(CREEPS, "utf-8")
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as opened:
        yield opened


def night(
    root: Path, store: Store, source: Source, days: int = 0, budget: float = 1.0, retention: int = 400
) -> Finding | None:
    text = f"rules: {{shipped: none, paths: [ours]}}\nsources: []\nbaselines: {{false_notices_a_week: {budget}}}\n"
    text += f"retention: {{nights: {retention}}}\n"
    config = replace(parse_config(text.encode(), root / "driftbot.yaml"), sources=(source,))
    as_of = FIRST + timedelta(days=days)
    report = scan(config, store, LiveTape(root), Request(as_of), lambda: as_of, lambda _: None)
    assert report.evaluation.tallies[0].stopped == ""
    return next((life.finding for life in report.triage.lives), None)


def test_the_series_and_the_releases_of_all_nights_are_judged_together(tmp_path: Path, store: Store) -> None:
    demands: list[Demand] = []
    first, second = (night(tmp_path, store, meter(demands), days) for days in (0, 1))
    assert [(need.kind, need.window) for need in demands[0].markers] == [("job", 90 * DAY)]
    assert [(need.window, need.step) for need in demands[0].series] == [(90 * DAY, 3600.0)]
    for found in (first, second):
        assert found is not None
        assert found.verdict is Verdict.DRIFT
        assert "per release over the last" in found.evidence[0].note
        assert len(found.charts[0].markers) > 10 and found.charts[0].trend is not None


def test_releases_from_before_what_is_kept_are_not_written_down_anew_each_night(tmp_path: Path, store: Store) -> None:
    night(tmp_path, store, meter([]))
    whole = [marker.at for marker in store.markers()]
    assert whole == list(RELEASES)
    night(tmp_path, store, meter([]), days=1, retention=30)
    assert [marker.at for marker in store.markers()] == whole, "letting go is not a scan's"
    last = FIRST + timedelta(days=1 - 30)
    assert store.prune(last).markers == sum(at < last.timestamp() for at in RELEASES) > 0
    night(tmp_path, store, meter([]), days=1, retention=30)
    assert [marker.at for marker in store.markers()] == [at for at in RELEASES if at >= last.timestamp()]


def test_the_budget_of_the_configuration_decides_how_sure_evidence_has_to_be(tmp_path: Path, store: Store) -> None:
    assert night(tmp_path, store, meter([]), budget=1e-300) is None
    found = night(tmp_path, store, meter([]), days=1)
    assert found is not None and found.verdict is Verdict.DRIFT
