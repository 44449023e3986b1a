"""What is due when: nights tried again and given up, deliveries for every reason that there is, runs, approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from driftbot.core.message import ChannelHealth
from driftbot.notices.options import ChannelOptions
from driftbot.schedule.cron import read_cron
from driftbot.serve.agenda import GO_ON_AGAIN, RECONCILED, RETRIES, SOON, Agenda, Memory, Sighted
from driftbot.serve.errand import Due, ErrandKind
from driftbot.serve.nights import Timetable

NIGHT = datetime(2026, 5, 3, 2, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
QUIET = {"from": "22:00", "to": "03:00"}
QUIET_ENDS = NIGHT.replace(hour=3, minute=0)
TABLE = Timetable(read_cron("30 2 * * *"), ZoneInfo("UTC"), timedelta(), timedelta(days=1))
TOLD = ChannelHealth("sre", NIGHT + 10 * MINUTE, NIGHT + 10 * MINUTE)
SEEN = Sighted(NIGHT + HOUR, NIGHT, NIGHT + 5 * MINUTE, channels=(TOLD,))
MEMORY = Memory(since=NIGHT - 5 * HOUR)


def agenda(**options: object) -> Agenda:
    return Agenda(TABLE, (ChannelOptions(name="sre", **options),))


def due(
    kind: ErrandKind, seen: Sighted = SEEN, memory: Memory = MEMORY, now: datetime = NIGHT + HOUR, **options: object
) -> list[Due]:
    return [one for one in agenda(**options).due(seen, memory, now) if one.errand.kind is kind]


def delivery(seen: Sighted = SEEN, memory: Memory = MEMORY, **options: object) -> tuple[datetime, str] | None:
    found = due(ErrandKind.DELIVER, seen, memory, **options)
    return (found[0].at, found[0].errand.why) if found else None


def test_with_everything_told_only_the_next_night_is_due():
    found = agenda().due(SEEN, MEMORY, NIGHT + HOUR)
    assert [(one.errand.kind, one.at) for one in found] == [
        (ErrandKind.NIGHT, NIGHT + timedelta(days=1)),
        (ErrandKind.DELIVER, TOLD.tried + RECONCILED),
    ]


def test_a_night_that_kept_nothing_is_tried_again_later_and_later_and_then_given_up():
    seen, memory, now = replace(SEEN, last_night=NIGHT - timedelta(days=1)), MEMORY, NIGHT
    begun = []
    while now < NIGHT + timedelta(days=1):
        (night,) = due(ErrandKind.NIGHT, seen, memory, now)
        if night.errand.planned != NIGHT:
            break
        now = max(now, night.at)
        begun.append(now)
        now += MINUTE
        memory = memory.night_failed(NIGHT, now)
    waits = [later - earlier - MINUTE for earlier, later in pairwise(begun)]
    assert waits == list(RETRIES)
    assert (night.errand.planned, night.at) == (NIGHT + timedelta(days=1),) * 2


def test_a_night_that_kept_nothing_is_tried_again_also_where_missed_ones_are_not_caught_up():
    strict = Agenda(replace(TABLE, catch_up=timedelta()))
    seen, memory = replace(SEEN, last_night=NIGHT - timedelta(days=1)), MEMORY.night_failed(NIGHT, NIGHT + MINUTE)
    now = NIGHT + 10 * MINUTE
    (night,) = [one for one in strict.due(seen, memory, now) if one.errand.kind is ErrandKind.NIGHT]
    assert (night.errand.planned, night.at) == (NIGHT, NIGHT + 6 * MINUTE)


def test_another_night_begins_its_own_count_of_failures():
    memory = MEMORY.night_failed(NIGHT - timedelta(days=1), NIGHT - HOUR).night_failed(NIGHT, NIGHT)
    assert memory.failed is not None
    assert (memory.failed.planned, memory.failed.times) == (NIGHT, 1)


def test_a_night_on_demand_comes_beside_the_planned_one():
    now = NIGHT + HOUR
    nights = due(ErrandKind.NIGHT, memory=replace(MEMORY, asked=now), now=now)
    assert [(night.errand.planned, night.at) for night in nights] == [
        (None, now),
        (NIGHT + timedelta(days=1), NIGHT + timedelta(days=1)),
    ]


DELIVERIES = {
    "all was told": ({}, {}, {}, (TOLD.tried + RECONCILED, "an hour ago")),
    "a decision waits for others": ({}, {"decided": NIGHT + HOUR}, {}, (NIGHT + HOUR + SOON, "decided")),
    "quiet hours end": ({}, {}, {"quiet": QUIET}, (QUIET_ENDS, "quiet hours of sre")),
    "a snooze ends": ({"snoozes": (NIGHT + HOUR,)}, {}, {}, (NIGHT + HOUR, "snooze")),
    "a snooze that ended before": ({"snoozes": (NIGHT - HOUR,)}, {}, {}, (TOLD.tried + RECONCILED, "an hour ago")),
    "the last night was not told": ({"kept": NIGHT + 11 * MINUTE}, {}, {}, (NIGHT + 11 * MINUTE, "not told")),
    "a new channel": ({"channels": ()}, {}, {}, (SEEN.at, "never told")),
    "no night yet": ({"last_night": None, "channels": ()}, {}, {}, None),
    "it failed once": ({}, {"redeliver": NIGHT + HOUR}, {}, (NIGHT + HOUR, "failed")),
    "it fails since now": (
        {"channels": (replace(TOLD, failing_since=TOLD.tried),)},
        {},
        {},
        (TOLD.tried + 5 * MINUTE, "sre is failing"),
    ),
    "it fails since long": (
        {"channels": (replace(TOLD, failing_since=TOLD.tried - 9 * HOUR),)},
        {},
        {},
        (TOLD.tried + HOUR, "sre is failing"),
    ),
    "a delivery that broke before it tried": (
        {"kept": NIGHT + 11 * MINUTE},
        {"delivered": NIGHT + 20 * MINUTE},
        {},
        (NIGHT + 25 * MINUTE, "not told"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DELIVERIES)
def test_when_channels_are_told(case: str):
    seen, memory, options, expected = DELIVERIES[case]
    found = delivery(replace(SEEN, **seen), replace(MEMORY, **memory), **options)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found[0], expected[1] in found[1]) == (expected[0], True)


def test_of_several_reasons_the_first_one_counts():
    seen = replace(SEEN, snoozes=(NIGHT + 9 * HOUR, NIGHT + HOUR / 4))
    assert delivery(seen, quiet=QUIET) == (NIGHT + HOUR / 4, "a snooze ends")


def test_without_channels_nothing_is_delivered():
    seen = replace(SEEN, snoozes=(NIGHT + HOUR,))
    assert all(one.errand.kind is not ErrandKind.DELIVER for one in Agenda(TABLE).due(seen, MEMORY, NIGHT))


def test_a_run_that_stays_due_is_not_looked_at_all_the_time():
    seen = replace(SEEN, run_due=NIGHT + HOUR)
    (first,) = due(ErrandKind.GO_ON, seen)
    assert first.at == NIGHT + HOUR
    (again,) = due(ErrandKind.GO_ON, seen, replace(MEMORY, went_on=NIGHT + HOUR + MINUTE))
    assert again.at == NIGHT + HOUR + MINUTE + GO_ON_AGAIN
    (other,) = due(ErrandKind.GO_ON, replace(seen, run_due=NIGHT + 2 * HOUR), replace(MEMORY, went_on=NIGHT + HOUR))
    assert other.at == NIGHT + 2 * HOUR


def test_what_was_approved_is_applied_in_its_order_in_the_name_of_who_approved_last():
    memory = replace(MEMORY, approved=(("3f9c2a71", "Ann"), ("77aa0011", "Bob <bob@example.org>")))
    found = due(ErrandKind.APPLY, memory=memory)
    assert [one.errand.arguments for one in found] == [
        ("apply", "3f9c2a71", "--by=Ann"),
        ("apply", "77aa0011", "--by=Bob <bob@example.org>"),
    ]
    assert all(one.at <= NIGHT + HOUR for one in found)
