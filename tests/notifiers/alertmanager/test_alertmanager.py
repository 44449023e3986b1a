"""The channel ``alertmanager`` without one: golden alerts, and servers that answer what none does on demand."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.message import Message, MessageState
from driftbot.core.rule import Severity
from driftbot.notifiers.alertmanager import notifier
from driftbot.notifiers.alertmanager.alert import AlertBook
from driftbot.notifiers.alertmanager.excuse import excuses
from driftbot.notifiers.alertmanager.member import BATCH
from driftbot.notifiers.alertmanager.options import OUR_LABELS
from driftbot.notifiers.notifier import DeliveryFailed
from tests.notices import digest_scene as scene
from tests.notifiers.alertmanager.alertmanager_scene import options
from tests.notifiers.channel_scene import BookMemory, Moment, tools
from tests.servers.fake import Reply, fake_server

GOLDEN = Path(__file__).parents[3] / "fixtures" / "notifiers" / "alertmanager"
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
HOSTILE = "<!channel> & <script>\u202e\x00\ud800\n" + "x" * 5_000
SCENES = {
    "ordinary": lambda: scene.digest(
        scene.entry(Standing.NEW),
        scene.entry(Standing.WORSE, "shop/cart", offer=scene.offer()),
        scene.entry(Standing.UNREAD, "shop/never-judged"),
        scene.entry(Standing.FIXED, "shop/mended"),
        notices=(scene.notice(),),
    ),
    "came_back": lambda: scene.digest(scene.entry(Standing.NEW, of_life={"times_opened": 3})),
    "escalated": lambda: scene.digest(scene.entry(Standing.STANDING, escalated=scene.NOW)),
    "blind": lambda: scene.digest(exit_code=ExitCode.BLIND, blind=tuple(f"source-{n}: no answer" for n in range(30))),
    "hostile": lambda: scene.digest(
        scene.entry(Standing.NEW, HOSTILE, labels={"team": HOSTILE, "app.kubernetes.io/name": "cart"}, owner=HOSTILE)
    ),
    "put_aside": lambda: scene.digest(scene.entry(Standing.WAIVED), scene.entry(Standing.SNOOZED, "shop/cart")),
}
LINKED = {
    "link": "https://drift.example.org/{fingerprint}",
    "labels": {"estate": "shop"},
    "subject_labels": ["team", "tier", "app.kubernetes.io/name"],
}


def bodies(digest, channel):
    book = AlertBook(digest, channel)
    return {
        "alerts": [alert.body() for alert in (*book.standing(), *map(book.notice, digest.notices))],
        "silences": [one.intent.body("c0ffee", one.since) for one in excuses(digest, channel)],
    }


@pytest.mark.parametrize("name", SCENES)
def test_a_digest_becomes_these_alerts_and_silences(name):
    text = json.dumps(bodies(SCENES[name](), options("http://am:9093", **LINKED)), indent=2, sort_keys=True) + "\n"
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_whatever_labels_say_the_alert_is_one_that_alertmanager_takes(name, owner, labels):
    entry = scene.entry(Standing.NEW, name or "x", labels=labels, owner=owner)
    channel = options("http://am:9093", subject_labels=sorted(labels))
    (alert,) = AlertBook(scene.digest(entry), channel).standing()
    body = json.loads(json.dumps(alert.body()).encode())
    for told in (body["labels"], body["annotations"]):
        assert all(LABEL.fullmatch(key) and value for key, value in told.items())
        json.dumps(told, ensure_ascii=False).encode()
    assert body["labels"]["fingerprint"] == entry.fingerprint
    assert body["labels"]["rule"] == entry.finding.rule


def test_a_label_of_the_subject_never_takes_the_name_of_one_of_ours():
    labels = dict.fromkeys(OUR_LABELS, "theirs")
    entry = scene.entry(Standing.NEW, labels=labels, owner="ours")
    channel = options("http://am:9093", subject_labels=sorted(labels))
    (alert,) = AlertBook(scene.digest(entry), channel).standing()
    assert "theirs" not in dict(alert.labels).values()


def test_an_alert_ends_after_the_next_night_and_without_a_known_one_after_a_day():
    channel, digest = options("http://am:9093"), scene.digest()
    assert AlertBook(digest, channel).ends == scene.NIGHT + timedelta(hours=24 + 30)
    assert AlertBook(replace(digest, next_night=None), channel).ends == scene.NOW + timedelta(hours=24 + 30)
    late = replace(digest, next_night=scene.NOW - timedelta(hours=1))
    assert AlertBook(late, channel).ends == scene.NOW + timedelta(hours=30)


def test_labels_and_content_do_not_change_as_nights_go_by():
    first = scene.digest(scene.entry(Standing.NEW))
    next_day = replace(first, now=first.now + scene.DAY, night=first.night + scene.DAY)
    standing = replace(next_day, entries=(replace(first.entries[0], standing=Standing.STANDING),))
    (one,), (other,) = (tuple(AlertBook(each, options("http://am:9093")).standing()) for each in (first, standing))
    assert (one.key, one.content, one.reference) == (other.key, other.content, other.reference)
    assert one.ends != other.ends or first.next_night == standing.next_night


def test_options_refuse_labels_of_ours_and_urls_with_secrets():
    with pytest.raises(ValidationError, match="severity says what an alert is about"):
        options("http://am:9093", labels={"severity": "low"})
    with pytest.raises(ValidationError, match="keep credentials out of the URL") as failure:
        options("http://am:9093", peers=["http://ann:hunter2@am:9093"])
    assert "hunter2" not in failure.value.errors(include_input=False)[0]["msg"]
    with pytest.raises(ValidationError):
        options("http://am:9093", labels={"no-label": "x"})


def deliver(server, *entries, memory=None, moment=None, seconds=300.0, **more):
    changes = more.pop("digest", {})
    memory = BookMemory() if memory is None else memory
    digest = scene.digest(*entries, **changes)
    with_tools = tools(memory, moment or Moment(digest.now), seconds=seconds)
    return notifier.deliver(digest, options(server.url, **more), with_tools)


def alertmanager(answer=lambda _: Reply(200)):
    """A server that has no silences and answers what a function of the alerts says."""

    def reply(request):
        if request.method == "GET":
            return Reply(200, b"[]")
        return answer(json.loads(request.query)) if request.path.endswith("/alerts") else Reply(200, b"{}")

    return fake_server(reply)


def many(count):
    return tuple(scene.entry(Standing.NEW, f"shop/job-{number}") for number in range(count))


def test_one_alert_that_is_refused_costs_no_other():
    def refuses(alerts):
        bad = any(alert["labels"]["subject"] == "shop/job-7" for alert in alerts)
        return Reply(400, b'"bad \x1b[31mlabel"') if bad else Reply(200)

    memory = BookMemory()
    with alertmanager(refuses) as server:
        told = deliver(server, *many(20), memory=memory)
    assert told.posted == 19
    (problem,) = told.problems
    assert "answered 400" in problem and "bad" in problem and "\x1b" not in problem
    assert sum(message.state is MessageState.SENT for message in memory.messages()) == 19


def test_what_is_no_alertmanager_and_refuses_everything_is_a_channel_that_fails():
    """nginx on a port that wants TLS: no alert is at fault, and each one alone would be asked for."""
    page = b"<html><body>400 The plain HTTP request was sent to HTTPS port</body></html>"
    with alertmanager(lambda _: Reply(400, page)) as server:
        with pytest.raises(DeliveryFailed, match=r"answered 400: .*HTTPS port") as failure:
            deliver(server, *many(256))
        assert "scheme" in failure.value.next_step
        assert len([request for request in server.requests if request.path.endswith("/alerts")]) == 1


def test_ten_thousand_findings_go_in_batches_and_are_remembered():
    memory, entries = BookMemory(), many(10_000)
    with alertmanager() as server:
        assert deliver(server, *entries, memory=memory).posted == 10_000
        sent = [request for request in server.requests if request.path.endswith("/alerts")]
        assert len(sent) == -(-10_000 // BATCH)
        memory.written.clear()
        assert deliver(server, *entries, memory=memory).unchanged == 10_000
    assert memory.written == []


def test_a_deadline_leaves_the_rest_for_the_next_delivery():
    moment = Moment(scene.NOW)

    def slow(_):
        moment.sleep(60)
        return Reply(200)

    memory = BookMemory()
    with alertmanager(slow) as server:
        told = deliver(server, *many(3 * BATCH), memory=memory, moment=moment, seconds=90)
        assert (told.posted, told.left) == (2 * BATCH, BATCH)
        assert deliver(server, *many(3 * BATCH), memory=memory).posted == BATCH


@pytest.mark.parametrize(
    ("status", "step"),
    [(401, "credentials"), (404, "path prefix"), (302, "redirects are not followed"), (500, "next delivery")],
)
def test_a_server_that_takes_nothing_fails_the_delivery(status, step):
    memory = BookMemory()
    with alertmanager(lambda _: Reply(status, b"no hunter2", {"Location": "http://elsewhere/"})) as server:
        os.environ["N6_PASSWORD"] = "hunter2"
        try:
            with pytest.raises(DeliveryFailed, match=f"answered {status}") as failure:
                deliver(server, *many(3), memory=memory, bearer={"env": "N6_PASSWORD"})
        finally:
            del os.environ["N6_PASSWORD"]
    assert step in failure.value.next_step
    assert "hunter2" not in failure.value.reason
    assert {message.state for message in memory.messages()} == {MessageState.INTENDED}


def test_a_secret_that_is_missing_is_told_by_its_place():
    with alertmanager() as server, pytest.raises(DeliveryFailed, match="N6_MISSING is not set"):
        deliver(server, *many(1), bearer={"env": "N6_MISSING"})


def test_without_the_right_to_silence_new_waived_findings_are_not_sent_unmuted():
    entry = scene.entry(Standing.WAIVED)

    def reply(request):
        if "silence" in request.path:
            return Reply(200, b"[]") if request.method == "GET" else Reply(403, b"no")
        return Reply(200)

    memory = BookMemory()
    with fake_server(reply) as server:
        told = deliver(server, entry, *many(2), memory=memory)
    assert (told.posted, told.left) == (2, 1)
    assert "is not muted" in told.problems[0] and "403" in told.problems[0]


def test_silences_that_cannot_be_set_are_tried_a_few_times_and_told_once_each():
    entries = [scene.entry(Standing.WAIVED, f"shop/job-{number}") for number in range(100)]

    def reply(request):
        if request.path.endswith("/silences"):
            return Reply(200, b"[]") if request.method == "GET" else Reply(403, b"no")
        return Reply(200)

    with fake_server(reply) as server:
        told = deliver(server, *entries)
        asked = [request for request in server.requests if request.method == "POST" and "silences" in request.path]
    assert len(asked) == len(told.problems) == 5
    assert told.left == 100


def test_a_night_without_judgement_resolves_nothing_and_asks_nobody():
    memory = BookMemory()
    with alertmanager() as server:
        deliver(server, *many(1), memory=memory)
        before = len(server.requests)
        deliver(server, memory=memory, digest={"exit_code": None})
        assert len(server.requests) == before
    assert len(memory.book) == 1


def test_a_damaged_memory_is_told_and_forgotten():
    memory = BookMemory()
    memory.keep(Message("pager", "alert:abc:def", "http://am", "c", scene.NOW, MessageState.SENT, "no json"))
    with alertmanager() as server:
        told = deliver(server, *many(1), memory=memory)
    assert told.posted == 1
    assert any("alert:abc:def" in problem for problem in told.problems)
    assert "alert:abc:def" not in memory.book


def test_a_resolution_lies_in_the_past_by_every_clock_and_after_the_beginning():
    memory = BookMemory()
    with alertmanager() as server:
        deliver(server, *many(1), memory=memory)
        deliver(server, memory=memory)
        ended = json.loads(server.requests[-1].query)[0]
    assert ended["startsAt"] <= ended["endsAt"] <= "2026-05-04T06:55"


def test_severity_of_labels_follows_the_finding():
    entry = scene.entry(Standing.NEW, of_finding={"severity": Severity.LOW})
    (alert,) = AlertBook(scene.digest(entry), options("http://am:9093")).standing()
    assert dict(alert.labels)["severity"] == "low"


def test_an_alert_says_that_its_remedy_is_held_back():
    entry = scene.entry(Standing.NEW, offer=scene.offer(held=("frozen until Monday",)))
    (alert,) = AlertBook(scene.digest(entry), options("http://am:9093")).standing()
    assert dict(alert.annotations)["remedy"].endswith("; held back: frozen until Monday")


def sent(server):
    """The alerts of all requests, in order."""
    bodies = [request.query for request in server.requests if request.path.endswith("/alerts")]
    return [alert for body in bodies for alert in json.loads(body)]


def test_what_came_back_began_when_it_did_on_all_later_nights():
    entry, later = scene.entry(Standing.NEW, of_life={"times_opened": 2}), {"night": scene.NIGHT + scene.DAY}
    memory = BookMemory()
    with alertmanager() as server:
        deliver(server, entry, memory=memory)
        deliver(server, entry, memory=memory, digest={**later, "now": scene.NOW + scene.DAY})
        first, second = sent(server)
    assert first["startsAt"] == second["startsAt"] == "2026-05-04T02:30:00.000+00:00"


def test_a_notice_is_sent_once_and_again_where_it_is_put_anew():
    memory = BookMemory()
    with alertmanager() as server:
        deliver(server, memory=memory, digest={"notices": (scene.notice(),)})
        assert deliver(server, memory=memory, digest={"notices": (scene.notice(),)}).unchanged == 1
        assert len(sent(server)) == 1
        tomorrow = scene.NOW + scene.DAY
        deliver(server, memory=memory, digest={"now": tomorrow, "notices": (scene.notice(at=tomorrow),)})
        assert len(sent(server)) == 2
        deliver(server, memory=memory)
    assert memory.book == {}


def test_each_member_is_asked_with_the_channel_s_credentials(monkeypatch):
    monkeypatch.setenv("PAGER_PASSWORD", "hunter2")
    with alertmanager() as first, alertmanager() as second:
        basic = {"username": "driftbot", "password": {"env": "PAGER_PASSWORD"}}
        deliver(first, *many(1), peers=[second.url], basic=basic, headers={"X-Scope-OrgID": "payments"})
        asked = [
            request.headers for server in (first, second) for request in server.requests if request.method == "POST"
        ]
    assert [headers["Authorization"] for headers in asked] == ["Basic ZHJpZnRib3Q6aHVudGVyMg=="] * 2
    assert {headers["X-Scope-OrgID"] for headers in asked} == {"payments"}
