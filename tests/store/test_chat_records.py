"""What channels were told and people said in chats: found again as written, under a lease, and let go of in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.message import ChannelHealth, Message, MessageState
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.store.errors import LeaseHeld, LeaseLost, Work
from driftbot.store.store import Store
from tests.store.scene import HOUR, STOCK, finding, judge, new_life, night_of

CART_LIFE = new_life(0)
CART_PRINT = CART_LIFE.finding.fingerprint
STOCK_PRINT = finding(STOCK).fingerprint
HOSTILE = "sre\x00\ud800 <!channel> '\""


def message(key: str, number: int = 0, channel: str = "sre", **changes: object) -> Message:
    told = Message(channel, key, "C1", "ab" * 32, night_of(number), MessageState.SENT, f"17.{number}", "17.0")
    return replace(told, **changes)  # type: ignore[arg-type]


def night(store: Store, number: int, lives: Sequence[FindingLife]) -> None:
    at = night_of(number)
    with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at) as told:
        judge(told, lives)


def test_a_message_gives_way_to_the_next_of_its_channel_and_key(store: Store):
    intended = message("digest", state=MessageState.INTENDED, reference="")
    other = message("digest", channel=HOSTILE)
    for one in (intended, other, message("digest", 1), message("a")):
        store.keep_message(one)
    assert store.messages("sre") == (message("a"), message("digest", 1))
    assert store.messages(HOSTILE) == (other,)
    store.drop_message("sre", "digest")
    assert store.messages("sre") == (message("a"),)


def test_what_delivers_no_more_writes_nothing(store: Store):
    with store.lease("first", night_of(0), HOUR, Work.DELIVER) as first:
        store.keep_message(message("digest"), first)
        with (
            pytest.raises(LeaseHeld, match="another driftbot is telling the channels: first"),
            store.lease("second", night_of(0), HOUR, Work.DELIVER),
        ):
            pass
        with store.lease("second", night_of(0) + 2 * HOUR, HOUR, Work.DELIVER):
            with pytest.raises(LeaseLost):
                store.keep_message(message("digest", 1), first)
            with pytest.raises(LeaseLost):
                store.drop_message("sre", "digest", first)
    assert store.messages("sre") == (message("digest"),)


def test_health_snoozes_and_feedback_are_found_again(store: Store):
    health = ChannelHealth(HOSTILE, night_of(1), None, night_of(0), "it did not answer", 3, 4, 5)
    store.keep_channel_health(replace(health, failed=1))
    store.keep_channel_health(health)
    store.keep_channel_health(ChannelHealth("a", night_of(0)))
    assert store.channel_health() == (ChannelHealth("a", night_of(0)), health)
    snoozed = Snooze(CART_PRINT, night_of(2), HOSTILE, night_of(1))
    store.keep_snooze(replace(snoozed, until=night_of(9)))
    store.keep_snooze(snoozed)
    assert store.snoozes() == (snoozed,)
    said = NotUseful(CART_PRINT, "grace", HOSTILE, night_of(1))
    assert [store.add_not_useful(said), store.add_not_useful(said)] == [True, False]
    assert store.not_useful() == (said,)


def test_a_request_is_decided_once(store: Store):
    asked = ChatDecision(night_of(0), ChatVerb.SNOOZE, HOSTILE, CART_PRINT, True, "until tomorrow", "r1")
    other = replace(asked, about="x", request="r2", accepted=False)
    assert [store.add_chat_decision(one) for one in (asked, asked, other)] == [True, False, True]
    assert store.chat_decisions() == (asked, other)
    assert store.chat_decisions([CART_PRINT]) == (asked,)


def test_retention_forgets_what_was_said_about_what_stands_no_more(store: Store):
    gone = replace(new_life(0, STOCK), life=Life.RESOLVED, resolved=night_of(1), last_seen=night_of(1))
    night(store, 0, [CART_LIFE, new_life(0, STOCK)])
    night(store, 1, [CART_LIFE, gone])
    for number in range(2, 5):
        night(store, number, [replace(CART_LIFE, life=Life.ONGOING, last_seen=night_of(number))])
    keys = ("digest", "rest:1", f"finding:{CART_PRINT}", f"finding:{STOCK_PRINT}", f"notice:{STOCK_PRINT}:escalated")
    for key in keys:
        store.keep_message(message(key))
    young = message(f"chart:{STOCK_PRINT}", 4)
    store.keep_message(young)
    for fingerprint, until in ((CART_PRINT, 2), (STOCK_PRINT, 9)):
        store.keep_snooze(Snooze(fingerprint, night_of(until), "ann", night_of(0)))
    store.add_not_useful(NotUseful(STOCK_PRINT, "grace", "ann", night_of(0)))
    for number in (0, 4):
        store.add_chat_decision(ChatDecision(night_of(number), ChatVerb.WAIVE, "ann", STOCK_PRINT, True, "done"))
    store.prune(night_of(3))
    assert {one.key for one in store.messages("sre")} == {*keys[:3], young.key}
    assert [one.fingerprint for one in store.snoozes()] == [STOCK_PRINT]
    assert len(store.not_useful()) == 1
    assert [one.at for one in store.chat_decisions()] == [night_of(4)]


def test_what_a_night_learned_anew_is_told_beside_what_was_known_before(store: Store):
    moved = replace(CART_LIFE, finding=finding(observed="115m"), life=Life.ONGOING, last_seen=night_of(1))
    other = new_life(0, STOCK)
    steady = replace(other, life=Life.ONGOING, last_seen=night_of(1))
    night(store, 0, [CART_LIFE, other])
    assert store.findings_before() == ()
    night(store, 1, [moved, steady])
    assert store.findings_before() == (CART_LIFE.finding,)
    night(store, 2, [replace(moved, last_seen=night_of(2)), replace(steady, last_seen=night_of(2))])
    assert store.findings_before() == ()


def test_what_came_back_stands_since_the_night_that_found_it_again(store: Store):
    healthy = finding(verdict=Verdict.OK)
    resolved = replace(CART_LIFE, finding=healthy, life=Life.RESOLVED, resolved=night_of(1), last_seen=night_of(1))
    again = replace(CART_LIFE, life=Life.REOPENED, last_seen=night_of(3), times_opened=2)
    ongoing = replace(again, life=Life.ONGOING, last_seen=night_of(4), finding=finding(observed="2h"))
    steady = new_life(0, STOCK)
    nights = ([CART_LIFE], [resolved], [], [again], [ongoing])
    for number, lives in enumerate(nights):
        night(store, number, [*lives, replace(steady, last_seen=night_of(number))])
    assert store.reopened() == {CART_PRINT: night_of(3)}
    healed = replace(ongoing, finding=healthy, life=Life.RESOLVED, resolved=night_of(5), last_seen=night_of(5))
    night(store, 5, [healed, replace(steady, last_seen=night_of(5))])
    assert store.reopened() == {}


def test_the_lease_of_deliverers_ends_by_itself(store: Store):
    later = night_of(0) + HOUR + timedelta(seconds=1)
    with (
        store.lease("first", night_of(0), HOUR, Work.DELIVER),
        store.lease("second", later, HOUR, Work.DELIVER) as held,
    ):
        assert held.work is Work.DELIVER
