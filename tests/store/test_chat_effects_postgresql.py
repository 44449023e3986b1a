"""Decisions from a chat in a real PostgreSQL: two processes that decide at once neither lose nor double one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from driftbot.core.snooze import NotUseful
from driftbot.store.store import Store
from tests.store.postgresql import PostgreSQL, postgresql
from tests.store.test_chat_effects import AT, EFFECTS, ChatVerb, decision, found

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with postgresql() as running:
        yield running


@pytest.fixture
def url(server: PostgreSQL) -> str:
    return server.make()


@pytest.mark.parametrize("verb", EFFECTS)
def test_a_decision_and_what_it_changes_are_written_together(url: str, verb: ChatVerb):
    with Store.open(url) as store:
        assert store.decide_in_chat(decision(verb), EFFECTS[verb])
        assert not store.decide_in_chat(decision(verb), EFFECTS[verb])
        assert store.chat_decisions() == (decision(verb),)
        assert found(store) == {one: (EFFECTS[one],) if one is verb else () for one in EFFECTS}


def test_many_at_once_are_each_decided_once(url: str):
    Store.open(url).close()

    def ask(number: int) -> bool:
        voice = NotUseful(f"{number % 10:012x}", "grace", "Ann", AT)
        with Store.open(url) as mine:
            return mine.decide_in_chat(decision(ChatVerb.NOT_USEFUL, f"r{number % 10}"), voice)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(40)))
    with Store.open(url) as store:
        assert (sum(answers), len(store.chat_decisions()), len(store.not_useful())) == (10, 10, 10)
