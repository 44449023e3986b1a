"""The channel ``alertmanager`` against Debian's Alertmanager, with a receiver that counts notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.notifiers.notifier import DeliveryFailed
from tests.notices import digest_scene as scene
from tests.notifiers.alertmanager.alertmanager_scene import Channel, configuration, options, receiver, snoozed, waived
from tests.notifiers.channel_scene import Killed, kill_at

pytestmark = pytest.mark.server

BILLING = scene.entry(Standing.NEW)
NAME = BILLING.fingerprint
FIRING, RESOLVED = f"DriftbotDrift firing {NAME}", f"DriftbotDrift resolved {NAME}"
LONG_AGO = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
def told():
    with receiver() as running:
        yield running


@pytest.fixture
def server(alertmanager_server, told):
    return alertmanager_server(configuration(told))


@pytest.fixture
def channel(server):
    return Channel(options(server.url))


def silences(server, state="active"):
    found = server._ask("GET", "/api/v2/silences").json()
    return [one for one in found if one["status"]["state"] == state]


def test_the_same_finding_on_two_nights_is_one_notification(channel, told):
    assert channel.tell(BILLING).posted == 1
    told.wait(FIRING)
    again = channel.tell(scene.entry(Standing.STANDING, of_finding={"message": "1h51m of 2h used"}))
    assert (again.posted, again.edited) == (0, 1)
    assert channel.tell(scene.entry(Standing.STANDING, of_finding={"message": "1h51m of 2h used"})).unchanged == 1
    assert told.settle() == [FIRING]


def test_what_is_fixed_is_resolved_once_and_may_come_back(channel, told):
    channel.tell(BILLING)
    told.wait(FIRING)
    channel.tell(scene.entry(Standing.FIXED))
    told.wait(RESOLVED)
    channel.tell()
    assert not channel.memory.book
    channel.tell(scene.entry(Standing.NEW, of_life={"times_opened": 2}))
    told.wait(FIRING, 2)
    assert told.settle() == [FIRING, FIRING, RESOLVED]


def test_a_waived_finding_is_an_alert_that_notifies_nobody(channel, server, told):
    assert channel.tell(waived(BILLING)).posted == 2
    (silence,) = silences(server)
    assert silence["createdBy"] == "driftbot" and "being rebuilt until June" in silence["comment"]
    (alert,) = server.alerts()
    assert alert["status"]["state"] == "suppressed"
    assert told.settle() == []


def test_a_waiver_that_was_taken_back_lets_its_alert_be_heard(channel, server, told):
    channel.tell(waived(BILLING))
    assert channel.tell(BILLING).edited == 1
    assert not silences(server)
    told.wait(FIRING)
    assert "silence:" not in " ".join(channel.memory.book)


def test_a_waiver_is_one_silence_however_often_it_is_told(channel, server):
    entry = waived(BILLING)
    channel.tell(entry)
    assert channel.tell(entry).posted == 0
    assert len(silences(server)) == 1


def test_a_longer_waiver_takes_the_place_of_its_silence(channel, server):
    first = waived(BILLING)
    channel.tell(first)
    channel.tell(waived(BILLING, reason="it takes longer"))
    (silence,) = silences(server)
    assert "it takes longer" in silence["comment"]
    assert len(silences(server, "expired")) == 1


def test_a_snooze_is_a_silence_until_its_end(channel, server, told):
    entry = snoozed(BILLING)
    channel.tell(entry)
    (silence,) = silences(server)
    assert datetime.fromisoformat(silence["endsAt"]) == pytest.approx(entry.snooze.until, abs=timedelta(seconds=1))
    assert told.settle() == []


def test_a_silence_that_a_person_ended_is_not_set_again(channel, server, told):
    entry = waived(BILLING)
    channel.tell(entry)
    server.expire(silences(server)[0]["id"])
    channel.tell(entry)
    told.wait(FIRING)
    channel.tell(entry)
    assert not silences(server)


def test_silences_of_others_stay(channel, server):
    soon = datetime.now(UTC) + timedelta(hours=1)
    mine = server.silence([("fingerprint", "=", NAME)], datetime.now(UTC), soon)
    other = Channel(options(server.url, name="another"))
    other.tell(waived(BILLING))
    channel.tell(waived(BILLING))
    channel.tell(BILLING)
    assert {one["createdBy"] for one in silences(server)} == {"ann@example.org", "driftbot"}
    assert mine in {one["id"] for one in silences(server)} and len(silences(server)) == 2


def test_gone_while_alertmanager_was_down_is_resolved_afterwards(alertmanager_server, told):
    server = alertmanager_server(configuration(told))
    channel = Channel(options(server.url))
    channel.tell(BILLING)
    told.wait(FIRING)
    server.restart(between=lambda: refused(channel))
    assert told.count(RESOLVED) == 0
    channel.tell(scene.entry(Standing.FIXED))
    told.wait(RESOLVED)
    assert told.settle() == [FIRING, RESOLVED]


def refused(channel):
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        channel.tell(scene.entry(Standing.FIXED))
    assert [key.partition(":")[0] for key in channel.memory.book] == ["alert"]


def test_an_alertmanager_that_forgot_its_alerts_is_told_again_and_notifies_nobody_twice(server, channel, told):
    channel.tell(BILLING)
    told.wait(FIRING)
    server.restart()
    assert not server.alerts()
    channel.tell(BILLING)
    assert len(server.alerts()) == 1
    assert told.settle() == [FIRING]


def test_a_severity_that_rose_is_another_alert_and_the_former_is_resolved(channel, server, told):
    channel.tell(BILLING)
    channel.tell(scene.entry(Standing.WORSE, of_finding={"severity": Severity.CRITICAL}))
    (alert,) = server.alerts()
    assert alert["labels"]["severity"] == "critical"
    told.wait(FIRING, 2)


def test_killed_before_and_after_sending_is_one_notification(server, told):
    channel = Channel(options(server.url))
    for number in (1, 2):
        with pytest.raises(Killed):
            channel.tell(BILLING, boundary=kill_at(number))
    channel.tell(BILLING)
    told.wait(FIRING)
    assert told.settle() == [FIRING]


def test_sent_and_killed_then_gone_is_resolved(channel, told):
    with pytest.raises(Killed):
        channel.tell(BILLING, boundary=kill_at(2))
    told.wait(FIRING)
    channel.tell()
    told.wait(RESOLVED)


def test_killed_around_a_silence_sets_it_once_and_before_its_alert(server, told):
    channel = Channel(options(server.url))
    entry = waived(BILLING)
    for number in (1, 2, 1, 2):
        with pytest.raises(Killed):
            channel.tell(entry, boundary=kill_at(number))
    channel.tell(entry)
    assert len(silences(server)) == 1
    assert told.settle() == []


def test_what_cannot_be_judged_any_more_goes_on_firing(channel, server, told):
    channel.tell(BILLING)
    channel.tell(scene.entry(Standing.UNREAD, of_life={"life": scene.Life.ONGOING, "times_opened": 1}))
    (alert,) = server.alerts()
    assert alert["annotations"]["unread"].startswith("self.duration is not readable")
    assert told.settle() == [FIRING]


def test_a_blind_night_is_an_alert_of_its_own(channel, told):
    channel.tell(exit_code=ExitCode.BLIND, blind=("prometheus: did not answer",))
    told.wait("DriftbotBlind firing")
    channel.tell(exit_code=ExitCode.BLIND, blind=("prometheus: did not answer", "catalog: no file"))
    channel.tell()
    told.wait("DriftbotBlind resolved")
    assert told.settle() == ["DriftbotBlind firing", "DriftbotBlind resolved"]


def test_an_escalation_and_a_notice_are_heard_once(channel, told):
    late = scene.entry(Standing.STANDING, escalated=LONG_AGO)
    for _ in range(2):
        channel.tell(late, notices=(scene.notice(),))
    told.wait(f"DriftbotEscalation firing {NAME}")
    told.wait(f"DriftbotNotice firing {NAME}")
    channel.tell(late)
    assert told.settle() == [FIRING, f"DriftbotEscalation firing {NAME}", f"DriftbotNotice firing {NAME}"]


def test_quiet_hours_hold_back_what_is_new_and_what_would_be_resolved(channel, told):
    channel.tell(BILLING)
    told.wait(FIRING)
    until = datetime.now(UTC) + timedelta(hours=6)
    cart = scene.entry(Standing.NEW, "shop/cart")
    assert channel.tell(cart, held_until=until).left == 2
    assert told.settle() == [FIRING]
    loud = channel.tell(cart, held_until=until, held_except=Severity.HIGH)
    assert (loud.posted, loud.left) == (1, 1)
    channel.tell(cart)
    told.wait(RESOLVED)


def test_labels_that_are_markup_are_text(channel, server):
    hostile = "<!channel> \u202e\x1b[31m \ud800 \"'{}` 🙂" + "x" * 5000
    labels = {"owner": hostile, "team": hostile, "tier": "\n"}
    entry = scene.entry(Standing.NEW, hostile, labels=labels, owner=hostile)
    told = channel.tell(waived(entry))
    assert (told.posted, told.problems) == (2, ())
    (alert,) = server.alerts()
    assert alert["labels"]["owner"].startswith("‹!channel› \\u202e\\x1b[31m \\ud800 \"'{}` 🙂xx")
    assert alert["status"]["state"] == "suppressed"
    assert channel.tell(waived(entry)).posted == 0


def test_each_member_of_a_cluster_is_sent_alerts_and_resolutions(alertmanager_server, told):
    first, second = (alertmanager_server(configuration(told)) for _ in range(2))
    channel = Channel(options(first.url, peers=[second.url]))
    channel.tell(BILLING)
    assert [len(one.alerts()) for one in (first, second)] == [1, 1]
    second.restart(between=lambda: half_resolved(channel, second.url))
    second.fire([dict(channel_labels(channel))])
    assert channel.tell().edited == 1
    assert not second.alerts() and not channel.memory.book


def half_resolved(channel, url):
    came = channel.tell()
    assert came.left == 1
    assert [url in problem for problem in came.problems] == [True]
    assert len(channel.memory.book) == 1


def channel_labels(channel):
    import json

    (message,) = channel.memory.book.values()
    return json.loads(message.reference)["labels"]
