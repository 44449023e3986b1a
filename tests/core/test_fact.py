"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from driftbot.core.fact import show

BERLIN = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2026, 5, 7, 12, tzinfo=UTC), "2026-05-07 12:00 UTC"),
        (datetime(2026, 5, 7, 1, 30, 59, tzinfo=BERLIN), "2026-05-06 23:30 UTC"),
        (datetime(1, 1, 1, tzinfo=BERLIN), "0001-01-01T00:00:00+02:00"),
        (True, "true"),
        (("a", "b"), "a, b"),
        ((), "none"),
        ("text", "text"),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(value, shown):
    assert show(value) == shown
