"""What a channel would be told, at a terminal: every group in its order, and nothing that a terminal obeys."""

from __future__ import annotations

from dataclasses import replace

from driftbot.core.digest import Standing
from driftbot.core.rule import Severity
from driftbot.report.digest_report import digest_outline
from driftbot.report.plain import render
from tests.notices.digest_scene import NOW, approval, digest, entry, notice, offer, silence
from tests.report.conftest import HOSTILE


def test_every_group_is_told_in_its_order() -> None:
    entries = tuple(entry(standing, f"shop/{standing}") for standing in Standing)
    told = digest(
        *entries, blind=("source: prometheus: down",), silences=(silence(),), notices=(notice(),),
        unrouted=("grace: 2",), held_until=NOW, held_except=Severity.CRITICAL,
    )  # fmt: skip
    titles = [line for line in render(digest_outline(told, "slack")).splitlines() if line and not line.startswith(" ")]
    assert titles == [
        "sre (slack), the night of 2026-05-04 02:30 UTC",
        "5 drift, 214 checks, 1 unknown, 1 waived in the estate; 8 entries for this channel",
        "Not read",
        *("New: 1", "Worse: 1", "Changed: 1", "As before: 1", "Not readable: 1", "Snoozed: 1", "Waived: 1", "Fixed: 1"),
        "Silences to decide about",
        "Notices",
        "Told in no channel",
        "Quiet until 2026-05-04 07:00 UTC: nothing new is announced, but for findings of severity critical or worse.",
    ]


def test_an_offer_says_what_it_would_do_and_who_is_missing() -> None:
    waits, done = entry(offer=offer(missing=2)), entry(offer=offer(missing=0, approvals=(approval(),)))
    text = render(digest_outline(digest(waits, replace(done, escalated=NOW)), "slack"))
    change = "timeout.deadline of job:production/shop/billing: 2h → 2h45m"
    assert f"raise-deadline (approve, 2 approvals missing): {change}" in text
    assert f"raise-deadline (approve): {change}" in text
    assert "owner: data-platform, asked since 2026-05-04" in text


def test_what_is_not_shown_is_counted() -> None:
    text = render(digest_outline(digest(*(entry(name=f"shop/{number}") for number in range(25))), "slack", shown=20))
    assert ("New: 25" in text, "… and 5 more" in text) == (True, True)


def test_nothing_in_it_moves_a_terminal() -> None:
    hostile = entry(
        name=HOSTILE, labels={"owner": HOSTILE}, owner=HOSTILE, of_life={"previous": HOSTILE, "changed": NOW},
        of_finding={"message": HOSTILE, "observed": HOSTILE, "expected": HOSTILE},
    )  # fmt: skip
    told = digest(hostile, channel="sre", blind=(HOSTILE,), unrouted=(HOSTILE,), notices=(notice(title=HOSTILE),))
    text = render(digest_outline(told, HOSTILE))
    assert not {"\x1b", "\u202e", "\x00", "\ud800"} & set(text)
