"""A decision from a chat and what it changes: both or neither, once a request, also where two ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from driftbot.core.chat_decision import ChatDecision, ChatEffect, ChatVerb
from driftbot.core.excuse import Waiver
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.store.errors import StoreError
from driftbot.store.store import Store
from tests.store.run_scene import MINUTE, approval, covered, plan, remedy
from tests.store.scene import CART, night_of

AT = night_of(1)
FINDING = "3f9c2a000000"
DAY = timedelta(days=1)
EFFECTS: dict[ChatVerb, ChatEffect] = {
    ChatVerb.APPROVE: approval("5ad1" * 16),
    ChatVerb.SNOOZE: Snooze(FINDING, AT + DAY, "Ann", AT),
    ChatVerb.WAIVE: Waiver(FINDING, "grace", CART.id, "Ann", "moved \ud800 in March", AT, AT + DAY),
    ChatVerb.NOT_USEFUL: NotUseful(FINDING, "grace", "Ann", AT),
}


def decision(verb: ChatVerb = ChatVerb.SNOOZE, request: str = "1.2.abc") -> ChatDecision:
    return ChatDecision(AT, verb, "Ann (U0ANN)", FINDING, True, "done", request)


def found(store: Store) -> dict[ChatVerb, tuple[object, ...]]:
    return {
        ChatVerb.APPROVE: store.plan_approvals(),
        ChatVerb.SNOOZE: store.snoozes(),
        ChatVerb.WAIVE: store.waivers(),
        ChatVerb.NOT_USEFUL: store.not_useful(),
    }


@pytest.mark.parametrize("verb", EFFECTS)
def test_a_decision_and_what_it_changes_are_written_together(store: Store, verb: ChatVerb):
    assert store.decide_in_chat(decision(verb), EFFECTS[verb])
    assert store.chat_decisions() == (decision(verb),)
    assert found(store) == {one: (EFFECTS[one],) if one is verb else () for one in EFFECTS}


@pytest.mark.parametrize("verb", EFFECTS)
def test_neither_is_where_one_cannot_be(store: Store, verb: ChatVerb):
    with store._database.writing() as connection:
        connection.execute(text("DROP TABLE " + {
            ChatVerb.APPROVE: "plan_approval", ChatVerb.SNOOZE: "snooze", ChatVerb.WAIVE: "waiver",
            ChatVerb.NOT_USEFUL: "not_useful",
        }[verb]))  # fmt: skip
    with pytest.raises(StoreError):
        store.decide_in_chat(decision(verb), EFFECTS[verb])
    assert store.chat_decisions() == ()


def test_a_request_is_decided_once(store: Store):
    assert not store.chat_request_known("1.2.abc")
    assert store.decide_in_chat(decision(), EFFECTS[ChatVerb.SNOOZE])
    assert not store.decide_in_chat(decision(ChatVerb.APPROVE), EFFECTS[ChatVerb.APPROVE])
    assert (store.plan_approvals(), len(store.chat_decisions())) == ((), 1)
    assert store.chat_request_known("1.2.abc")


def test_what_has_no_name_is_no_request(store: Store):
    for _ in range(2):
        assert store.decide_in_chat(decision(request=""))
    assert not store.chat_request_known("")


def test_many_at_once_are_each_decided_once(url: str, store: Store):
    def ask(number: int) -> bool:
        with Store.open(url) as mine:
            return mine.decide_in_chat(decision(request=f"r{number % 5}"), EFFECTS[ChatVerb.SNOOZE])

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, range(20)))
    assert (sum(answers), len(store.chat_decisions())) == (5, 5)


def test_the_plans_of_a_night_come_the_newest_first(store: Store):
    first = plan(remedy(), number=1)
    later = replace(plan(remedy(covers=(covered("b" * 12),)), number=1), made=first.made + 9 * MINUTE)
    for one in (plan(number=0), later, first):
        store.keep_plan(one)
    assert store.plans_of(night_of(1)) == (later, first)
    assert store.plans_of(night_of(2)) == ()
