"""Until when it is quiet: golden cases in ``fixtures/notices/quiet_hours/``, and a clock that is read every minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.core.rule import Severity
from driftbot.guards.options import Weekday
from driftbot.notices.options import ChannelOptions, QuietHours
from driftbot.notices.quiet_hours import held_until, quiet
from tests.notices.digest_scene import digest, entry

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "notices" / "quiet_hours").glob("*.yaml"))
MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
"""Lord Howe puts its clocks forward by half an hour."""


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_until_when_it_is_quiet(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    options = ChannelOptions.model_validate({"name": "sre", "quiet": case["quiet"]})
    found = quiet(options.quiet, case["now"])
    assert held_until(options.quiet, case["now"]) == case["until"]
    assert (found.until if found else None) == case["until"]
    assert (found.except_severity if found else None) == case.get("except")


@pytest.mark.parametrize(
    "hours",
    [
        {"from": "22:00", "to": "22:00"},
        [{"from": "22:00", "to": "08:00"}, {"from": "07:00", "to": "22:00"}],
        {"from": "00:00", "to": "24:00", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
    ],
)
def test_hours_that_never_end_are_refused(hours: object) -> None:
    with pytest.raises(ValidationError, match="these quiet hours never end"):
        ChannelOptions.model_validate({"name": "sre", "quiet": hours})


@pytest.mark.parametrize(
    ("held", "loud", "severity", "holds"),
    [
        (False, None, "critical", False),
        (True, None, "critical", True),
        (True, Severity.HIGH, "critical", False),
        (True, Severity.HIGH, "high", False),
        (True, Severity.HIGH, "medium", True),
    ],
)
def test_what_quiet_hours_hold_back(held: bool, loud: Severity | None, severity: str, holds: bool) -> None:
    one = entry(of_finding={"severity": Severity(severity)})
    told = digest(one, held_until=datetime(2026, 5, 5, tzinfo=UTC) if held else None, held_except=loud)
    assert told.holds_back(one) is holds


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
windows = st.builds(
    lambda start, end, zone, days: QuietHours(from_=start, to=end, zone=zone, days=tuple(days)),
    clocks,
    clocks,
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(list(Weekday)), max_size=3),
)
changes = st.sampled_from(
    [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC),
     datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC), datetime(2026, 6, 10, tzinfo=UTC)]
)  # fmt: skip
moments = st.builds(lambda day, minutes: day + minutes * MINUTE, changes, st.integers(-1440, 2 * 1440))


def is_quiet(hours: QuietHours, moment: datetime) -> bool:
    """Read off the wall: a window begins on a day and ends on it, or on the next one."""
    wall = moment.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None, fold=0)
    for back in (0, 1):
        day = wall.date() - timedelta(days=back)
        begins = datetime.combine(day, hours.from_)
        ends = datetime.combine(day + timedelta(days=hours.to <= hours.from_), hours.to)
        if (not hours.days or list(Weekday)[day.weekday()] in hours.days) and begins <= wall < ends:
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(st.lists(windows, min_size=1, max_size=2), moments)
def test_the_clock_read_every_minute_says_the_same(hours: list[QuietHours], now: datetime) -> None:
    try:
        options = ChannelOptions(name="sre", quiet=tuple(hours))
    except ValidationError:
        return  # they never end
    expected = now if any(is_quiet(one, now) for one in hours) else None
    while expected is not None and any(is_quiet(one, expected) for one in hours):
        expected += MINUTE
    assert held_until(options.quiet, now) == expected
