"""Notices and escalations: told in full as far as a message holds them, to the person whose it is."""

from __future__ import annotations

import pytest

from driftbot.core.digest import Standing
from driftbot.notifiers.slack.notice_message import escalation_message, notice_message
from driftbot.notifiers.slack.said import Said
from tests.notices.digest_scene import NIGHT, digest, entry, notice
from tests.notifiers.slack.hostile import HOSTILE, WORKSPACE, full_entry
from tests.notifiers.slack.payload_checks import faults, texts


def words(said: Said) -> str:
    return "\n".join(text for text, _ in texts(said.payload()["blocks"]))


def test_a_notice_has_its_title_and_all_its_words() -> None:
    said = notice_message(digest(), notice(body="one\n*two*\nthree"))
    assert said.text == "Raising the deadline of shop/billing did not help"
    assert words(said).startswith("*Raising the deadline of shop/billing did not help*\none\n∗two∗\nthree\n")
    assert "escalated · <!date^1777878000^" in words(said)


def test_a_long_notice_says_how_much_is_left() -> None:
    said = words(notice_message(digest(), notice(body="\n".join(f"line {number}" for number in range(40)))))
    assert "line 14\n… and 25 more lines" in said
    assert "`driftbot runs notices`" in said


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_a_notice_without_a_title_is_told_all_the_same(empty: str) -> None:
    assert notice_message(digest(), notice(title=empty)).text == "escalated"
    assert notice_message(digest(), notice(title=empty, kind=empty)).text == "Notice"


@pytest.mark.parametrize(
    ("owner", "whom"),
    [
        ("data-platform", "<!subteam^S0DATA>"),
        ("payments", "<@U012ANN>"),
        ("@org/web, payments", "<@U012ANN>"),
        ("", "nobody is named as its owner"),
    ],
)
def test_an_escalation_asks_the_owner_in_person(owner: str, whom: str) -> None:
    about = entry(Standing.STANDING, owner=owner, escalated=NIGHT)
    said = escalation_message(digest(about), about, WORKSPACE)
    assert said.text.startswith(f"{whom}: Batch jobs finish well inside their deadline – job:production/shop/billing")
    assert words(said).startswith(f"{whom}: *Batch jobs finish well inside their deadline* still stands\n")
    assert "since 2026-04-14, asked since 2026-05-04" in words(said)


def test_without_a_workspace_the_owner_is_named() -> None:
    about = entry(Standing.STANDING, escalated=NIGHT)
    assert escalation_message(digest(about), about).text.startswith("data-platform: ")


@pytest.mark.parametrize("word", HOSTILE, ids=map(str, range(len(HOSTILE))))
def test_hostile_text_stays_text(word: str) -> None:
    about = full_entry(word)
    assert faults(escalation_message(digest(about), about, WORKSPACE).payload()) == []
    assert faults(notice_message(digest(), notice(title=word, kind=word, body=f"{word}\n" * 40)).payload()) == []
