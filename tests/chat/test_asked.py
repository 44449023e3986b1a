"""What Slack says was pressed or sent, read: tables of what is ours, and that nothing at all raises."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.chat.asked import Place, form_metadata, read_asked
from driftbot.chat.wish import (
    Approve,
    AskFor,
    Explain,
    Nothing,
    NotUsefulToMe,
    SnoozeBy,
    SnoozeUntil,
    Unreadable,
    Waive,
    Wish,
)
from driftbot.notifiers.slack.controls import Control, Field, Form, SnoozeFor

ID, DIGEST = "0123456789ab", "5ad1" * 16


def pressed(control: str, value: Any, **more: Any) -> dict[str, Any]:
    action = {"type": "button", "action_id": control, "value": value, "action_ts": "1.2"}
    return {"type": "block_actions", "actions": [action], **more}


def sent(form: str, metadata: Any, values: Any = None) -> dict[str, Any]:
    view = {"callback_id": form, "private_metadata": metadata, "state": {"values": values or {}}}
    return {"type": "view_submission", "view": view}


def waiver(reason: Any, expires: Any) -> dict[str, Any]:
    values = {"reason": {"reason": {"value": reason}}, "expires": {"expires": {"selected_date": expires}}}
    return sent(Form.WAIVE, ID, values)


def snooze(until: Any) -> dict[str, Any]:
    return sent(Form.SNOOZE, ID, {"until": {"until": {"selected_date_time": until}}})


OURS: list[tuple[dict[str, Any], Wish]] = [
    (pressed(Control.APPROVE, f"{ID}:{DIGEST}"), Approve(ID, DIGEST)),
    (pressed(Control.SNOOZE, f"{ID}:1h"), SnoozeBy(ID, SnoozeFor.HOUR)),
    (pressed(Control.SNOOZE, f"{ID}:until"), AskFor(ID, Form.SNOOZE)),
    (pressed(Control.WAIVE, ID), AskFor(ID, Form.WAIVE)),
    (pressed(Control.EXPLAIN, ID), Explain(ID)),
    (pressed(Control.NOT_USEFUL, ID), NotUsefulToMe(ID)),
    (pressed(Field.EXPIRES, "2026-01-01"), Nothing()),
    (waiver("it moves\nin  May", "2026-05-04"), Waive(ID, "it moves in May", date(2026, 5, 4))),
    (waiver("", None), Waive(ID, "", None)),
    (waiver(7, "soon"), Waive(ID, "", None)),
    (waiver("a\x00b \ud800c", "2026-05-04"), Waive(ID, "a b ?c", date(2026, 5, 4))),
    (snooze(1_800_000_000), SnoozeUntil(ID, datetime(2027, 1, 15, 8, tzinfo=UTC))),
    (snooze(None), SnoozeUntil(ID, None)),
    (snooze(True), SnoozeUntil(ID, None)),
    (snooze(10**30), SnoozeUntil(ID, None)),
    (snooze("1800000000"), SnoozeUntil(ID, None)),
    (sent(Form.EXPLANATION, ID), Nothing()),
    ({"type": "view_closed"}, Nothing()),
]
"""A menu's choice is read as a button's value is: see below."""

FORGED = [
    (pressed("delete_everything", ID), "'delete_everything' is none of driftbot's"),
    (pressed(Control.APPROVE, ID), "which it never does"),
    (pressed(Control.APPROVE, f"{ID}:{DIGEST[:12]}"), "which it never does"),
    (pressed(Control.APPROVE, f"{ID}:{DIGEST.upper()}"), "which it never does"),
    (pressed(Control.APPROVE, f"{ID}:{DIGEST}\n"), "which it never does"),
    (pressed(Control.APPROVE, f"0123:{DIGEST}"), "names no finding"),
    (pressed(Control.SNOOZE, f"{ID}:1y"), "which it never does"),
    (pressed(Control.SNOOZE, ID), "which it never does"),
    (pressed(Control.WAIVE, f"{ID}:more"), "which it never does"),
    (pressed(Control.EXPLAIN, "%"), "names no finding"),
    (pressed(Control.EXPLAIN, None), "names no finding"),
    (pressed(Control.EXPLAIN, {"a": 1}), "names no finding"),
    ({"type": "block_actions", "actions": []}, "not one control"),
    ({"type": "block_actions", "actions": [{}, {}]}, "not one control"),
    ({"type": "block_actions"}, "not one control"),
    (sent("other_form", ID), "'other_form' is none of driftbot's"),
    (sent(Form.WAIVE, "x"), "names no finding"),
    ({"type": "view_submission"}, "none of driftbot's"),
    ({"type": "message_action"}, "'message_action'"),
    ({"command": "/driftbot"}, "the kind ''"),
    ([], "the kind ''"),
    (None, "the kind ''"),
]


@pytest.mark.parametrize(("body", "wish"), OURS)
def test_what_is_ours_is_understood(body: dict[str, Any], wish: Wish):
    assert read_asked(body).wish == wish


@pytest.mark.parametrize(("body", "told"), FORGED)
def test_what_is_forged_is_not(body: Any, told: str):
    wish = read_asked(body).wish
    assert isinstance(wish, Unreadable)
    assert told in wish.why


def test_who_where_and_by_which_request():
    body = pressed(
        Control.SNOOZE, None, user={"id": "U1"}, team={"id": "T1"}, enterprise={"id": "E1"}, api_app_id="A1",
        trigger_id="1.2.abc", container={"channel_id": "C1", "message_ts": "5.5", "thread_ts": "4.4"},
        message={"app_id": "A2"},
    )  # fmt: skip
    body["actions"][0]["selected_option"] = {"value": f"{ID}:1w"}
    asked = read_asked(body)
    assert asked.wish == SnoozeBy(ID, SnoozeFor.WEEK)
    assert (asked.user, asked.team, asked.enterprise, asked.app, asked.author) == ("U1", "T1", "E1", "A1", "A2")
    assert (asked.place, asked.request, asked.trigger) == (Place("C1", "4.4"), "1.2.abc", "1.2.abc")


@pytest.mark.parametrize("place", [Place(), Place("C1"), Place("C1", "4.4")])
def test_a_form_answers_where_its_control_stood(place: Place):
    body = sent(Form.SNOOZE, form_metadata(ID, place))
    assert (read_asked(body).place, read_asked(body).wish) == (place, SnoozeUntil(ID, None))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KNOWN = ("type", "actions", "view", "user", "team", "container", "state", "values", "private_metadata", "callback_id")
WORDS = st.sampled_from([*Control, *Form, *Field, ID, f"{ID}:{DIGEST}", "block_actions", "view_submission"])
SHAPED = st.recursive(
    JSON | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KNOWN, *Field]), inner, max_size=5),
    max_leaves=25,
)


@given(SHAPED)
def test_nothing_that_arrives_raises(body: Any):
    asked = read_asked(body)
    assert isinstance(asked.user, str) and isinstance(asked.request, str)


@given(SHAPED)
def test_no_state_of_a_form_raises(state: Any):
    body = {"type": "view_submission", "view": {"callback_id": Form.WAIVE, "private_metadata": ID, "state": state}}
    assert isinstance(read_asked(body).wish, Waive)
