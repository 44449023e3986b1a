"""What people decided in a chat, in words and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.snooze import NotUseful
from driftbot.report.chat_report import chat_json, chat_outline
from driftbot.report.render import present

AT = datetime(2026, 5, 4, 7, 30, tzinfo=UTC)
ANN, BEN = "Ann <ann@example.org>", "Ben <ben@example.org>"


def decision(accepted: bool = True, minutes: int = 0, **changes: object) -> ChatDecision:
    said = {"verb": ChatVerb.SNOOZE, "by": f"{ANN} (U0ANN)", "about": "3f9c2a71b0de", "told": "snoozed until tomorrow"}
    return ChatDecision(AT + timedelta(minutes=minutes), accepted=accepted, **{**said, **changes})  # type: ignore[arg-type]


def text(*decisions: ChatDecision, voices: tuple[NotUseful, ...] = (), shown: int = 20) -> str:
    return present(chat_outline(decisions, voices, shown), None)


def test_what_was_refused_comes_first_and_the_newest_leads():
    told = text(
        decision(),
        decision(minutes=5, told="snoozed for a week"),
        decision(False, 9, verb=ChatVerb.APPROVE, about="5ad1" * 16, told="stale"),
    )
    assert told.index("Refused") < told.index("stale") < told.index("Decided") < told.index("for a week")
    assert told.index("for a week") < told.index("until tomorrow")
    assert "2026-05-04 07:39 UTC  approve  5ad15ad15ad1  Ann <ann@example.org> (U0ANN)" in told
    assert "2 decisions · 1 refused · 0 voices not useful" in told


def test_older_ones_are_counted():
    assert "… and 3 older ones; --format json has them all" in text(*(decision() for _ in range(5)), shown=2)


def test_voices_are_counted_by_rule_the_most_first():
    voices = (
        NotUseful("a" * 12, "quiet", ANN, AT),
        NotUseful("b" * 12, "noisy", ANN, AT),
        NotUseful("b" * 12, "noisy", BEN, AT),
    )
    told = text(voices=voices)
    assert told.index("noisy  2 voices about 1 finding") < told.index("quiet  1 voice about 1 finding")
    document = json.loads(chat_json([decision(about="")], voices))
    assert document["not_useful_by_rule"] == {"noisy": 2, "quiet": 1}
    assert document["decisions"][0]["about"] is None


def test_nothing_says_so():
    assert "nobody asked for anything in a chat yet" in text()


@given(st.text(), st.text(), st.text())
def test_nothing_in_it_escapes(by: str, told: str, about: str):
    shown = text(decision(by=by, told=told, about=about), voices=(NotUseful(about, told, by, AT),))
    assert "\x1b" not in shown and "\u202e" not in shown
    json.loads(chat_json([decision(by=by, told=told, about=about)], ()).encode().decode())
