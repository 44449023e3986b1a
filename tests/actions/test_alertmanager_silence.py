"""Silences at a real Alertmanager: set once, found again by their comment, ended where nobody changed them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from driftbot.actions.action import Action, ActionFailed, Standing
from driftbot.actions.alertmanager_silence import action
from driftbot.actions.our_silence import our_silences
from driftbot.edits.edit import Refused
from tests.actions.server_scene import KEY, alertmanager, occasion, proposed, tools
from tests.servers.fake import Reply, fake_server

CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
REACH = {"alertmanager_silence": {"sources": ["alerts"]}}
SETTINGS = {
    "source": "alerts",
    "matchers": ['alertname="HighErrors"', 'team=~"shop|web"'],
    "lasting": "30m",
    "comment": 'restoring "it"\nnow \x1b[31m',
}


def reaching(url: str, now: datetime | None = None):
    return tools(Path(), REACH, now or datetime.now(UTC), alerts=alertmanager(url))


def silences(url):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{url}/api/v2/silences", timeout=10).json()


def test_it_is_an_action():
    assert isinstance(action, Action)


@pytest.mark.server
def test_a_silence_is_set_once_and_ended(alertmanager_server):
    server = alertmanager_server(CONFIG)
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    effect = action.perform(step, KEY, with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.AFTER
    assert action.sight(step, effect.body, with_tools).standing is Standing.AFTER
    assert "lasts already" in action.perform(step, KEY, with_tools).told
    assert "lasts already" in action.perform(step, "ab" * 32, with_tools).told
    (entry,) = silences(server.url)
    length = datetime.fromisoformat(entry["endsAt"]) - datetime.fromisoformat(entry["startsAt"])
    assert timedelta(minutes=29) < length <= timedelta(minutes=30, seconds=1)
    assert KEY in entry["comment"]
    assert occasion().covered.fingerprint in entry["comment"]
    assert "\x1b" not in entry["comment"]
    assert {(one["name"], one["value"], one["isRegex"], one["isEqual"]) for one in entry["matchers"]} == {
        ("alertname", "HighErrors", False, True),
        ("team", "shop|web", True, True),
    }
    assert "was ended" in action.undo(step, effect.body, KEY, with_tools).told
    assert [one["status"]["state"] for one in silences(server.url)] == ["expired"]
    assert action.sight(step, effect.body, with_tools).standing is Standing.BEFORE
    assert action.undo(step, effect.body, KEY, with_tools).told == "the silence had ended already"


@pytest.mark.server
def test_what_would_not_be_set_any_more_is_still_ended(alertmanager_server):
    server = alertmanager_server(CONFIG)
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    effect = action.perform(step, KEY, with_tools)
    lowered = {"alertmanager_silence": {"sources": ["alerts"], "longest": "10m", "naming": ["zone"]}}
    stricter = tools(Path(), lowered, datetime.now(UTC), **with_tools.sources)
    assert action.sight(step, effect.body, stricter).standing is Standing.AFTER
    assert "was ended" in action.undo(step, effect.body, KEY, stricter).told


@pytest.mark.server
def test_one_that_a_person_ended_is_not_set_again_by_the_same_step(alertmanager_server):
    server = alertmanager_server(CONFIG)
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    action.perform(step, KEY, with_tools)
    server.expire(silences(server.url)[0]["id"])
    with pytest.raises(ActionFailed, match="was set by this very step and somebody ended it"):
        action.perform(step, KEY, with_tools)
    assert action.perform(step, "ab" * 32, with_tools)


@pytest.mark.server
def test_one_that_a_person_changed_is_left_to_them(alertmanager_server):
    server = alertmanager_server(CONFIG)
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    effect = action.perform(step, KEY, with_tools)
    (entry,) = silences(server.url)
    changed = {name: entry[name] for name in ("id", "matchers", "startsAt", "createdBy")}
    end = (datetime.now(UTC) + timedelta(hours=9)).isoformat()
    for edited in ({"comment": "mine now", "endsAt": entry["endsAt"]}, {"comment": entry["comment"], "endsAt": end}):
        requests.post(f"{server.url}/api/v2/silences", json={**changed, **edited}, timeout=10).raise_for_status()
        with pytest.raises(ActionFailed, match="somebody changed silence"):
            action.undo(step, effect.body, KEY, with_tools)
    assert [one["status"]["state"] for one in silences(server.url)] == ["active"]


@pytest.mark.server
def test_other_peoples_silences_are_not_ours(alertmanager_server):
    server = alertmanager_server(CONFIG)
    now = datetime.now(UTC)
    server.silence([("alertname", "=", "HighErrors")], now, now + timedelta(hours=1), comment=f"[driftbot] {KEY}")
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    action.perform(step, KEY, with_tools)
    assert len(silences(server.url)) == 2


@pytest.mark.server
def test_a_silence_that_has_run_its_time_was_there(alertmanager_server):
    server = alertmanager_server(CONFIG)
    with_tools = reaching(server.url)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    effect = action.perform(step, KEY, with_tools)
    server.expire(silences(server.url)[0]["id"])
    later = reaching(server.url, datetime.now(UTC) + timedelta(hours=1))
    assert action.sight(step, effect.body, later).standing is Standing.AFTER


@pytest.mark.server
def test_an_end_in_the_servers_past_is_refused_with_its_words(alertmanager_server):
    server = alertmanager_server(CONFIG)
    behind = reaching(server.url, datetime.now(UTC) - timedelta(hours=2))
    step = proposed(action, SETTINGS, occasion(), behind)
    with pytest.raises(ActionFailed, match="answered 400") as failure:
        action.perform(step, KEY, behind)
    assert "whether its clock is right" in failure.value.next_step
    assert not failure.value.uncertain


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"lasting": "5h"}, "a silence of 5h is longer than 4h"),
        ({"matchers": ['team="shop"']}, "has to fix alertname to one value"),
        ({"matchers": ['alertname=~".+"']}, "has to fix alertname to one value"),
        ({"matchers": ["alertname=~("]}, "regular expression"),
        ({"source": "elsewhere"}, r"acting\.reach\.alertmanager_silence"),
    ],
)
def test_what_is_not_allowed_is_refused(more, told):
    with pytest.raises(Refused, match=told):
        proposed(action, {**SETTINGS, **more}, occasion(), reaching("http://127.0.0.1:1"))


def test_a_limit_that_was_lowered_since_counts():
    with_tools = reaching("http://127.0.0.1:1")
    step = proposed(action, SETTINGS, occasion(), with_tools)
    lowered = tools(Path(), {"alertmanager_silence": {"sources": ["alerts"], "longest": "10m"}}, **with_tools.sources)
    with pytest.raises(ActionFailed, match="longer than 10m"):
        action.perform(step, KEY, lowered)
    named = tools(Path(), {"alertmanager_silence": {"sources": ["alerts"], "naming": ["zone"]}}, **with_tools.sources)
    with pytest.raises(ActionFailed, match="has to fix zone"):
        action.perform(step, KEY, named)


def tried(post, listed=lambda: Reply(200, "[]")):
    """What comes of setting a silence where the server answers so."""

    def answer(request):
        return post if request.method == "POST" else listed()

    with fake_server(answer) as server:
        with_tools = tools(Path(), REACH, datetime.now(UTC), alerts=alertmanager(server.url, timeout=0.4, retries=2))
        step = proposed(action, SETTINGS, occasion(), with_tools)
        with pytest.raises(ActionFailed) as failure:
            action.perform(step, KEY, with_tools)
        assert [request.method for request in server.requests].count("POST") == 1
        return failure.value


def test_a_request_without_an_answer_is_sent_once_and_uncertain():
    assert tried(Reply(200, {"silenceID": "x"}, delay=2)).uncertain
    assert tried(Reply(200, '{"silenceID"', cut=True)).uncertain
    assert tried(Reply(503, "later")).uncertain
    assert tried(Reply(200, {"silenceID": "x"})).uncertain
    assert not tried(Reply(401, "who")).uncertain
    assert not tried(Reply(302, headers={"Location": "http://127.0.0.1:1/"})).uncertain


def test_an_answer_that_is_no_list_is_unreadable():
    for reply in (Reply(200, "<html>"), Reply(200, {"a": 1}), Reply(500, "x"), Reply(200, "[]", cut=True)):
        with fake_server(lambda _, reply=reply: reply) as server:
            with_tools = reaching(server.url)
            step = proposed(action, SETTINGS, occasion(), with_tools)
            assert action.sight(step, "", with_tools).standing is Standing.UNREADABLE
            with pytest.raises(ActionFailed):
                action.perform(step, KEY, with_tools)
            assert {request.method for request in server.requests} == {"GET"}


def test_odd_entries_of_a_list_are_nobodys():
    mark = f"[driftbot {'0' * 12} {'1' * 16} key {KEY}]"
    odd = [None, 3, {}, {"comment": mark}, {"comment": mark, "endsAt": "soon", "status": {}}, {"comment": 3}]
    assert our_silences([*odd, {"comment": mark, "endsAt": "2026-01-01T00:00:00", "status": {}}]) == ()
    whole = {"id": "a", "comment": mark, "endsAt": "2026-01-01T00:00:00.123Z", "status": {"state": "expired"}}
    assert [(one.id, one.key, one.active) for one in our_silences([whole])] == [("a", KEY, False)]
