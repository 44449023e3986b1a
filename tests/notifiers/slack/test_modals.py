"""Forms: what is asked, what is required, and which finding it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from driftbot.core.history import FindingLife
from driftbot.notifiers.slack.controls import Field, Form
from driftbot.notifiers.slack.modals import LONGEST_SNOOZE, LONGEST_WAIVER, SHORTEST_REASON, snooze_form, waive_form
from tests.notices.digest_scene import NOW, finding, life
from tests.notifiers.slack.hostile import HOSTILE, full_entry
from tests.notifiers.slack.payload_checks import faults

ABOUT: FindingLife = life(finding())


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def test_waiving_asks_for_a_reason_and_an_end() -> None:
    view = waive_form(ABOUT, NOW).to_dict()
    assert (view["callback_id"], view["private_metadata"]) == (Form.WAIVE, ABOUT.finding.fingerprint)
    asked = inputs(view)
    assert {name: block["optional"] for name, block in asked.items()} == {Field.REASON: False, Field.EXPIRES: False}
    assert {name: block["element"]["action_id"] for name, block in asked.items()} == {name: name for name in asked}
    assert asked[Field.REASON]["element"]["min_length"] == SHORTEST_REASON
    assert asked[Field.EXPIRES]["element"]["initial_date"] == "2026-08-02"
    assert f"{NOW + LONGEST_WAIVER:%Y-%m-%d} at the latest" in asked[Field.EXPIRES]["hint"]["text"]


def test_snoozing_asks_for_a_time() -> None:
    view = snooze_form(ABOUT, NOW + timedelta(minutes=59)).to_dict()
    assert (view["callback_id"], view["private_metadata"]) == (Form.SNOOZE, ABOUT.finding.fingerprint)
    (asked,) = inputs(view).values()
    assert (asked["block_id"], asked["element"]["action_id"], asked["optional"]) == (Field.UNTIL, Field.UNTIL, False)
    assert asked["element"]["initial_date_time"] == (NOW + timedelta(days=1)).timestamp()
    assert f"{LONGEST_SNOOZE.days} days at most" in asked["hint"]["text"]


@pytest.mark.parametrize("now", [NOW, datetime(2028, 2, 29, 23, 59, tzinfo=UTC)])
def test_forms_say_what_they_are_about(now: datetime) -> None:
    for view in (waive_form(ABOUT, now), snooze_form(ABOUT, now)):
        told = view.to_dict()["blocks"][0]["text"]["text"]
        assert told == (
            "*Batch jobs finish well inside their deadline*\n`job:production/shop/billing`\n"
            "1h50m, expected at most 1h24m = 0.7 × 2h"
        )
        assert faults(view.to_dict()) == []


@pytest.mark.parametrize("word", HOSTILE, ids=map(str, range(len(HOSTILE))))
def test_hostile_text_stays_text(word: str) -> None:
    about = full_entry(word).life
    assert faults(waive_form(about, NOW).to_dict()) + faults(snooze_form(about, NOW).to_dict()) == []
