"""Messages that are written down or forgotten together: in one transaction, none once the time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from driftbot.core.message import Message
from driftbot.delivery.channel_memory import ChannelMemory
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.store.errors import Work
from driftbot.store.store import Store
from tests.notices.digest_scene import NOW

MESSAGES = tuple(Message("pager", f"alert:{number}", "http://am", "c", NOW) for number in range(5))


@pytest.fixture
def memory(tmp_path):
    url, hour = f"sqlite:///{tmp_path}/driftbot.db", timedelta(hours=1)
    with Store.open(url) as store, store.lease("test", NOW, hour, Work.DELIVER) as held:
        yield ChannelMemory(store, "pager", held)


def test_a_store_keeps_and_forgets_them_together(memory):
    memory.keep_all(MESSAGES)
    assert memory.messages() == MESSAGES
    memory.drop_all([message.key for message in MESSAGES[1:]])
    assert memory.messages() == MESSAGES[:1]


def test_one_that_may_not_be_written_keeps_all_from_being_written(memory):
    with pytest.raises(ValueError, match="another"):
        memory.keep_all((*MESSAGES, Message("another", "alert:9", "http://am", "c", NOW)))
    memory.over.set()
    with pytest.raises(DeliveryFailed):
        memory.keep_all(MESSAGES)
    with pytest.raises(DeliveryFailed):
        memory.drop_all(["alert:1"])
    assert memory.messages() == ()
