"""What a channel of the configuration was told in which place, written down so that a crash loses none of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.slack.ledger import Ledger
from tests.notices.digest_scene import NOW
from tests.notifiers.channel_scene import BookMemory, Killed


@dataclass
class Forgetful(BookMemory):
    """A process that ends before anything many are dropped."""

    def drop_all(self, keys: object) -> None:
        raise Killed(str(keys))


def standing(place: str, *keys: str) -> dict[str, Message]:
    return {key: Message("sre", key, place, "", NOW, MessageState.SENT, f"{place} {key}") for key in keys}


def test_what_was_left_in_a_place_is_taken_up_when_it_is_told_again() -> None:
    memory = BookMemory(standing("C1", "digest", "notice:1:escalated"))
    before = dict(memory.book)
    ledger = Ledger(memory)
    ledger.turn_to("C2")
    assert ledger.messages == {}
    assert sorted(ledger.left) == ["left:C1:digest", "left:C1:notice:1:escalated"]
    ledger.keep(standing("C2", "digest")["digest"])
    ledger.turn_to("C1")
    assert ledger.messages == before
    assert sorted(memory.book) == ["digest", "left:C2:digest", "notice:1:escalated"]


@pytest.mark.parametrize("place", ["C1", "C2"])
def test_a_turn_that_is_killed_in_the_middle_loses_nothing(place: str) -> None:
    memory = Forgetful(standing("C1", "digest"))
    before = dict(memory.book)
    with pytest.raises(Killed):
        Ledger(memory).turn_to("C2")
    ledger = Ledger(BookMemory(memory.book))
    ledger.turn_to(place)
    assert (ledger.messages == before) is (place == "C1")
    assert len(ledger.memory.messages()) == 1
