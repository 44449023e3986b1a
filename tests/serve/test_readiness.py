"""What makes the process not ready, and what is only told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from driftbot.schedule.cron import read_cron
from driftbot.serve.agenda import Agenda, Memory, Sighted
from driftbot.serve.nights import Timetable
from driftbot.serve.readiness import Check, CheckState, Situation, is_ready, readiness

NIGHT = datetime(2026, 5, 3, 2, 30, tzinfo=UTC)
NOW = NIGHT + timedelta(hours=7)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FINE = Situation(
    Agenda(Timetable(read_cron("30 2 * * *"), ZoneInfo("UTC"), timedelta(), DAY)),
    longest_night=4 * HOUR,
    sighted=Sighted(NOW, NIGHT),
    memory=Memory(since=NIGHT - 30 * DAY),
    ours=True,
    whose="this process begins the nights",
)
LOST = Check("chat", CheckState.DEGRADED, "the connection to Slack is lost")

CASES = {
    "all is well": (FINE, True, "the next one begins 2026-05-04T02:30Z"),
    "Slack is lost": (replace(FINE, chat=LOST), True, "the connection to Slack is lost"),
    "another one begins them": (replace(FINE, ours=False, whose="process 7 on a"), False, "process 7 on a"),
    "the store": (replace(FINE, store="the disk is full"), False, "the disk is full"),
    "the configuration": (replace(FINE, configuration="line 3"), False, "line 3"),
    "never looked": (replace(FINE, sighted=None), False, "not read yet"),
    "overdue": (replace(FINE, sighted=Sighted(NOW, NIGHT - DAY)), False, "of 2026-05-03T02:30Z is overdue"),
    "from the future": (replace(FINE, sighted=Sighted(NOW, NOW + HOUR)), False, "lies in the future"),
    "new, and its first night is to come": (
        replace(FINE, sighted=Sighted(NOW), memory=Memory(NOW - HOUR)),
        True,
        "no night is kept yet",
    ),
    "new, and its first night never came": (
        replace(FINE, sighted=Sighted(NOW), memory=Memory(NIGHT - HOUR)),
        False,
        "is overdue",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_readiness(case: str):
    situation, ready, told = CASES[case]
    checks = readiness(situation, NOW)
    assert (is_ready(checks), any(told in check.told for check in checks)) == (ready, True), checks


def test_a_night_may_run_for_as_long_as_it_may_before_it_is_overdue():
    situation = replace(FINE, sighted=Sighted(NOW, NIGHT - DAY + HOUR))
    assert is_ready(readiness(situation, NIGHT + 4 * HOUR - timedelta(minutes=1)))
    assert not is_ready(readiness(situation, NIGHT + 4 * HOUR + timedelta(minutes=1)))


def test_the_order_of_checks_is_fixed():
    names = [check.name for check in readiness(replace(FINE, chat=LOST), NOW)]
    assert names == ["store", "configuration", "nights", "last_night", "chat"]
