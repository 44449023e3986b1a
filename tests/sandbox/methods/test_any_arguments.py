"""Whatever a method is called with, it answers or refuses; nothing that a client sends is a defect of the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.methods import METHODS
from driftbot.sandbox.people import PEOPLE
from driftbot.sandbox.post import Post
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import APP_SCOPES, BOT_SCOPES, TokenKind, new_token
from driftbot.sandbox.workspace import BOT_USER, Workspace
from tests.sandbox.blocks import modal, section

NOW = datetime(2026, 1, 5, tzinfo=UTC)
TS = "1767571200.000001"
TOKEN = new_token(TokenKind.BOT, BOT_SCOPES | APP_SCOPES)


def workspace() -> Workspace:
    made = Workspace(lambda: NOW)
    made.add_channels(["sre"])
    made.channels["C0000000001"].posts[TS] = Post(TS, BOT_USER, "digest")
    made.trigger(PEOPLE[0].id)
    return made


known = st.sampled_from(
    [
        "C0000000001",
        "#sre",
        TS,
        PEOPLE[0].id,
        BOT_USER,
        "F0000000002",
        "0000000002.T0000SANDBOX",
        "",
        "1",
        True,
        None,
        -1,
    ]
)
anything = st.recursive(
    known | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "text"]), inner),
    max_leaves=6,
)
names = st.sampled_from(
    ["channel", "channels", "channel_id", "ts", "thread_ts", "message_ts", "text", "user", "users", "file", "files",
     "filename", "length", "limit", "cursor", "oldest", "latest", "types", "blocks", "metadata", "view", "view_id",
     "trigger_id", "hash", "external_id", "bot", "error", "reply_broadcast", "inclusive"]
)  # fmt: skip
some_view = st.just(modal(section("x"))) | st.just(json.dumps(modal(section("x"))))
arguments = st.dictionaries(names, anything | some_view, max_size=7)


@given(st.sampled_from(sorted(METHODS)), arguments)
def test_a_method_answers_or_refuses(name: str, given_: dict):
    try:
        answer = METHODS[name].answer(workspace(), TOKEN, Arguments({"channel": "C0000000001", **given_}))
    except Refused as refusal:
        assert refusal.error
    else:
        assert isinstance(answer, dict)
