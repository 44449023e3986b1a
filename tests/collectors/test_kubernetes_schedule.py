"""Schedules: the shortest time between two runs, against a walk through every minute."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.collectors.kubernetes.schedule import NotASchedule, shortest_interval

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("* * * * *", MINUTE),
        ("*/15 * * * *", 15 * MINUTE),
        ("*/25 * * * *", 10 * MINUTE),
        ("0 */5 * * *", 4 * HOUR),
        ("30 2 * * *", DAY),
        ("0 0 * * 0", 7 * DAY),
        ("0 0 * * mon-fri", DAY),
        ("0 0 1 * *", 28 * DAY),
        ("0 0 1,15 * 1", DAY),
        ("0 0 29 2 *", 1461 * DAY),
        ("0 0 1 JAN ?", 365 * DAY),
        ("5/20 * * * *", 20 * MINUTE),
        ("0 23,1 * * *", 2 * HOUR),
        ("@hourly", HOUR),
        ("@every 90s", 90.0),
        ("CRON_TZ=Europe/Berlin 0 4 * * *", DAY),
        ("0 0 31 2 *", None),
    ],
)
def test_shortest_interval(schedule: str, seconds: float | None) -> None:
    assert shortest_interval(schedule) == seconds


@pytest.mark.parametrize(
    "schedule", ["", "* * * *", "60 * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "@every x"]
)
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(NotASchedule):
        shortest_interval(schedule)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.integers(1, high).map(lambda step: f"*/{step}"),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.lists(number, min_size=1, max_size=3).map(lambda numbers: ",".join(map(str, numbers))),
    )


@given(field(0, 59), field(0, 23), field(0, 6))
@settings(max_examples=60)
def test_against_a_walk_through_three_weeks(minute: str, hour: str, weekday: str) -> None:
    def meets(text: str, value: int, low: int) -> bool:
        if "/" in text:
            return (value - low) % int(text.partition("/")[2]) == 0
        if "-" in text:
            first, _, last = text.partition("-")
            return int(first) <= value <= int(last)
        return text == "*" or str(value) in text.split(",")

    start = datetime(2024, 1, 1)
    instants = (start + timedelta(minutes=count) for count in range(21 * 1440))
    runs = [
        one
        for one in instants
        if meets(minute, one.minute, 0) and meets(hour, one.hour, 0) and meets(weekday, one.isoweekday() % 7, 0)
    ]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(runs)]
    assert shortest_interval(f"{minute} {hour} * * {weekday}") == min(gaps)
