"""What a place was told: whatever fails on the way, a receiver that keeps what it is told ends with what stands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.notifiers.heartbeat import Heartbeat
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.told import Told, mark, summary
from driftbot.notifiers.webhook import notifier
from tests.notices import digest_scene as scene
from tests.notifiers.channel_scene import BookMemory, Killed, Moment, kill_at, tools
from tests.notifiers.webhook.test_webhook import options
from tests.servers.fake import Reply, fake_server

NAMES = ("a", "b", "c", "d")
STANDINGS = (Standing.NEW, Standing.STANDING, Standing.FIXED, Standing.WAIVED, Standing.UNREAD)
NIGHTS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from(STANDINGS), st.sampled_from(Severity))),
        st.sampled_from(["taken", "taken and cut off", "refused", "killed before", "killed after"]),
        st.booleans(),
    ),
    max_size=6,
)
BASE = scene.entry(Standing.STANDING)


class Inventory:
    """A receiver that keeps the last of each finding, and takes each request once."""

    def __init__(self):
        self.known, self.keys, self.fate = {}, set(), "taken"

    def __call__(self, request):
        if self.fate == "refused":
            return Reply(400)
        if (key := request.headers["Idempotency-Key"]) not in self.keys:
            self.keys.add(key)
            self._take(json.loads(request.query))
        return Reply(200, b"x", cut=self.fate == "taken and cut off")

    def _take(self, document):
        for change in document["changes"]:
            if change["standing"] == "fixed":
                self.known.pop(change["fingerprint"], None)
            else:
                self.known[change["fingerprint"]] = change["mark"]
        for fingerprint in document["gone"]:
            self.known.pop(fingerprint, None)


_CRITICAL = {"a": (Standing.NEW, Severity.CRITICAL)}


@settings(max_examples=60)
@given(NIGHTS, st.sampled_from(Heartbeat))
@example([(_CRITICAL, "taken", False), ({}, "killed after", False), (_CRITICAL, "taken", False)], Heartbeat.ALWAYS)
def test_a_receiver_ends_with_what_stands_whatever_happened_on_the_way(nights, heartbeat):
    inventory, memory, entries = Inventory(), BookMemory(), ()
    with fake_server(inventory) as server:
        channel = options(server.url, retries=0, heartbeat=heartbeat)
        last = nights[-1][0] if nights else {}
        for number, (found, fate, quiet) in enumerate([*nights, (last, "taken", False)]):
            entries = tuple(
                scene.entry(standing, f"shop/{name}", of_finding={"severity": severity})
                for name, (standing, severity) in sorted(found.items())
            )
            inventory.fate = fate
            moment = Moment(scene.NOW + number * scene.DAY)
            digest = scene.digest(
                *entries,
                night=scene.NIGHT + number * scene.DAY,
                held_until=moment.now + timedelta(hours=1) if quiet else None,
                held_except=Severity.HIGH,
            )
            boundary = kill_at({"killed before": 1, "killed after": 2}.get(fate, 0))
            try:
                notifier.deliver(digest, channel, tools(memory, moment, boundary))
            except (DeliveryFailed, Killed):
                continue
    expected = {entry.fingerprint: mark(entry) for entry in entries if entry.standing is not Standing.FIXED}
    assert inventory.known == expected


@pytest.mark.parametrize(
    "changed",
    [
        replace(BASE, owner="another"),
        replace(BASE, escalated=scene.NOW),
        replace(BASE, offer=scene.offer()),
        replace(BASE, standing=Standing.UNREAD),
        replace(BASE, snooze=scene.snooze(BASE.finding)),
        replace(BASE, waiver=scene.waiver(BASE.finding)),
        replace(BASE, life=replace(BASE.life, changed=scene.NIGHT)),
        replace(BASE, life=replace(BASE.life, times_opened=2)),
        replace(BASE, life=replace(BASE.life, finding=replace(BASE.finding, severity=Severity.CRITICAL))),
    ],
)
def test_what_somebody_would_act_on_changes_the_mark(changed):
    assert mark(changed) != mark(BASE)


@pytest.mark.parametrize(
    "same",
    [
        replace(BASE, standing=Standing.NEW),
        replace(BASE, not_useful=3),
        replace(BASE, life=replace(BASE.life, last_seen=scene.NOW)),
        replace(BASE, life=replace(BASE.life, finding=replace(BASE.finding, message="reached in 8d"))),
    ],
)
def test_what_is_only_another_wording_does_not(same):
    assert mark(same) == mark(BASE)


def test_offers_are_told_again_when_somebody_approves():
    offered = replace(BASE, offer=scene.offer(missing=2))
    approved = replace(BASE, offer=scene.offer(missing=1, approvals=(scene.approval(),)))
    assert mark(offered) != mark(approved)


def test_the_whole_is_news_each_night_or_only_when_it_changes():
    digest = scene.digest()
    later = replace(digest, night=scene.NIGHT + scene.DAY)
    assert summary(digest, Heartbeat.ALWAYS) != summary(later, Heartbeat.ALWAYS)
    assert summary(digest, Heartbeat.CHANGES) == summary(later, Heartbeat.CHANGES)
    blind = replace(digest, exit_code=ExitCode.BLIND)
    assert summary(digest, Heartbeat.CHANGES) != summary(blind, Heartbeat.CHANGES)


@given(st.dictionaries(st.text(), st.text()), st.text(), st.text(), st.lists(st.text()))
def test_a_state_reads_back_as_it_was_written(marks, whole, last, notices):
    told = Told(marks, whole, last, tuple(notices))
    assert Told.read(told.text()) == told


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"marks": []}', '{"marks": {}}', "1"])
def test_a_damaged_state_is_an_error(text):
    with pytest.raises(ValueError):
        Told.read(text)
