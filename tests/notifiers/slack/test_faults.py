"""Each fault at each effect of a delivery, then a delivery that nothing disturbs: nothing is lost, nothing is twice.

`make test` tries every fault at a third of the effects, `make campaign` at all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from driftbot.core.digest import Digest, Standing
from driftbot.core.rule import Severity
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.slack.wanted import Posting, Wanted, WantedChart, wanted
from tests.notices.digest_scene import DAY, NIGHT, NOW, chart, digest, entry, notice
from tests.notifiers.channel_scene import BookMemory
from tests.notifiers.slack.slack_scene import Scene, names, scene

PASSING = (
    "rate_limited", "server_error", "server_error_after", "disconnect", "disconnect_after", "malformed",
    "malformed_after", "timeout", "timeout_after", "internal_error", "fatal_error", "is_archived", "token_revoked",
)  # fmt: skip
"""What passes: afterwards the channel shows what it would have shown anyway."""
LASTING = ("message_not_found", "edit_window_closed", "msg_too_long", "some_new_error")
"""What driftbot has to find another way around: then each thing that is to be told stands there once, somehow."""
HANGS = {"timeout", "timeout_after"}
OPTIONS: Mapping[str, Any] = {"entries": 2}


def first() -> Digest:
    new = entry(Standing.NEW, "shop/tax", of_finding={"charts": (chart(),)})
    old = entry(Standing.STANDING, "shop/billing", escalated=NIGHT)
    rest = [entry(Standing.STANDING, f"shop/low-{one}", of_finding={"severity": Severity.LOW}) for one in range(40)]
    return digest(new, old, *rest, notices=(notice(),))


def second() -> Digest:
    """Something is fixed, something worse, something gone, something new, and there are fewer pages."""
    fixed = entry(Standing.FIXED, "shop/tax")
    new = entry(Standing.NEW, "shop/search", of_finding={"charts": (chart(),)})
    return digest(fixed, new, night=NIGHT + DAY, notices=(notice(kind="notice", at=NOW + DAY),))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("slack")) as made:
        yield made


def fresh(shared: Scene, name: str) -> Scene:
    """A channel that nobody was told anything in."""
    shared.sandbox.heal()
    shared.sandbox.add_channel(name)
    return Scene(shared.sandbox, shared.token, shared.moment, BookMemory(), name, shared.timeout)


def state(slack: Scene) -> list[tuple[str, ...]]:
    """What the channel shows, without times; a picture stands beneath what it belongs to or not, that is all."""
    channel = slack.sandbox.channel(slack.channel)
    seen = {one["ts"] for one in channel.messages}
    return sorted(
        (name, one["text"], re.sub("'block_id': '[^']*'", "", str(one.get("blocks"))), str(one["ts"] in seen))
        for one in channel.everything
        if one.get("subtype") != "tombstone"
        for name in names(one)
    )


def withdrawn(slack: Scene) -> list[str]:
    """What was told, was taken away with its thread, and is not told again: escalations."""
    return [key for key, one in slack.memory.book.items() if key.startswith("escalation:") and not one.reference]


def undisturbed(shared: Scene, kind: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], int, int]:
    slack = fresh(shared, f"{kind}-calm")
    passed: list[str] = []
    slack.deliver(first(), boundary=passed.append, **OPTIONS)
    one, after_first = state(slack), len(passed)
    slack.deliver(second(), boundary=passed.append, **OPTIONS)
    return one, state(slack), after_first, len(passed) - after_first


@pytest.mark.parametrize("kind", PASSING)
def test_a_fault_that_passes_leaves_no_trace(shared: Scene, kind: str) -> None:
    calm_first, calm_second, begun, later = undisturbed(shared, kind)
    for number in moments(begun, kind):
        slack = fresh(shared, f"{kind}-first-{number}")
        attempt(slack, first(), number, kind)
        made_good(slack, first(), f"{kind} at {number} of {begun}")
        assert state(slack) == calm_first
    for number in moments(later, kind):
        slack = fresh(shared, f"{kind}-second-{number}")
        slack.deliver(first(), **OPTIONS)
        attempt(slack, second(), number, kind)
        made_good(slack, second(), f"{kind} at {number} of {later}, second night")
        assert state(slack) == calm_second


@pytest.mark.parametrize("kind", LASTING)
def test_a_fault_that_lasts_costs_no_message_and_makes_none_twice(shared: Scene, kind: str) -> None:
    calm_first, _, begun, later = undisturbed(shared, kind)
    for number in moments(begun, kind):
        slack = fresh(shared, f"{kind}-first-{number}")
        attempt(slack, first(), number, kind)
        made_good(slack, first(), f"{kind} at {number} of {begun}")
        assert sorted([*(one[0] for one in state(slack)), *withdrawn(slack)]) == [one[0] for one in calm_first]
    for number in moments(later, kind):
        slack = fresh(shared, f"{kind}-second-{number}")
        slack.deliver(first(), **OPTIONS)
        attempt(slack, second(), number, kind)
        made_good(slack, second(), f"{kind} at {number} of {later}, second night")


def moments(count: int, kind: str) -> range:
    """At which effects a fault happens, counted from 1."""
    if os.environ.get("DRIFTBOT_CAMPAIGN"):
        return range(1, count + 1)
    return range(1 + (PASSING + LASTING).index(kind) % 3, count + 1, 3)


def attempt(slack: Scene, told: Digest, number: int, kind: str) -> None:
    """A delivery that goes wrong; it says where and what to do, or does as much as it can."""
    passed: list[str] = []

    def boundary(name: str) -> None:
        passed.append(name)
        if len(passed) == number:
            slack.sandbox.fail_next("*", kind)

    slack.timeout = 0.2 if kind in HANGS else 10
    try:
        slack.deliver(told, boundary=boundary, **OPTIONS)
    except DeliveryFailed as failure:
        assert failure.next_step
        assert slack.channel in failure.reason


def made_good(slack: Scene, told: Digest, where: str) -> None:
    """Delivered again without a fault, everything that is wanted stands once, and then there is nothing to do."""
    slack.sandbox.heal()
    slack.timeout = 10
    assert slack.deliver(told, **OPTIONS).left == 0, where
    standing = slack.told()
    assert not [name for name, count in standing.items() if count > 1], where
    known = {key for key in slack.memory.book if key.startswith(("digest", "finding:", "rest:", "notice:"))}
    assert known <= set(standing), where
    assert {
        one.key for one in wanted(told, slack.options(**OPTIONS), None, slack.memory.book) if told_anew(one)
    } <= set(slack.memory.book), where
    after = slack.deliver(told, **OPTIONS)
    assert (after.posted, after.edited, after.left) == (0, 0, 0), where


def told_anew(one: Wanted | WantedChart) -> bool:
    return isinstance(one, Wanted) and one.posting is not Posting.NEVER
