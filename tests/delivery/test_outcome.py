"""What is said of a delivery is a line that people can read, whatever went wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.delivery.outcome import ChannelOutcome, delivery_lines
from driftbot.notifiers.notifier import Delivered


@pytest.mark.parametrize(
    ("count", "more"), [(1, ""), (5, ""), (6, ", and 1 more problem"), (400, ", and 395 more problems")]
)
def test_many_problems_are_counted_not_listed(count: int, more: str) -> None:
    problems = tuple(f"finding {number} is told without its details" for number in range(count))
    (line,) = delivery_lines([ChannelOutcome("sre", "slack", Delivered(posted=1, problems=problems))])
    assert line.endswith(f"finding {min(count, 5) - 1} is told without its details{more}")
    assert len(line) < 400


def test_a_failure_is_one_line_of_bounded_length_with_what_to_do() -> None:
    failed = ChannelOutcome("sre", "slack", failure="no \x1b[2J\nroom " * 1000, next_step="Make \x1b room.")
    (line,) = delivery_lines([failed])
    assert line.endswith("; Make \\x1b room.")
    assert len(line) < 2000
    assert "\x1b" not in line and "\n" not in line


def test_what_waits_says_until_when() -> None:
    until = datetime(2026, 5, 4, 5, tzinfo=UTC)
    told = ChannelOutcome("sre", "slack", Delivered(left=3), held_until=until).told
    assert told == "sre (slack): 0 sent, 0 edited, 0 as they should be, 3 wait (quiet until 2026-05-04 05:00 UTC)"
