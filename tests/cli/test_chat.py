"""``driftbot chat``: the audit of a chat as people ask for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.snooze import NotUseful
from driftbot.store.store import Store
from tests.cli.conftest import Run

AT = datetime(2026, 5, 4, 7, 30, tzinfo=UTC)
FINDING, DIGEST = "3f9c2a71b0de", "5ad1" * 16


@pytest.fixture(autouse=True)
def decided(store: Store) -> None:
    store.add_chat_decision(ChatDecision(AT, ChatVerb.SNOOZE, "Ann (U0ANN)", FINDING, True, "snoozed for a day", "r1"))
    store.add_chat_decision(ChatDecision(AT, ChatVerb.APPROVE, "unknown (U0NEW)", DIGEST, False, "not known", "r2"))
    store.add_not_useful(NotUseful(FINDING, "request-timeout", "Ann", AT))


def test_it_tells_who_what_when_and_what_came_of_it(run: Run):
    told = run("chat")
    assert told.code == 0
    for part in ("snoozed for a day", "approve  5ad15ad15ad1  unknown (U0NEW)", "request-timeout  1 voice about 1"):
        assert part in told.out


@pytest.mark.parametrize(
    ("arguments", "told", "untold"),
    [
        (["--refused"], "not known", "snoozed"),
        ([FINDING[:6]], "snoozed", "not known"),
        ([DIGEST[:8].upper()], "not known", "snoozed"),
    ],
)
def test_it_can_be_narrowed(run: Run, arguments: list[str], told: str, untold: str):
    answer = run("chat", *arguments)
    assert (answer.code, told in answer.out, untold in answer.out) == (0, True, False)


def test_as_json_it_is_whole(run: Run):
    document = json.loads(run("chat", "--format", "json").out)
    assert [one["request"] for one in document["decisions"]] == ["r1", "r2"]
    assert document["not_useful_by_rule"] == {"request-timeout": 1}


def test_without_a_store_it_is_a_sentence(run: Run, tmp_path):
    answer = run("chat", "--store", str(tmp_path / "none.db"))
    assert (answer.code, "does not exist" in answer.err) == (1, True)
