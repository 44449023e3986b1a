"""Settings that changed from night to night become markers; what is merely moved, unread or new does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftbot.core.commit import Commit, FileChange, Landing
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.history import Held
from driftbot.core.key import Delivery, Key, ValueType, Vocabulary
from driftbot.core.marker import Cause
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.setting_marker import committed, setting_keys, setting_markers
from driftbot.core.subject import Subject

CART = Subject("workload", "production", "shop/cart")
NIGHTS = [datetime(2026, 1, day, 2, tzinfo=UTC) for day in range(1, 6)]


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


def fact(value: Value, file: str = "a.yaml", key: str = "timeout.request", view: View = View.DECLARED) -> Fact:
    return Fact(CART, key, value, view, origin=Origin("git", file, 3))


def held(
    value: Value, since: int, until: int | None = None, file: str = "a.yaml", key: str = "timeout.request"
) -> Held:
    return Held(fact(value, file, key), NIGHTS[since], None if until is None else NIGHTS[until])


def told(held: list[Held]) -> list[tuple[str, str, datetime]]:
    markers = setting_markers(held, NIGHTS)
    return [(str(marker.cause), marker.name, datetime.fromtimestamp(marker.at, UTC)) for marker in markers]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([held(seconds(1), 0, 2), held(seconds(0.3), 2)], [("timeout.request 1s → 300ms", NIGHTS[2])]),
        ([held(seconds(1), 0, 2)], [("timeout.request 1s → not stated", NIGHTS[2])]),
        ([held(seconds(1), 0, 2, "a.yaml"), held(seconds(1), 2, file="b.yaml")], []),
        (
            [held(seconds(1), 0, 3, "a.yaml"), held(seconds(1), 2, 4, "b.yaml")],
            [("timeout.request 1s → not stated", NIGHTS[4])],
        ),
        ([held(seconds(1), 0)], []),
        ([held(seconds(1), 3)], []),
        ([held(seconds(1), 0, 2), held(seconds(2), 0, 2), held(seconds(3), 2)], []),
        (
            [held(seconds(1), 0, 3), held(seconds(2), 1)],
            [("timeout.request 1s → 2s", NIGHTS[3])],
        ),
        ([held(seconds(1), 0), held(seconds(2), 1, 3)], []),
        (
            [held(seconds(1), 0, 1), held(seconds(2), 3)],
            [("timeout.request 1s → not stated", NIGHTS[1]), ("timeout.request 1s → 2s", NIGHTS[3])],
        ),
        ([held(seconds(1), 0, 1), held(seconds(1), 3)], [("timeout.request 1s → not stated", NIGHTS[1])]),
        (
            [held(False, 0, 1, key="fallback"), held(True, 1, key="fallback")],
            [("fallback false → true", NIGHTS[1])],
        ),
        (
            [held(seconds(1), 0, 1), held(seconds(2), 1, 2), held(seconds(1), 2)],
            [("timeout.request 1s → 2s", NIGHTS[1]), ("timeout.request 2s → 1s", NIGHTS[2])],
        ),
    ],
)
def test_changes_of_a_setting(history: list[Held], expected: list[tuple[str, datetime]]):
    assert [(name, at) for _, name, at in told(history)] == expected


def test_a_new_image_is_a_release():
    history = [held("2.4.0", 0, 1, key="image.tag"), held("2.4.1", 1, key="image.tag")]
    assert told(history) == [("release", "2.4.1", NIGHTS[1])]


def test_a_change_is_late_by_the_time_since_the_night_before():
    (marker,) = setting_markers([held(seconds(1), 0, 2), held(seconds(2), 2)], [NIGHTS[0], NIGHTS[2]])
    assert marker.late_by == 2 * 86400
    assert (marker.cause, marker.origin) == (Cause.SETTING, Origin("git", "a.yaml", 3))


def test_a_change_of_which_sources_contradicted_each_other_is_late_by_that_time_too():
    (marker,) = setting_markers([held(seconds(1), 0, 3), held(seconds(2), 1)], NIGHTS)
    assert (marker.at, marker.late_by) == (NIGHTS[3].timestamp(), 3 * 86400)


def test_approved_and_measured_values_are_no_settings():
    for view in (View.APPROVED, View.OBSERVED):
        history = [
            replace(one, fact=replace(one.fact, view=view)) for one in (held(seconds(1), 0, 1), held(seconds(2), 1))
        ]
        assert told(history) == []


def test_the_keys_that_are_settings():
    def key(kind: str, name: str, kind_of: ValueType, delivery: Delivery = Delivery.INVENTORY) -> Key:
        unit = Unit.SECONDS if kind_of in {ValueType.QUANTITY, ValueType.SERIES} else None
        return Key(kind, name, kind_of, "a key of a test", unit, delivery=delivery)

    words = Vocabulary(
        [
            key("workload", "timeout.request", ValueType.QUANTITY),
            key("workload", "latency", ValueType.SERIES),
            key("workload", "containers", ValueType.NAMES),
            key("container", "image.tag", ValueType.TEXT),
            key("service", "owner", ValueType.TEXT),
            key("service", "paused", ValueType.FLAG),
            key("service", "costly", ValueType.QUANTITY, Delivery.ON_DEMAND),
            key("alert", "hold", ValueType.QUANTITY),
        ]
    )
    assert setting_keys(words) == {
        "workload": frozenset({"timeout.request"}),
        "container": frozenset({"image.tag"}),
        "service": frozenset({"paused"}),
    }


@pytest.mark.parametrize(
    ("hours", "file", "commit"),
    [([2], "a.yaml", "c0"), ([2, 1], "a.yaml", ""), ([30], "a.yaml", ""), ([-1], "a.yaml", ""), ([2], "b.yaml", "")],
)
def test_the_commit_of_a_change_is_the_only_one_of_its_file_since_the_night_before(
    hours: list[float], file: str, commit: str
):
    (marker,) = setting_markers([held(seconds(1), 0, 2), held(seconds(2), 2)], NIGHTS)
    landings = [
        Landing(Commit(f"c{number}", "Ada", NIGHTS[2] - timedelta(hours=ago), "why"), (FileChange(file, "x", "y"),))
        for number, ago in enumerate(hours)
    ]
    uncommitted = Landing(None, (FileChange("a.yaml", "x", ""),))
    found = committed(marker, [uncommitted, *landings])
    assert found.commit == commit
    assert found.late_by == (7200.0 if commit else 86400.0)
