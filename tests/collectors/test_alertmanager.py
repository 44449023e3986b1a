"""Alertmanager: golden cases of its file, a real server, answers that are none, and what a recording keeps."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from driftbot.collectors.alertmanager import collector, keys
from driftbot.collectors.alertmanager_server import ALERTS, FORMER_STATUS, SILENCES, STATUS
from driftbot.collectors.collector import Context
from driftbot.core.coverage import is_absent
from driftbot.core.fact import View, show
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity
from driftbot.tape import LiveTape, RecordingTape, ReplayTape
from tests.collectors.golden import read_case, run, shown
from tests.servers.fake import Reply, fake_server

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "alertmanager").glob("*.txt"))
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECRETS = ("hunter2", "t0ken", "0123456789abcdef", "services/T0/B0")
CONFIG = """\
global: {smtp_auth_password: hunter2, smtp_smarthost: "localhost:25", smtp_from: a@example.org}
route:
  receiver: default
  repeat_interval: 12h
  routes:
  - matchers: ['severity="page"', 'team=~"db|web"']
    receiver: pager
    continue: true
    active_time_intervals: [office]
  - match: {severity: page}
    receiver: nobody
time_intervals:
- name: office
  time_intervals: [{weekdays: ['monday:friday']}]
receivers:
- name: default
  slack_configs: [{api_url: "https://hooks.slack.com/services/T0/B0/abc", channel: "#a"}]
- name: pager
  pagerduty_configs: [{routing_key: 0123456789abcdef}]
  webhook_configs: [{url: "http://127.0.0.1:9/t0ken"}]
- name: nobody
inhibit_rules:
- source_matchers: ['severity="page"']
  target_matchers: ['severity="warning"']
  equal: [cluster]
"""


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_case(path):
    case = read_case(path)
    reading = run(case, collector)
    assert case.expected
    for (heading, argument), expected in case.expected.items():
        assert shown(case, reading, heading, argument) == expected, case.title
    assert_declared(reading)


def assert_declared(reading):
    vocabulary = Vocabulary(keys())
    for fact in reading.facts:
        key = vocabulary.get(fact.subject.kind, fact.key)
        assert key.unit == (fact.value.unit if isinstance(fact.value, Quantity) else None), fact


def test_no_key_is_a_dotted_prefix_of_another():
    for kind in {key.subject_kind for key in keys()}:
        names = {key.name for key in keys() if key.subject_kind == kind}
        assert [name for name in names if any(other.startswith(f"{name}.") for other in names)] == []


def test_it_must_be_somewhere():
    with pytest.raises(ValidationError, match="name its configuration file"):
        collector.options.model_validate({})


def reading_of(tape, as_of=NOW, **options):
    context = Context("alertmanager", "production", as_of, tape)
    return collector.read(collector.options.model_validate({"retries": 0, "timeout": 5, **options}), context)


def said(reading, kind, name, view):
    found = [fact for fact in reading.facts if (fact.subject.kind, fact.subject.name, fact.view) == (kind, name, view)]
    return {fact.key: show(fact.value) for fact in found}


def gaps(reading):
    return sorted({gap.reason for entry in reading.coverage for gap in entry.gaps})


@pytest.mark.server
def test_a_running_alertmanager_tells_what_its_file_declares(alertmanager_server, tmp_path):
    """What runs is the file with its defaults written out: no setting differs."""
    (tmp_path / "am.yml").write_text(CONFIG)
    server = alertmanager_server(CONFIG)
    reading = reading_of(LiveTape(tmp_path), path="am.yml", url=server.url)
    assert gaps(reading) == []
    assert_declared(reading)
    declared, effective = (
        {(str(f.subject), f.key): f.value for f in reading.facts if f.view is view}
        for view in (View.DECLARED, View.EFFECTIVE)
    )
    assert declared == effective
    assert len(declared) >= 50


@pytest.mark.server
def test_silences_and_alerts_of_a_running_alertmanager(alertmanager_server):
    server = alertmanager_server(CONFIG)
    now = datetime.now(UTC)
    long = server.silence([("team", "=", "db"), ("alertname", "=~", "Disk.*")], now, now + timedelta(days=400))
    soon = now + timedelta(hours=1)
    matchers = [("a", "!=", "b"), ("c", "!~", "d"), ("e", "=", "x")]
    odd = server.silence(matchers, soon, soon + timedelta(hours=1), creator=" ", comment=" ")
    gone = server.silence([("x", "=", "y")], now, now + timedelta(hours=2))
    server.expire(gone)
    labels = {"alertname": "DiskFull", "severity": "page", "team": "db"}
    server.fire([labels, {"alertname": "Lag", "severity": "warning"}, {"alertname": "B", "severity": "page"}])
    wait_until(server, lambda alerts: len(alerts) == 3 and any(one["status"]["silencedBy"] for one in alerts))
    reading = reading_of(LiveTape(Path()), now, url=server.url)
    assert gaps(reading) == []
    assert {fact.subject.name for fact in reading.facts if fact.subject.kind == "silence"} == {long, odd}
    assert said(reading, "silence", long, View.EFFECTIVE) | {"starts_at": "", "ends_at": "", "updated_at": ""} == {
        "matchers": 'alertname=~"Disk.*", team="db"',
        "state": "active",
        "starts_at": "",
        "ends_at": "",
        "updated_at": "",
        "length": show(Quantity((400 * 86_400.0), next(k.unit for k in keys() if k.name == "length"))),
        "creator": "ann@example.org",
        "comment": "a migration",
    }
    assert said(reading, "silence", odd, View.EFFECTIVE)["matchers"] == 'a!="b", c!~"d", e="x"'
    assert said(reading, "silence", odd, View.EFFECTIVE).keys().isdisjoint({"creator", "comment"})
    assert is_absent(reading.coverage, "production", "silence", "comment", odd)
    assert said(reading, "silence", long, View.OBSERVED) == {"muting": "1"}
    assert said(reading, "silence", odd, View.OBSERVED) == {"muting": "0"}
    assert said(reading, "receiver", "pager", View.OBSERVED) == {
        "routed_alerts": "DiskFull",
        "routed_severities": "page",
    }
    assert said(reading, "receiver", "nobody", View.OBSERVED)["routed_alerts"] == "B, DiskFull"
    (inhibition,) = {fact.subject.name for fact in reading.facts if fact.subject.kind == "inhibition"}
    assert said(reading, "inhibition", inhibition, View.OBSERVED) == {"equal_absent": "cluster"}


def wait_until(server, holds):
    for _ in range(100):
        if holds(server.alerts()):
            return
        time.sleep(0.1)
    raise AssertionError(f"not so in time: {server.alerts()}")


@pytest.mark.server
def test_a_recording_replays_alike_and_holds_no_secret(alertmanager_server, tmp_path):
    (tmp_path / "am.yml").write_text(CONFIG)
    server = alertmanager_server(CONFIG, prefix="/alertmanager")
    now = datetime.now(UTC)
    server.silence([("team", "=", "db")], now, now + timedelta(days=2), comment="password: hunter2")
    server.fire([{"alertname": "DiskFull", "severity": "page", "team": "db"}])
    options = {"path": "am.yml", "url": server.url}
    target = tmp_path / "bundle"
    with RecordingTape(LiveTape(tmp_path), target, now) as tape:
        live = reading_of(tape, now, **options)
    replayed = reading_of(ReplayTape(target), now, **options)
    masked = [fact for fact in live.facts if fact.key != "comment"]
    assert [fact for fact in replayed.facts if fact.key != "comment"] == masked
    assert replayed.coverage == live.coverage
    kept = "".join(path.read_text() for path in sorted(target.rglob("*")) if path.is_file())
    assert "pagerduty_configs" in kept
    assert [secret for secret in SECRETS if secret in kept] == []
    told = "".join(show(fact.value) + str(fact.subject) + str(fact.origin) for fact in live.facts)
    assert [secret for secret in SECRETS if secret in told.replace("password: hunter2", "")] == []


GOOD = {
    STATUS: {"config": {"original": CONFIG}, "cluster": {"status": "ready"}},
    SILENCES: [],
    ALERTS: [],
}


def answering(replies, prefix=""):
    def answer(request):
        body = replies.get(request.path.removeprefix(prefix) if request.path.startswith(prefix) else "")
        if body is None:
            return Reply(404, "404 page not found")
        return body if isinstance(body, Reply) else Reply(200, json.dumps(body))

    return answer


def read_from(replies, prefix="", **options):
    with fake_server(answering(replies, prefix)) as server:
        options.setdefault("url", server.url)
        return reading_of(LiveTape(Path()), **options), server


BAD = {
    "401": (Reply(401, "who?"), "answered 401 Unauthorized: “who?”; check the credentials of this source"),
    "403": (Reply(403, b""), "answered 403 Forbidden: nothing; ask for read access"),
    "404": (
        Reply(404, "no"),
        "answered 404 Not Found: “no”; check the URL and its path prefix (Mimir and Cortex: /alert",
    ),
    "500": (
        Reply(500, '"out of memory"'),
        'answered 500 Internal Server Error: “"out of memory"”; see the server\'s log',
    ),
    "503": (Reply(503, b""), "answered 503 Service Unavailable: nothing; see the server's log; the next night tries"),
    "cut off": (Reply(200, b'{"config":', cut=True), "sent an answer that broke off or is damaged"),
    "half a JSON": (Reply(200, b'[{"labels": {"a'), "answered with 15 bytes that are no JSON"),
    "a web page": (Reply(200, b"<html>Sign in</html>"), "bytes that are no JSON"),
    "nothing": (Reply(200, b""), "answered with 0 bytes that are no JSON"),
    "another shape": (Reply(200, b'"ok"'), 'answered with something else than Alertmanager\'s API v2 gives: “"ok"”'),
    "too deep": (Reply(200, b"[" * 200_000), "bytes that are no JSON"),
}


@pytest.mark.parametrize("path", [STATUS, SILENCES, ALERTS])
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_answer_is_a_gap_with_a_sentence(path, bad):
    reply, sentence = BAD[bad]
    reading, server = read_from({**GOOD, path: reply})
    told = [reason for reason in gaps(reading) if "not asked" not in reason]
    assert len(told) == 1
    assert told[0].startswith(f"{server.url}{path} ")
    assert sentence in told[0]
    silence_hidden = not is_absent(reading.coverage, "production", "silence", "comment")
    assert silence_hidden is (path == SILENCES or (path == STATUS and bad in {"401", "403", "503"}))


def test_a_server_that_is_not_there_has_failed_as_a_whole():
    reading = reading_of(LiveTape(Path()), url="http://127.0.0.1:9")
    assert all(entry.failed for entry in reading.coverage)
    assert any("cannot be reached" in reason for reason in gaps(reading))
    assert {entry.kind for entry in reading.coverage} == {"inhibition", "receiver", "route", "silence"}


def test_an_alertmanager_that_has_only_the_former_api_is_named():
    reading, _ = read_from({FORMER_STATUS: {"status": "success", "data": {}}})
    assert any("it has only API v1; upgrade it to 0.16 or newer" in reason for reason in gaps(reading))
    assert all(entry.failed for entry in reading.coverage)


def test_mimir_has_it_below_a_prefix_and_the_wrong_one_says_so():
    reading, _ = read_from(GOOD, prefix="/alertmanager")
    assert any("its path prefix (Mimir and Cortex: /alertmanager" in reason for reason in gaps(reading))
    with fake_server(answering(GOOD, "/alertmanager")) as server:
        reading = reading_of(LiveTape(Path()), url=f"{server.url}/alertmanager/", headers={"X-Scope-OrgID": "payments"})
        assert gaps(reading) == []
        assert {request.headers["X-Scope-OrgID"] for request in server.requests} == {"payments"}


ODD = {
    SILENCES: [
        {"id": "a", "status": {"state": "active"}, "matchers": [{"name": "x", "value": "(", "isRegex": True}]},
        {"id": "b", "status": {"state": "active"}, "matchers": []},
        {"id": "c"},
        "text",
        7,
        {
            "id": "d",
            "status": {"state": "active"},
            "matchers": [{"name": "x", "value": "\ud800", "isRegex": False}],
            "startsAt": "yesterday",
            "endsAt": "2026-11-02T00:00:00Z",
            "createdBy": 7,
        },
    ],
    ALERTS: [7, {"labels": None}, {"labels": {"severity": "page", "x": None}, "receivers": [{}, 1], "status": 3}],
}


def test_odd_entries_hide_nothing_that_is_good():
    reading, server = read_from({**GOOD, **ODD})
    base = server.url
    assert gaps(reading) == [
        f"{base}{ALERTS}: entry 1 is no alert with labels",
        f"{base}{ALERTS}: entry 2 is no alert with labels",
        f"{base}{SILENCES}: 2 more entries could not be understood",
        f"{base}{SILENCES}: entry 3 is no silence with an id and a state",
        f"{base}{SILENCES}: silence a: '(' is no regular expression of RE2: missing )",
        f"{base}{SILENCES}: silence b: it has no matchers",
    ]
    assert said(reading, "silence", "d", View.EFFECTIVE) == {
        "matchers": 'x="?"',
        "state": "active",
        "ends_at": "2026-11-02 00:00 UTC",
    }
    assert said(reading, "route", "root", View.EFFECTIVE)["receiver"] == "default"


@pytest.mark.parametrize("config", [None, {}, {"original": ""}, {"original": 7}, "text", {"original": "a: b: c"}])
def test_a_status_without_a_configuration_is_a_gap(config):
    reading, _ = read_from({**GOOD, STATUS: {"config": config}})
    assert len(gaps(reading)) == 1
    assert not [fact for fact in reading.facts if fact.subject.kind == "route"]
    assert is_absent(reading.coverage, "production", "silence", "comment")
    assert not is_absent(reading.coverage, "production", "route", "receiver")


def test_a_file_alone_knows_no_alerts_and_nothing_of_silences():
    coverage = run(read_case(CASES[0]), collector).coverage
    assert is_absent(coverage, "production", "receiver", "routed_severities")
    assert is_absent(coverage, "production", "inhibition", "equal_absent")
    assert not is_absent(coverage, "production", "silence", "comment")
    reading, _ = read_from({**GOOD, ALERTS: Reply(500, b"")})
    assert not is_absent(reading.coverage, "production", "receiver", "routed_severities")
