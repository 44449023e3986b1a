"""Each planned night once: over clock changes, jitter, downtime, restarts, and clocks that somebody sets."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest

from driftbot.schedule.cron import read_cron
from driftbot.serve.nights import Timetable
from driftbot.serve_options import ServeOptions

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
YEAR = 366 * DAY


def timetable(zone: str, cron: str = "30 2 * * *", jitter: timedelta = 20 * MINUTE, salt: str = "") -> Timetable:
    return Timetable(read_cron(cron), ZoneInfo(zone), jitter, DAY, salt=salt)


def first_showing(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The oracle: the first minute of the day at which the clock on the wall shows this time or a later one."""
    zoned = datetime.combine(day, clock, zone).astimezone(UTC)
    at = zoned.replace(second=0, microsecond=0) - timedelta(hours=3)
    while (at.astimezone(zone).date(), at.astimezone(zone).time()) < (day, clock):
        at += MINUTE
    return at


@cache
def planned_in_a_year(zone: str, clock: time = time(2, 30)) -> list[datetime]:
    days = (START.date() + number * DAY for number in range(-1, 368))
    found = (first_showing(day, clock, ZoneInfo(zone)) for day in days)
    return [at for at in found if START < at < START + YEAR]


@dataclass
class Life:
    """A process that is up and down for a year: which nights it began, which of them were kept, and when it was up."""

    timetable: Timetable
    random: Random
    kept: list[tuple[datetime, datetime]] = field(default_factory=list)
    broken: list[datetime] = field(default_factory=list)
    up: list[tuple[datetime, datetime]] = field(default_factory=list)

    def live(self, downtime: bool) -> None:
        now = START
        while now < START + YEAR:
            hours = self.random.expovariate(1 / 60) if downtime else 24 * 366
            down = min(now + timedelta(hours=hours), START + YEAR)
            self.up.append((now, down))
            self._awake(now, down)
            now = down + timedelta(hours=self.random.choice([0.01, 0.1, 1, 5, 30, 100, 900]) * self.random.random())

    def _awake(self, since: datetime, down: datetime) -> None:
        now = since
        while now < down:
            settled = self.kept[-1][1] if self.kept else START
            coming = self.timetable.coming(settled, now)
            if coming.begins > now:
                # The alarm, or some look before it.
                now = min(coming.begins, now + timedelta(hours=self.random.uniform(0.1, 12)))
                continue
            took = timedelta(minutes=self.random.uniform(1, 90))
            if now + took > down:
                self.broken.append(coming.planned)
                return
            self.kept.append((coming.planned, now))
            now += took


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(2))
def test_a_year_without_downtime_has_each_planned_night_once_and_in_time(zone: str, seed: int):
    life = Life(timetable(zone, salt=str(seed)), Random(seed))
    life.live(downtime=False)
    assert [planned for planned, _ in life.kept] == planned_in_a_year(zone)
    assert all(began == life.timetable.begins(planned) for planned, began in life.kept)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(4))
def test_a_year_with_downtime_doubles_no_night_and_loses_only_those_that_nobody_could_run(zone: str, seed: int):
    life = Life(timetable(zone, salt=str(seed)), Random(f"{zone} {seed}"))
    life.live(downtime=True)
    expected = planned_in_a_year(zone)
    kept = [planned for planned, _ in life.kept]
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(expected)
    for planned in set(expected) - set(kept) - set(life.broken):
        begins = life.timetable.begins(planned)
        follows = bisect_left(expected, planned) + 1
        until = min(planned + DAY, expected[follows]) if follows < len(expected) else planned + DAY
        could = [(up, down) for up, down in life.up if max(up, begins) < min(down, until)]
        assert could == [], f"{planned} was lost although the process was up"
    assert len(kept) > 100


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(2))
def test_a_clock_that_is_set_again_and_again_doubles_and_loses_nothing(zone: str, seed: int):
    random, table = Random(seed), timetable(zone, salt=str(seed))
    now, settled, kept = START, START, []
    while now < START + YEAR:
        now += timedelta(seconds=random.uniform(15, 9000))
        if random.random() < 0.05:
            now += timedelta(minutes=random.uniform(-150, 150))
        coming = table.coming(settled, now)
        assert coming.planned > settled
        if coming.begins <= now:
            kept.append(coming.planned)
            settled = now
    assert kept == planned_in_a_year(zone)[: len(kept)]
    assert len(kept) >= 363


@pytest.mark.parametrize("clock", [time(1, 45), time(2, 0), time(2, 15), time(3, 0)])
@pytest.mark.parametrize("zone", ZONES)
def test_times_around_the_change_of_clocks(zone: str, clock: time):
    life = Life(timetable(zone, f"{clock.minute} {clock.hour} * * *", timedelta()), Random(1))
    life.live(downtime=False)
    assert [began for _, began in life.kept] == planned_in_a_year(zone, clock)


def test_of_thirty_missed_nights_one_is_caught_up_and_the_others_are_counted():
    table = timetable("UTC", jitter=timedelta())
    now = datetime(2026, 3, 31, 8, tzinfo=UTC)
    coming = table.coming(datetime(2026, 3, 1, 2, 31, tzinfo=UTC), now)
    assert (coming.planned, coming.missed) == (datetime(2026, 3, 31, 2, 30, tzinfo=UTC), 29)
    assert coming.catches_up(now)
    assert table.coming(now, now).planned == datetime(2026, 4, 1, 2, 30, tzinfo=UTC)


def test_a_night_that_is_missed_for_too_long_is_left_to_the_next_one():
    table = Timetable(read_cron("30 2 * * 0"), ZoneInfo("UTC"), timedelta(), DAY)
    sunday = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    assert table.coming(sunday - 7 * DAY, sunday + DAY).planned == sunday
    late = table.coming(sunday - 7 * DAY, sunday + DAY + MINUTE)
    assert (late.planned, late.missed) == (sunday + 7 * DAY, 1)


@pytest.mark.parametrize("catch_up", [timedelta(), MINUTE, 10 * MINUTE])
def test_a_short_catch_up_or_none_loses_no_night_that_somebody_was_awake_for(catch_up: timedelta):
    """Jitter is longer than what a missed night is worth: it is not missed while its own beginning is to come."""
    table = Timetable(read_cron("30 2 * * *"), ZoneInfo("UTC"), 20 * MINUTE, catch_up, salt="shop")
    planned = datetime(2026, 5, 2, 2, 30, tzinfo=UTC)
    begins = table.begins(planned)
    assert begins > planned + 10 * MINUTE
    for now in (planned, begins - MINUTE, begins, begins + timedelta(seconds=20)):
        for since in (None, planned - DAY, now):
            assert table.coming(planned - DAY, now, since).planned == planned


def test_a_night_waits_behind_other_errands_for_who_was_awake_and_not_for_who_was_not():
    table = Timetable(read_cron("30 2 * * *"), ZoneInfo("UTC"), timedelta(), timedelta(), 4 * HOUR)
    planned = datetime(2026, 5, 2, 2, 30, tzinfo=UTC)
    behind = planned + 2 * HOUR
    assert table.coming(planned - DAY, behind, since=planned - HOUR).planned == planned
    assert table.coming(planned - DAY, behind, since=planned + HOUR).planned == planned + DAY
    assert table.coming(planned - DAY, planned + 5 * HOUR, since=planned - HOUR).planned == planned + DAY


def test_jitter_is_a_nights_own_and_does_not_reach_the_next_night():
    begins = [timetable("UTC", salt=salt).begins(START) - START for salt in "abcdefgh"]
    assert len(set(begins)) == 8
    assert all(timedelta() <= delay < 20 * MINUTE for delay in begins)
    frequent = timetable("UTC", "*/10 * * * *", jitter=timedelta(hours=3), salt="a")
    assert frequent.begins(START) - START < 5 * MINUTE


def test_a_night_that_began_by_hand_after_the_planned_time_is_the_night():
    table = timetable("UTC")
    planned = datetime(2026, 5, 2, 2, 30, tzinfo=UTC)
    assert table.coming(planned - MINUTE, planned).planned == planned
    assert table.coming(planned + MINUTE, planned + 2 * MINUTE).planned == planned + DAY


def test_what_is_overdue():
    table = timetable("UTC", jitter=timedelta(minutes=5))
    planned, longest = datetime(2026, 5, 2, 2, 30, tzinfo=UTC), timedelta(hours=4)
    before = planned - DAY + MINUTE
    assert table.overdue(before, planned + timedelta(hours=4, minutes=4), longest) is None
    assert table.overdue(before, planned + timedelta(hours=4, minutes=6), longest) == planned
    assert table.overdue(planned + MINUTE, planned + timedelta(hours=20), longest) is None


def test_the_timetable_is_the_configurations():
    table = Timetable.of(ServeOptions(cron="0 4 * * 1-5", zone="Europe/Berlin", jitter="0s"), "salt")
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert table.coming(friday, friday).begins == datetime(2026, 11, 23, 3, tzinfo=UTC)
