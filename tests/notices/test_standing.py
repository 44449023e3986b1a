"""Where a finding stands for those who are told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from driftbot.core.digest import Standing
from driftbot.core.excuse import Waiver
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule import Severity
from driftbot.core.snooze import Snooze
from driftbot.notices.situation import Situation
from driftbot.notices.standing import standing
from tests.notices.digest_scene import DAY, NIGHT, NOW, finding, snooze, waiver

DRIFT, UNKNOWN, WAIVED = finding(), finding(verdict=Verdict.UNKNOWN), finding(verdict=Verdict.WAIVED)
CLOSER, FURTHER = finding(observed="1h30m"), finding(observed="2h")


def stands(
    about: Finding = DRIFT,
    life: Life = Life.ONGOING,
    *,
    before: Finding | None = None,
    waived: Waiver | None = None,
    snoozed: Snooze | None = None,
    last_seen: datetime = NIGHT,
    changed: datetime | None = None,
    resolved: datetime | None = None,
    times_opened: int = 1,
) -> Standing | None:
    name = about.fingerprint
    told = FindingLife(about, life, NIGHT - 20 * DAY, last_seen, changed, "1h40m", resolved, times_opened)
    situation = Situation(
        now=NOW,
        night=NIGHT,
        before={name: before} if before else {},
        waivers={name: waived} if waived else {},
        snoozes={name: snoozed} if snoozed else {},
    )
    return standing(told, situation)


@pytest.mark.parametrize("life", [Life.NEW, Life.REOPENED, Life.RULE_CHANGED])
def test_what_appeared_last_night_is_new_then_and_never_after(life: Life) -> None:
    assert stands(life=life) is Standing.NEW
    assert stands(life=life, last_seen=NIGHT - DAY) is Standing.STANDING


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, Standing.STANDING),
        (replace(DRIFT, message="told otherwise"), Standing.STANDING),
        (CLOSER, Standing.WORSE),
        (FURTHER, Standing.CHANGED),
        (replace(CLOSER, rule_digest="d0"), Standing.CHANGED),
        (replace(DRIFT, severity=Severity.MEDIUM), Standing.WORSE),
        (replace(DRIFT, severity=Severity.CRITICAL), Standing.STANDING),
        (replace(FURTHER, severity=Severity.LOW), Standing.WORSE),
        (WAIVED, Standing.NEW),
    ],
)
def test_what_moved_last_night_is_told_by_where_it_went(before: Finding | None, expected: Standing) -> None:
    assert stands(before=before) is expected


def test_what_moved_and_cannot_be_compared_is_changed_that_night_only() -> None:
    assert stands(changed=NIGHT) is Standing.CHANGED
    assert stands(changed=NIGHT - DAY) is Standing.STANDING


def test_a_waiver_holds_from_when_it_is_given_to_its_end() -> None:
    assert stands(waived=waiver(DRIFT)) is Standing.WAIVED
    assert stands(WAIVED, waived=waiver(WAIVED)) is Standing.WAIVED
    assert stands(WAIVED, waived=waiver(WAIVED, expires=NOW)) is Standing.NEW
    assert stands(WAIVED) is Standing.NEW
    assert stands(waived=waiver(DRIFT, created=NOW + timedelta(seconds=1))) is Standing.STANDING


def test_what_cannot_be_read_is_unread_whoever_waived_it() -> None:
    assert stands(UNKNOWN) is Standing.UNREAD
    assert stands(UNKNOWN, waived=waiver(UNKNOWN)) is Standing.UNREAD


def test_what_is_snoozed_is_put_aside_but_for_what_is_waived_or_fixed() -> None:
    for about in (DRIFT, UNKNOWN, WAIVED):
        assert stands(about, snoozed=snooze(about)) is Standing.SNOOZED
    assert stands(snoozed=snooze(DRIFT, until=NOW)) is Standing.STANDING
    assert stands(snoozed=snooze(DRIFT), waived=waiver(DRIFT)) is Standing.WAIVED
    assert stands(snoozed=snooze(DRIFT), resolved=NIGHT) is Standing.FIXED


def test_what_was_resolved_is_told_once_and_only_if_it_ever_drifted() -> None:
    healthy = finding(verdict=Verdict.OK)
    assert stands(healthy, Life.RESOLVED, resolved=NIGHT) is Standing.FIXED
    assert stands(healthy, Life.RESOLVED, resolved=NIGHT, times_opened=0) is None
    assert stands(healthy, Life.RESOLVED, resolved=NIGHT - DAY) is None
