"""Which blocks are refused, with which words; anything at all is either taken or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.sandbox.page.blocks import Blocks
from driftbot.sandbox.page.html import h, html
from driftbot.sandbox.payload_check import check_blocks, check_view
from driftbot.sandbox.refusal import Refused
from tests.sandbox.blocks import actions, button, menu, modal, picker, plain, section, text_input

REFUSED = {
    "a kind nobody knows": ([{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0]"),
    "no kind": ([{"text": "x"}], "json-pointer:/blocks/0"),
    "no object": (["x"], "json-pointer:/blocks/0"),
    "a long section": ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "an empty section": ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    "an empty text": ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "a long header": ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    "a header with markup": ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text"),
    "eleven fields": ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items allowed"),
    "a long field": ([{"type": "section", "fields": [plain("x" * 2001)]}], "/blocks/0/fields/0/text"),
    "a long button": ([actions(button("a", label="x" * 76))], "must be less than 76 characters"),
    "a long value": ([actions(button("a", "x" * 2001))], "/blocks/0/elements/0/value"),
    "26 buttons": ([actions(*[button(f"a{n}") for n in range(26)])], "no more than 25 items allowed"),
    "a style nobody knows": ([actions(button("a", style="blink"))], "/blocks/0/elements/0/style"),
    "six items of an overflow": ([actions(menu("a", *"123456", type_="overflow"))], "no more than 5 items allowed"),
    "a long option": ([actions(menu("a", "x" * 151))], "/blocks/0/elements/0/options/0/value"),
    "a menu without options": ([actions({"type": "static_select", "action_id": "a"})], "options"),
    "an unknown field": ([section("x", colour="red")], "invalid additional property: colour"),
    "an id twice": ([section("x", block_id="b"), section("y", block_id="b")], "`block_id` already exists: b"),
    "an action twice": ([actions(button("a"), button("a"))], "`action_id` already exists: a"),
    "an input in a message": ([text_input("reason")], "unsupported type: input"),
    "eleven remarks": ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items allowed"),
    "a picture of nothing": ([{"type": "image", "alt_text": "x"}], "must provide either image_url or slack_file"),
    "a picture without words": ([{"type": "image", "image_url": "https://a.example/x"}], "required field: alt_text"),
    "a link that runs": ([actions(button("a", url="javascript:alert(1)"))], "/blocks/0/elements/0/url"),
}


@pytest.mark.parametrize(("blocks", "fault"), REFUSED.values(), ids=REFUSED)
def test_what_slack_refuses_is_refused(blocks: list, fault: str):
    with pytest.raises(Refused, match="invalid_blocks") as caught:
        check_blocks(blocks)
    assert any(fault in message for message in caught.value.messages), caught.value.messages


def test_all_faults_are_said_at_once():
    with pytest.raises(Refused) as caught:
        check_blocks([section("x" * 3001), {"type": "marquee"}, {"type": "header", "text": plain("")}])
    assert len(caught.value.messages) == 3


SURE = {"title": plain("Sure?"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}


def test_what_slack_takes_is_taken():
    blocks = [
        {"type": "header", "text": plain("x" * 150)},
        section("x" * 3000, accessory=menu("more", "1", "2", type_="overflow")),
        {"type": "section", "fields": [plain("x" * 2000)] * 10},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}, plain("y")]},
        {"type": "divider"},
        actions(button("approve", confirm=SURE), menu("snooze", "1h")),
        {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x", "title": plain("t")},
    ]  # fmt: skip
    assert check_blocks(blocks) == blocks
    view = modal(text_input("reason", multiline=True), picker("expires"), picker("until", "datetimepicker"))
    assert check_view(view) == view


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
words = st.text(max_size=80)
some_text = st.fixed_dictionaries({"type": st.sampled_from(["plain_text", "mrkdwn"]), "text": words | anything})
element = st.fixed_dictionaries(
    {"type": st.sampled_from(["button", "static_select", "overflow", "datepicker", "image", "plain_text"])},
    optional={
        "action_id": words, "text": some_text, "value": words, "options": st.lists(anything, max_size=2),
        "alt_text": words, "image_url": words, "confirm": anything, "initial_date": words,
    },
)  # fmt: skip
block = st.fixed_dictionaries(
    {"type": st.sampled_from(["section", "header", "context", "actions", "divider", "image", "rich_text", "markdown"])},
    optional={
        "text": some_text | words, "fields": st.lists(some_text, max_size=2),
        "elements": st.lists(element | anything, max_size=2),
        "accessory": element, "block_id": words | anything, "alt_text": words, "image_url": words,
    },
)  # fmt: skip


@given(anything | st.lists(block | anything, max_size=4))
def test_any_payload_is_taken_and_can_be_drawn_or_is_refused(payload):
    try:
        blocks = check_blocks(payload)
    except Refused as refusal:
        assert refusal.error in {"invalid_blocks", "invalid_blocks_format"}
        return
    html(h("main", Blocks(lambda _: None).drawn([{"block_id": "b", **one} for one in blocks])))


@given(anything)
def test_any_view_is_taken_or_refused(payload):
    try:
        check_view(payload)
    except Refused as refusal:
        assert refusal.error == "invalid_arguments"
