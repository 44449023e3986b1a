"""The joints of a scan: what one stage learned reaches the next, and what a broken file hides is not forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from driftbot.approvals_file import FILE_NAME
from driftbot.collectors.collector import Collector, Context, Options
from driftbot.config import Config, Source, parse_config
from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.finding import Verdict
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.series import Series
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of
from driftbot.report import json_format
from driftbot.report.report import Report
from driftbot.report.summary import summary
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape

FIRST = datetime(2026, 5, 1, 2, tzinfo=UTC)
CONFIG = b"""
rules: {shipped: [threshold-as-approved], paths: [ours]}
sources: [{name: alerts, kind: alert_files, environment: production, path: alerts}]
"""
RULES = "groups: [{name: shop, rules: [{alert: CartSlow, expr: job_latency > %s, for: 5m}]}]"
APPROVED = """
approvals:
  - {subject: "condition:production/CartSlow/1", key: threshold, value: "0.5", unit: count, approved_by: ann,
     reason: load test, at: 2026-04-01}
"""


QUICK = """
id: quick
title: Jobs are quick
reference: {url: "https://example.org/book", summary: A page of a book.}
why: Slow jobs are killed.
severity: low
owner: web
for_each: job
expect: self.duration.max("1d") < duration("5s")
message: "{self.duration.max('1d')}"
cases: [{name: nothing known, verdict: unknown}]
"""


@dataclass
class Estate:
    """A folder of alert rules, a store beside it, and the nights scanned so far."""

    root: Path
    store: Store
    nights: int = 0

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text, "utf-8")

    @property
    def config(self) -> Config:
        return parse_config(CONFIG, self.root / "driftbot.yaml")

    def scan(self, *more: Source) -> Report:
        as_of = FIRST + timedelta(days=self.nights)
        self.nights += 1
        config = replace(self.config, sources=(*self.config.sources, *more))
        return scan(config, self.store, LiveTape(self.root), Request(as_of), lambda: as_of, lambda _: None)


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        made = Estate(tmp_path, store)
        made.write("alerts/shop.yaml", RULES % "0.9")
        made.write("ours/quick.yaml", QUICK)
        made.write(FILE_NAME, APPROVED)
        yield made


def server(alertname: str) -> Source:
    """A server that has loaded one alert."""
    alert = Subject("alert", "production", alertname, labels_of({"alertname": alertname, "group": "shop"}))
    fact = Fact(alert, "expression", "up == 0", View.EFFECTIVE, origin=Origin("server", "http://server/api/v1/rules"))
    coverage = (Coverage("server", "production", "alert"), Coverage("server", "production", "condition"))

    def read(_options: Options, _context: Context) -> Reading:
        return Reading((fact,), coverage=coverage)

    return Source("server", "production", Collector("server", Options, lambda _: (), read), Options())


def meter(name: str, estate: Estate, seconds: float) -> Source:
    """A server that measures how long a job took over the last day."""
    now = (FIRST + timedelta(days=estate.nights)).timestamp()
    times = np.arange(now - 86400, now + 1, 3600)
    bill = Subject("job", "production", "shop/bill")
    duration = Series(bill, "duration", times, np.full(len(times), seconds), Origin(name))
    key = Key("job", "duration", ValueType.SERIES, "how long it took", Unit.SECONDS, ("meter",))
    collector = Collector(
        "meter",
        Options,
        keys=lambda _: (key,),
        read=lambda _options, _context: Reading(),
        measure=lambda *_: Reading(series=(duration,), coverage=(Coverage(name, "production", "job"),)),
    )
    return Source(name, "production", collector, Options())


def verdicts(report: Report) -> list[tuple[Verdict, tuple[str, ...]]]:
    return [
        (life.finding.verdict, life.finding.reasons) for life in report.triage.lives if life.finding.rule == "quick"
    ]


def test_a_source_that_was_renamed_does_not_contradict_itself(estate: Estate) -> None:
    estate.scan(meter("old", estate, 9.0))
    ((verdict, _),) = verdicts(estate.scan(meter("new", estate, 9.0)))
    assert verdict is Verdict.DRIFT


def test_two_sources_that_measure_the_same_job_are_told_from_the_first_night(estate: Estate) -> None:
    for _ in range(2):
        ((verdict, reasons),) = verdicts(estate.scan(meter("first", estate, 9.0), meter("second", estate, 1.0)))
        assert (verdict, reasons) == (
            Verdict.UNKNOWN,
            ("duration is measured twice over the same time: first and second",),
        )


def test_a_broken_approvals_file_ends_no_approval(estate: Estate) -> None:
    (drift,) = estate.scan().triage.news
    assert drift.finding.verdict is Verdict.DRIFT
    estate.write(FILE_NAME, f"{APPROVED}\n  - oops: [")
    broken = estate.scan()
    assert [life.finding.rule for life in broken.triage.standing] == ["threshold-as-approved"]
    assert (broken.triage.resolved, int(broken.exit_code)) == ((), 1)
    estate.write(FILE_NAME, "approvals: []")
    assert len(estate.scan().triage.resolved) == 1, "an approval that was taken out is out of force"


def test_an_alert_that_only_one_side_knows_is_told(estate: Estate) -> None:
    told = {str(entry.subject): entry.reason for entry in estate.scan(server("HostDown")).unjoined}
    assert told == {
        "alert:production/CartSlow": "no server has loaded it",
        "alert:production/HostDown": "it is loaded, and no rule file declares it",
    }


def test_an_approval_of_an_alert_that_was_deleted_is_told_in_every_report(estate: Estate) -> None:
    assert estate.scan().silences == ()
    estate.write("alerts/shop.yaml", (RULES % "0.9").replace("CartSlow", "Other").replace("job_latency", "up"))
    report = estate.scan()
    told = "an approval of threshold = 0.5 matches nothing: the subject is gone or renamed"
    assert [silence.detail for silence in report.silences] == [told]
    assert "matches nothing" in str(summary(report))
    assert json_format.document(report).silences[0].kind == "approval"


def test_a_rename_in_a_new_store_is_no_way_around_an_approval(estate: Estate) -> None:
    estate.write("alerts/shop.yaml", (RULES % "0.9").replace("CartSlow", "CartLate"))
    assert [str(silence.state) for silence in estate.scan().silences] == ["matches_nothing"]
