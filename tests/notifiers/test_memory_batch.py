"""Many messages at once: in one transaction in a store, one by one where a memory knows no better."""

from __future__ import annotations

from datetime import timedelta

import pytest

from driftbot.core.message import Message
from driftbot.delivery.channel_memory import ChannelMemory
from driftbot.notifiers.memory_batch import BatchMemory, drop_all, keep_all
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.store.errors import Work
from driftbot.store.store import Store
from tests.notices.digest_scene import NOW
from tests.notifiers.channel_scene import BookMemory

MESSAGES = tuple(Message("pager", f"alert:{number}", "http://am", "c", NOW) for number in range(5))


@pytest.fixture
def memory(tmp_path):
    url, hour = f"sqlite:///{tmp_path}/driftbot.db", timedelta(hours=1)
    with Store.open(url) as store, store.lease("test", NOW, hour, Work.DELIVER) as held:
        yield ChannelMemory(store, "pager", held)


def test_a_store_keeps_and_forgets_them_together(memory):
    assert isinstance(memory, BatchMemory)
    keep_all(memory, MESSAGES)
    assert memory.messages() == MESSAGES
    drop_all(memory, [message.key for message in MESSAGES[1:]])
    assert memory.messages() == MESSAGES[:1]


def test_one_that_may_not_be_written_keeps_all_from_being_written(memory):
    with pytest.raises(ValueError, match="another"):
        keep_all(memory, (*MESSAGES, Message("another", "alert:9", "http://am", "c", NOW)))
    memory.over.set()
    with pytest.raises(DeliveryFailed):
        keep_all(memory, MESSAGES)
    with pytest.raises(DeliveryFailed):
        drop_all(memory, ["alert:1"])
    assert memory.messages() == ()


def test_a_memory_that_knows_no_batches_gets_them_one_by_one():
    memory = BookMemory()
    keep_all(memory, MESSAGES)
    drop_all(memory, [MESSAGES[0].key])
    assert memory.messages() == MESSAGES[1:]
