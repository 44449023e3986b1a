"""Cron expressions: ``fixtures/schedule/cron/<case>.yaml``, one expression a file, and what every one of them keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftbot.schedule.cron import CronExpression, read_cron
from driftbot.schedule.cron_field import CronError, Field, read_field
from driftbot.schedule.crontab_words import crontab_words, kubernetes_words
from driftbot.schedule.night_schedule import NotExpressible
from driftbot.schedule.occurrences import last_until, next_after, skipped
from driftbot.schedule.systemd_calendar import calendar_events
from tests.schedule.expressions import ZONES, expressions

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "schedule" / "cron").glob("*.yaml"))
READ = [path for path in CASES if not path.stem.startswith("refused_")]


def case(path: Path) -> dict[str, Any]:
    # As text: YAML would read the times itself.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def beginnings(cron: CronExpression, zone: ZoneInfo, moment: datetime, many: int) -> list[datetime]:
    found = []
    for _ in range(many):
        moment = next_after(cron, zone, moment)
        found.append(moment)
    return found


@pytest.mark.parametrize("path", READ, ids=lambda path: path.stem)
def test_beginnings(path: Path) -> None:
    told = case(path)
    cron, zone = read_cron(told["cron"]), ZoneInfo(told.get("zone", "UTC"))
    expected = [datetime.fromisoformat(moment) for moment in told["begins"]]
    assert beginnings(cron, zone, datetime.fromisoformat(told["from"]), len(expected)) == expected
    assert last_until(cron, zone, expected[-1]) == expected[-1]
    assert last_until(cron, zone, expected[0] - timedelta(seconds=1)) < expected[0]
    if "skipped" in told:
        first = next(skipped(cron, zone, datetime.fromisoformat(told["from"])))
        assert first == datetime.fromisoformat(told["skipped"])


@pytest.mark.parametrize("path", READ, ids=lambda path: path.stem)
def test_other_spellings(path: Path) -> None:
    told = case(path)
    cron = read_cron(told["cron"])
    if "systemd" in told:
        assert list(calendar_events(cron, told.get("zone", "UTC"))) == told["systemd"]
    if "crontab" in told:
        assert crontab_words(cron) == told["crontab"]
    if "kubernetes" in told:
        assert kubernetes_words(cron) == told["kubernetes"]
    if "kubernetes_refused" in told:
        with pytest.raises(NotExpressible, match=told["kubernetes_refused"]):
            kubernetes_words(cron)


@pytest.mark.parametrize("path", [path for path in CASES if path not in READ], ids=lambda path: path.stem)
def test_refusals(path: Path) -> None:
    told = case(path)
    with pytest.raises(CronError) as caught:
        read_cron(told["cron"])
    assert told["refused"] in str(caught.value)


@given(st.text(max_size=40))
@example("* * * * *\n")
def test_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        read_cron(text)
    except CronError:
        return


@given(st.text(alphabet="0123456789*-/,", max_size=12), st.sampled_from(Field))
def test_a_field_has_only_values_of_its_own(text: str, field: Field) -> None:
    try:
        values = read_field(text, field)
    except CronError:
        return
    assert values
    assert list(values) == sorted(set(values))
    assert set(values) <= set(field.every)


@settings(max_examples=25)
@given(expressions(), st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_beginnings_follow_the_clock_minute_by_minute(text: str, zone: str, start: datetime) -> None:
    """Against the plainest reading there is: a minute of the wall clock after the other, two days long."""
    cron, place, moment = read_cron(text), ZoneInfo(zone), start.replace(tzinfo=UTC)
    expected: list[datetime] = []
    walls: set[datetime] = set()
    minute = moment.replace(second=0, microsecond=0)
    before = (minute - timedelta(days=2)).astimezone(place)
    minute -= timedelta(days=2)
    while minute < moment + timedelta(days=2):
        local = minute.astimezone(place)
        passed, gap = local.replace(tzinfo=None), before.replace(tzinfo=None) + timedelta(minutes=1)
        named = []
        while gap < passed:  # the clock jumped over these
            named += [gap] if matches(cron, gap) and not cron.every_hour else []
            gap += timedelta(minutes=1)
        named += [passed] if matches(cron, passed) and (cron.every_hour or passed not in walls) else []
        walls.add(passed)
        if named and minute > moment:
            expected.append(minute)
        before, minute = local, minute + timedelta(minutes=1)
    found = beginnings(cron, place, moment, min(len(expected), 50))
    assert found == expected[:50]
    if expected:
        assert last_until(cron, place, expected[-1]) == expected[-1]


def matches(cron: CronExpression, wall: datetime) -> bool:
    return cron.on(wall.date()) and wall.hour in cron.hours and wall.minute in cron.minutes


@given(expressions(), st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_crontabs_that_are_written_are_read_as_they_were_meant(text: str, zone: str, start: datetime) -> None:
    cron = read_cron(text)
    again = read_cron(crontab_words(cron))
    moment = start.replace(tzinfo=UTC)
    assert beginnings(again, ZoneInfo(zone), moment, 5) == beginnings(cron, ZoneInfo(zone), moment, 5)


@given(expressions())
def test_kubernetes_reads_what_is_written_as_it_was_meant(text: str) -> None:
    """By the rules of robfig/cron v3: only a bare star lets the other field decide; a step or a list does not."""
    cron = read_cron(text)
    try:
        words = kubernetes_words(cron).split()
    except NotExpressible:
        assert not cron.days_add_up
        return
    days, weekdays = read_field(words[2], Field.DAY), read_field(words[4], Field.WEEKDAY)
    either = "*" not in (words[2], words[4])
    first = datetime(2027, 1, 1, tzinfo=UTC)
    for day in (first + timedelta(days=number) for number in range(400)):
        of_month, of_week = day.day in days, day.isoweekday() % 7 in weekdays
        theirs = day.month in read_field(words[3], Field.MONTH) and (
            of_month or of_week if either else of_month and of_week
        )
        assert theirs == cron.on(day.date())


def test_every_zone_of_a_year_begins_each_night_once() -> None:
    """02:30 every night: as many beginnings as days, whatever the clocks of the zone do."""
    cron = read_cron("30 2 * * *")
    for zone in map(ZoneInfo, ZONES):
        start = datetime(2027, 1, 1, tzinfo=zone)
        found = beginnings(cron, zone, start, 365)
        assert len({moment.astimezone(zone).date() for moment in found}) == 365
        assert found[-1].astimezone(zone).date() == datetime(2027, 12, 31).date()


def test_nothing_is_skipped_where_no_clock_is_changed() -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    assert list(skipped(read_cron("30 2 * * *"), ZoneInfo("UTC"), start)) == []
    assert list(skipped(read_cron("30 3 * * *"), ZoneInfo("Europe/Berlin"), start)) == []
    years = [moment.year for moment in islice(skipped(read_cron("30 2 * * *"), ZoneInfo("Europe/Berlin"), start), 9)]
    assert years == [2027, 2028, 2029]
