"""Alerts through a whole scan: approvals hold through renaming, a new store, another order and deletion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftbot.approvals_file import FILE_NAME
from driftbot.config import parse_config
from driftbot.core.finding import Finding, Verdict
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape

FIRST = datetime(2026, 5, 1, 2, tzinfo=UTC)
CONFIG = b"""
rules: {shipped: [threshold-as-approved, alert-not-loosened, alert-asks-what-was-approved]}
sources: [{name: alerts, kind: alert_files, environment: production, path: alerts}]
"""
RULE = """
groups:
  - name: shop
    rules: [{alert: %s, expr: '%s', for: %s, labels: {severity: page}}]
"""
SLOW = "max(latency_seconds) > 0.5"


def approval(subject: str, key: str, value: str) -> str:
    unit = {"hold": "unit: seconds, ", "threshold": "unit: count, "}.get(key, "")
    return f"""
  - {{subject: "{subject}", key: {key}, value: "{value}", {unit}approved_by: ann, reason: load test, at: 2026-04-01}}"""


OF_ALERT = (
    "approvals:"
    + approval("alert:production/CartSlow", "expression", SLOW)
    + approval("alert:production/CartSlow", "hold", "5m")
)
OF_CONDITION = "approvals:" + approval("condition:production/CartSlow/1", "threshold", "0.5")


@dataclass
class Estate:
    """A folder with one alert, its approvals, and a store beside it."""

    root: Path
    store: Store
    nights: int = 0

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text, "utf-8")

    def alert(self, name: str = "CartSlow", expression: str = SLOW, hold: str = "5m") -> None:
        self.write("alerts/shop.yaml", RULE % (name, expression, hold))

    def scan(self) -> Report:
        as_of = FIRST + timedelta(days=self.nights)
        self.nights += 1
        config = parse_config(CONFIG, self.root / "driftbot.yaml")
        return scan(config, self.store, LiveTape(self.root), Request(as_of), lambda: as_of, lambda _: None)

    def drift(self) -> dict[str, Finding]:
        """Tonight's drift by rule."""
        lives = self.scan().triage.lives
        return {life.finding.rule: life.finding for life in lives if life.finding.verdict is Verdict.DRIFT}


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        yield Estate(tmp_path, store)


def recommended(finding: Finding) -> dict[str, str]:
    return {advice.key: str(advice.value) for advice in finding.recommendations}


def test_renamed_and_loosened_before_a_new_store_first_saw_it_is_drift_under_the_approved_name(estate: Estate) -> None:
    estate.write(FILE_NAME, OF_ALERT)
    estate.alert("CartLate", "max(latency_seconds) > 0.9", "15m")
    report = estate.scan()
    (life,) = report.triage.news
    assert str(life.finding.subject) == "alert:production/CartSlow"
    assert "for 5m → 15m, threshold of max(latency_seconds): 0.5 → 0.9" in life.finding.message
    assert recommended(life.finding) == {"expression": SLOW, "hold": "5m"}
    assert (report.silences, int(report.exit_code)) == ((), 2)


def test_one_loosening_is_one_finding(estate: Estate) -> None:
    estate.write(FILE_NAME, OF_ALERT + approval("condition:production/CartSlow/1", "threshold", "0.5"))
    estate.alert(expression="max(latency_seconds) > 0.9")
    assert list(estate.drift()) == ["threshold-as-approved"]


def test_only_what_differs_from_the_approval_is_recommended(estate: Estate) -> None:
    estate.write(FILE_NAME, OF_ALERT)
    estate.alert(hold="15m")
    found = estate.drift()
    assert list(found) == ["alert-not-loosened"]
    assert recommended(found["alert-not-loosened"]) == {"hold": "5m"}


def test_another_text_of_the_approved_alert_is_no_drift(estate: Estate) -> None:
    estate.write(FILE_NAME, OF_ALERT)
    estate.alert(expression="0.5 < max (latency_seconds)", hold="300s")
    assert estate.drift() == {}


def test_an_approved_threshold_follows_its_condition_to_another_place(estate: Estate) -> None:
    whole = approval("alert:production/CartSlow", "expression", "latency_seconds > 0.5 and requests > 100")
    estate.write(FILE_NAME, OF_CONDITION + whole)
    for expression, wanted in (
        ("requests > 100 and latency_seconds > 0.5", []),
        ("requests > 100 and latency_seconds > 0.9", ["threshold-as-approved"]),
        ("requests > 500 and latency_seconds > 0.5", ["alert-not-loosened"]),
        ("requests > 100", []),
    ):
        estate.alert(expression=expression)
        assert list(estate.drift()) == wanted, expression


@pytest.mark.parametrize("approved", [OF_ALERT, OF_CONDITION])
def test_an_approved_alert_that_is_deleted_is_drift_and_not_only_a_stray_approval(
    estate: Estate, approved: str
) -> None:
    estate.write(FILE_NAME, approved)
    estate.alert()
    assert estate.drift() == {}
    estate.alert("Other", "up == 0")
    for _ in range(2):
        found = estate.drift()
        assert found["alert-not-loosened"].message == "since it was approved: alert CartSlow gone"
    estate.write("alerts/more.yaml", "groups: [")
    assert estate.drift() == {}, "it may stand in a file that cannot be read"


def test_what_can_be_either_is_told_by_its_own_lesson(estate: Estate) -> None:
    estate.write(FILE_NAME, OF_ALERT)
    estate.alert(expression="max(other_seconds) > 0.5")
    assert list(estate.drift()) == ["alert-asks-what-was-approved"]


def test_a_broken_approvals_file_moves_no_threshold_to_another_measure(estate: Estate) -> None:
    whole = approval("alert:production/CartSlow", "expression", "latency_seconds > 0.5 and requests > 100")
    estate.write(FILE_NAME, OF_CONDITION + whole)
    estate.alert(expression="requests > 100 and latency_seconds > 0.5")
    assert estate.drift() == {}
    estate.write(FILE_NAME, f"{OF_CONDITION}{whole}\n  - oops: [")
    assert estate.drift() == {}
