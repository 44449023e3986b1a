"""``kill -9`` at every boundary of a delivery, with a real store: nothing is lost, and what may repeat says so."""

from __future__ import annotations

import json
import multiprocessing
import signal
from collections import Counter

import pytest

from driftbot.core.message import MessageState
from driftbot.store.store import Store
from tests.notifiers.killed_delivery import COUNT, deliver_and_die, digest
from tests.servers.fake import Reply, fake_server

CONFIG = """
channels:
  - {{name: hook, kind: webhook, url: {{env: HOOK_URL}}, largest: 16384}}
  - {{name: pager, kind: alertmanager, url: {url}}}
  - {{name: phone, kind: apprise, urls: {{env: APPRISE_URLS}}}}
"""


# A process that has imported everything and is forked for each delivery; it runs no thread.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.notifiers.killed_delivery", "driftbot.notifiers.apprise.delivery"])


class Place:
    """A server that every channel tells, a store, and deliveries in processes of their own."""

    def __init__(self, server, folder):
        self.server, self.store, self.config = server, f"sqlite:///{folder}/driftbot.db", folder / "driftbot.yaml"
        self.config.write_text(CONFIG.format(url=server.url))
        phone = server.url.replace("http://", "json://") + "/phone"
        self.environment = {"HOOK_URL": f"{server.url}/hook", "APPRISE_URLS": phone}

    def deliver(self, channel, number=0):
        """Deliver, killed at that boundary; whether it was."""
        arguments = (self.store, self.config, channel, number, self.environment)
        process = PROCESSES.Process(target=deliver_and_die, args=arguments)
        process.start()
        process.join(120)
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    def killed_everywhere(self, channel):
        """Deliver until nothing kills it any more, each time killed one boundary further on."""
        kills = 0
        for number in (1, 2, 1, 2, 3, 4, 1, 2, 3):
            kills += self.deliver(channel, number)
        self.deliver(channel)
        return kills

    def messages(self, channel):
        with Store.open(self.store) as store:
            return store.messages(channel)

    def bodies(self, path):
        return [request.query for request in self.server.requests if request.path.startswith(path)]


@pytest.fixture
def place(tmp_path):
    def answer(request):
        return Reply(200, b"[]") if request.method == "GET" else Reply(200, b"{}")

    with fake_server(answer) as server:
        yield Place(server, tmp_path)


def test_a_webhook_gets_every_change_and_repetitions_with_the_same_key(place):
    assert place.killed_everywhere("hook") >= 4
    keys = [request.headers["Idempotency-Key"] for request in place.server.requests]
    by_key = dict(zip(keys, place.bodies("/hook"), strict=True))
    assert all(by_key[key] == body for key, body in zip(keys, place.bodies("/hook"), strict=True))
    told = Counter(change["fingerprint"] for body in by_key.values() for change in json.loads(body)["changes"])
    assert told == {entry.fingerprint: 1 for entry in digest().entries}
    assert len(keys) > len(by_key) > 1
    before = len(keys)
    place.deliver("hook")
    assert len(place.server.requests) == before


def test_an_alertmanager_is_sent_every_alert_and_the_store_knows_each(place):
    assert place.killed_everywhere("pager") >= 2
    sent = {alert["labels"]["fingerprint"] for body in place.bodies("/api/v2/alerts") for alert in json.loads(body)}
    assert {entry.fingerprint for entry in digest().entries[:COUNT]} <= sent
    known = [message for message in place.messages("pager") if message.key.startswith("alert:")]
    assert len(known) >= COUNT and all(message.state is MessageState.SENT for message in known)


def test_a_phone_gets_the_text_and_at_most_once_more_for_each_kill(place):
    kills = place.killed_everywhere("phone")
    texts = place.bodies("/phone")
    assert kills >= 2 and 1 <= len(texts) <= kills + 1
    assert len({json.loads(text)["title"] for text in texts}) == 1
    place.deliver("phone")
    assert len(place.bodies("/phone")) == len(texts)
