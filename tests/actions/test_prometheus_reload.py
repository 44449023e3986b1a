"""Reloads of a real Prometheus: what was changed in a file is loaded, a broken file and a closed door are told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from driftbot.actions.action import Action, ActionFailed, Combining, Standing, UndoneLast
from driftbot.actions.prometheus_reload import action
from driftbot.edits.edit import Refused
from tests.actions.server_scene import change, declared, edit, occasion, performed, prometheus, proposed, tools
from tests.servers.fake import Reply, fake_server
from tests.servers.prometheus import PrometheusServer

RULES = """\
groups:
  - name: shop
    rules:
      - alert: HighErrors
        expr: sum(rate(errors_total[5m])) > 5
        for: 10m
        labels: {severity: page}
      - alert: HighErrors
        expr: sum(rate(errors_total[5m])) > 9
        for: 1m
        labels: {severity: ticket}
"""
FIXED = RULES.replace("> 5", "> 3")
REACH = {"prometheus_reload": {"sources": ["live"]}}
METRICS = (
    "prometheus_config_last_reload_successful {ok}\nprometheus_config_last_reload_success_timestamp_seconds {at}\n"
)


def scene(server, within=10.0):
    """The step that follows an edit of the first alert's threshold, and its tools."""
    facts = declared(server.directory / "rules")
    (part,) = {fact.subject for fact in facts if fact.key == "threshold" and str(fact.value) == "5"}
    before = edit(change(part.id, "threshold", "5", "3", 3.0))
    with_tools = tools(server.directory, REACH, live=prometheus(server.url))
    about = occasion(part, facts, [before])
    return proposed(action, {"source": "live", "within": within}, about, with_tools), with_tools


def put(server, text):
    (server.directory / "rules" / "shop.yml").write_text(text)


def test_it_is_an_action_that_is_undone_last():
    assert isinstance(action, Action)
    assert isinstance(action, Combining)
    assert isinstance(action, UndoneLast)


@pytest.mark.server
def test_what_was_changed_is_loaded_and_loaded_back(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES})
    step, with_tools = scene(server)
    assert "threshold of HighErrors in group shop, condition 1 is 3" in step.preview
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    put(server, FIXED)
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    effect = performed(action, step, with_tools)
    assert effect.told.endswith("and shows 1 changes")
    assert action.sight(step, "", with_tools).standing is Standing.AFTER
    assert performed(action, step, with_tools).told == effect.told
    put(server, RULES)
    action.undo(step, effect.body, "k", with_tools)
    assert action.sight(step, effect.body, with_tools).standing is Standing.BEFORE


@pytest.mark.server
def test_a_file_that_the_server_does_not_read_is_told(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES})
    step, with_tools = scene(server, within=0.5)
    with pytest.raises(ActionFailed, match=r"condition 1 is 5 on the server, not 3") as failure:
        performed(action, step, with_tools)
    assert not failure.value.uncertain
    assert "the one that this server reads" in failure.value.next_step


@pytest.mark.server
def test_a_broken_rule_file_fails_with_the_servers_words_and_the_next_good_one_loads(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES})
    step, with_tools = scene(server)
    put(server, FIXED.replace("sum(", "sum(("))
    with pytest.raises(ActionFailed, match=r"answered 500.*failed to reload config") as failure:
        performed(action, step, with_tools)
    assert "promtool check config" in failure.value.next_step
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    put(server, RULES)
    action.undo(step, "", "k", with_tools)
    put(server, FIXED)
    assert performed(action, step, with_tools)


@pytest.mark.server
def test_a_server_without_lifecycle_says_what_to_do(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES}, without=["--web.enable-lifecycle"])
    step, with_tools = scene(server)
    put(server, FIXED)
    with pytest.raises(ActionFailed, match=r"answered 403.*Lifecycle API is not enabled") as failure:
        performed(action, step, with_tools)
    assert "--web.enable-lifecycle" in failure.value.next_step


@pytest.mark.server
def test_a_reload_without_changes_shows_by_its_time(prometheus_server):
    server: PrometheusServer = prometheus_server(rules={"shop.yml": RULES})
    with_tools = tools(server.directory, REACH, live=prometheus(server.url))
    step = proposed(action, {"source": "live"}, occasion(), with_tools)
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    effect = performed(action, step, with_tools)
    assert action.sight(step, effect.body, with_tools).standing is Standing.AFTER
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE


@pytest.mark.server
def test_a_server_that_is_gone_is_unreadable_and_the_step_fails(prometheus_server):
    server = prometheus_server(rules={"shop.yml": RULES})
    step, with_tools = scene(server)
    server.stop()
    assert action.sight(step, "", with_tools).standing is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match="cannot be reached") as failure:
        performed(action, step, with_tools)
    assert not failure.value.uncertain


@pytest.mark.server
def test_vmalert_loads_what_was_changed(prometheus_server, vmalert_server, tmp_path):
    datasource = prometheus_server()
    server = vmalert_server(datasource.url, {"shop.yml": RULES})
    facts = declared(server.directory)
    (part,) = {fact.subject for fact in facts if fact.key == "threshold" and str(fact.value) == "5"}
    with_tools = tools(tmp_path, REACH, live=prometheus(server.url))
    about = occasion(part, facts, [edit(change(part.id, "threshold", "5", "3", 3.0))])
    step = proposed(action, {"source": "live", "within": 10}, about, with_tools)
    (path,) = server.directory.rglob("shop.yml")
    path.write_text(FIXED)
    assert performed(action, step, with_tools)
    path.write_text(RULES)
    assert action.undo(step, "", "k", with_tools)
    path.write_text(FIXED.replace("sum(", "sum(("))
    with pytest.raises(ActionFailed, match="could not load its configuration"):
        performed(action, step, with_tools)


def served(answer, **more):
    """A step against a loopback server with these answers, tried."""
    with fake_server(answer) as server:
        with_tools = tools(Path(), REACH, live=prometheus(server.url, **more))
        step = proposed(action, {"source": "live", "within": 0.4}, occasion(), with_tools)
        with pytest.raises(ActionFailed) as failure:
            performed(action, step, with_tools)
        return failure.value, server.paths()


def standing_still(request):
    return Reply(200, METRICS.format(ok=1, at=17)) if request.path == "/metrics" else Reply(200)


def test_a_reload_that_leaves_no_trace_is_uncertain():
    failure, _ = served(standing_still)
    assert failure.uncertain
    assert "does not say within 0.4 s that it worked" in failure.reason


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(401, "who are you"), "Check the credentials"),
        (Reply(403, "forbidden by the proxy"), "Check the credentials"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/login"}), "the URL that the server itself names"),
        (Reply(500, "failed\x1b[31m <script>"), "See the server's log"),
        (Reply(418, "short and stout"), "does a Prometheus or vmalert listen there?"),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_refusals_are_told_with_what_to_do(reply, told):
    failure, paths = served(lambda request: standing_still(request) if request.path == "/metrics" else reply)
    assert told in failure.next_step
    assert str(reply.status) in failure.reason
    assert "\x1b" not in failure.reason
    assert paths == ["/metrics", "/-/reload"]


def test_metrics_that_do_not_tell_keep_it_from_reloading():
    failure, paths = served(lambda _: Reply(200, "up 1\n"))
    assert "do not tell when its configuration was last loaded" in failure.reason
    assert paths == ["/metrics"]


def test_a_slow_reload_is_waited_for():
    begun = time.monotonic()

    def answer(request):
        if request.path == "/-/reload":
            return Reply(200, delay=1.5)
        return Reply(200, METRICS.format(ok=1, at=17 if time.monotonic() - begun < 1 else 18))

    with fake_server(answer) as server:
        with_tools = tools(Path(), REACH, live=prometheus(server.url, timeout=0.5))
        step = proposed(action, {"source": "live"}, occasion(), with_tools)
        assert performed(action, step, with_tools)


def test_what_is_not_allowed_is_refused_when_proposing_and_again_when_acting(tmp_path):
    options = prometheus("http://127.0.0.1:1")
    with pytest.raises(Refused, match=r"acting\.reach\.prometheus_reload\.sources"):
        proposed(action, {"source": "live"}, occasion(), tools(tmp_path, {}, live=options))
    with pytest.raises(Refused, match="'other' is no server of this kind"):
        reach = {"prometheus_reload": {"sources": ["other"]}}
        proposed(action, {"source": "other"}, occasion(), tools(tmp_path, reach, live=options))
    step = proposed(action, {"source": "live"}, occasion(), tools(tmp_path, REACH, live=options))
    with pytest.raises(ActionFailed, match="may not reach 'live'"):
        performed(action, step, tools(tmp_path, {}, live=options))
    moved = tools(tmp_path, REACH, live=prometheus("http://127.0.0.1:2"))
    with pytest.raises(ActionFailed, match=r"was http://127\.0\.0\.1:1 and is http://127\.0\.0\.1:2 now"):
        performed(action, step, moved)
    assert action.sight(step, "", moved).standing is Standing.UNREADABLE


def test_several_reloads_become_one(tmp_path):
    with_tools = tools(tmp_path, REACH, live=prometheus("http://127.0.0.1:1"))
    step = proposed(action, {"source": "live"}, occasion(), with_tools)
    longer = proposed(action, {"source": "live", "within": "1m"}, occasion(), with_tools)
    combined = action.combine([step, longer], [occasion(), occasion()])
    assert '"within":60.0' in combined.intent
