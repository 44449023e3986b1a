"""Releases from Grafana's annotations: tags, texts, more than one answer holds, and whatever may come instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors import grafana_annotations_server
from driftbot.collectors.collector import Context
from driftbot.collectors.grafana_annotations import GrafanaAnnotationsOptions, collector
from driftbot.collectors.grafana_annotations_reading import AnnotationReader
from driftbot.core.demand import Demand, MarkerNeed
from driftbot.core.marker import MARKERS, Marker, MarkerSpan
from driftbot.core.snapshot import Reading
from driftbot.core.span import Measured, Span
from driftbot.tape import LiveTape, RecordingTape, ReplayTape
from tests.servers.fake import Reply
from tests.servers.grafana import TOKEN, Grafana, grafana

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
DAY = 86400.0
ASKED = Demand(markers=(MarkerNeed("service", 30 * DAY),))


@pytest.fixture
def running() -> Iterator[Grafana]:
    with grafana() as server:
        yield server


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)


def options(server: Grafana, **more: object) -> GrafanaAnnotationsOptions:
    url = f"{server.server.url}/grafana"
    given = {"url": url, "bearer": {"env": "GRAFANA_TOKEN"}, "tags": ["deploy"], "retries": 0, **more}
    return GrafanaAnnotationsOptions.model_validate(given)


class Told:
    """A store that holds releases up to some days ago; None: it holds none."""

    def __init__(self, days_ago: float | None = None) -> None:
        self._span = None if days_ago is None else Span(0.0, NOW - days_ago * DAY, 0.0)

    def held(self, *place: str) -> Span | None:
        assert place == ("production", MARKERS, MARKERS, "grafana")
        return self._span


NOTHING_YET = Told()


def ask(
    server: Grafana, demand: Demand = ASKED, tape: object = None, told: Told = NOTHING_YET, **more: object
) -> Reading:
    context = Context("grafana", "production", AS_OF, tape or LiveTape(Path()))  # type: ignore[arg-type]
    return collector.measure(options(server, **more), context, demand, told)  # type: ignore[misc, arg-type]


def told(reading: Reading) -> list[tuple[str, str, float]]:
    return [(str(one.subject), str(one), round((NOW - one.at) / DAY, 3)) for one in reading.markers]


def test_releases_are_found_by_tags_and_text(running: Grafana):
    running.add(NOW - 3 * DAY, "deploy", "service:checkout", "version=2.4.1", "commit:3f2a91c0d5e6")
    running.add(NOW - 2 * DAY, "deploy", "service:cart", text="<b>Release</b> 7\n of <a href='x'>cart</a>")
    running.add(NOW - DAY, "deploy", text="Deployed checkout 2.4.2 to production", until=NOW - DAY / 2)
    running.add(NOW - 4 * DAY, "outage", "service:checkout", text="Deployed checkout 9 nowhere")
    running.add(NOW - 31 * DAY, "deploy", "service:checkout", "version:old")
    running.add(NOW - 5 * DAY, "deploy", text="something else")
    reading = ask(running, text=r"Deployed (?P<service>\S+) (?P<version>\S+)")
    assert told(reading) == [
        ("service:production/checkout", "release 2.4.1 (3f2a91c0d5)", 3.0),
        ("service:production/cart", "release Release 7 of cart", 2.0),
        ("service:production/checkout", "release 2.4.2", 1.0),
    ]
    (coverage,) = reading.coverage
    assert (coverage.kind, coverage.keys, coverage.complete) == (MARKERS, frozenset({MARKERS}), True)
    assert reading.marked == (MarkerSpan("production", "grafana", NOW - 30 * DAY, NOW),)
    assert reading.notes == (
        "grafana: 1 of 4 annotations are no releases that can be read: annotation 6 (deploy) does not say what was"
        " released; tag them like service:checkout, or let `text` find it",
    )


def test_tags_may_call_fields_otherwise(running: Grafana):
    running.add(NOW - DAY, "deploy", "app:cart", "service:not this", "rev:8", "stage=staging")
    fields = {"service": "app", "version": "rev", "environment": "stage"}
    assert told(ask(running, fields=fields)) == [("service:staging/cart", "release 8", 1.0)]


def test_an_annotation_that_a_pipeline_posts_is_read(running: Grafana):
    body = {"time": int((NOW - DAY) * 1000), "tags": ["deploy", "workload:shop/cart", "version:9"], "text": "by ci"}
    url = f"{running.server.url}/grafana/api/annotations"
    requests.post(url, json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).raise_for_status()
    assert told(ask(running)) == [("workload:production/shop/cart", "release 9", 1.0)]


def test_more_annotations_than_an_answer_holds_are_asked_for_in_halves(
    running: Grafana, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grafana_annotations_server, "LIMIT", 10)
    times = [NOW - (n + 1) * 3600.0 * (1 + n % 3) for n in range(60)]
    for number, time in enumerate(times):
        running.add(time, "deploy", "service:cart", f"version:{number}", until=time + 1800)
    reading = ask(running)
    assert sorted(one.at for one in reading.markers) == sorted(times)
    assert len({one.name for one in reading.markers}) == 60
    assert len(running.server.requests) > 6


def test_too_many_annotations_at_once_are_a_gap(running: Grafana, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grafana_annotations_server, "LIMIT", 10)
    for number in range(11):
        running.add(NOW - DAY, "deploy", "service:cart", f"version:{number}")
    (gap,) = ask(running).coverage[0].gaps
    assert "has 10 annotations or more with the tags deploy in" in gap.reason
    assert gap.reason.endswith("choose `tags` that only releases have")


def test_an_annotation_whose_time_is_none_loses_no_other(running: Grafana):
    times = (10**400, True, int(NOW - DAY) * 1000)
    entries = [
        {"id": number, "time": time, "tags": ["service:cart", f"version:{number}"]}
        for number, time in enumerate(times, 1)
    ]
    running.reply = Reply(200, json.dumps(entries))
    reading = ask(running)
    assert told(reading) == [("service:production/cart", "release 3", 1.0)]
    assert "2 of 3 annotations are no releases that can be read" in reading.notes[0]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(401, {"message": "Invalid API key"}),
            "answered 401 Unauthorized: Invalid API key; check the credentials",
        ),
        (Reply(403, {"message": "Access denied"}), "answered 403 Forbidden: Access denied"),
        (Reply(404, {"message": "Not found"}), "answered 404 Not Found: Not found; check the URL and its path prefix"),
        (Reply(429, {"message": "slow down"}, {"Retry-After": "900"}), "it asks us to come back after 900"),
        (Reply(500, {"message": "Query error"}), "answered 500 Internal Server Error: Query error"),
        (Reply(503, "<html>down</html>"), "answered 503 Service Unavailable: “<html>down</html>”"),
        (Reply(200, "<html>Log in</html>", {"Content-Type": "text/html"}), "whether a login page stands in front"),
        (Reply(200, {"annotations": []}), "answered with something else than a list of annotations"),
        (Reply(200, "[" * 100_000), "no JSON"),
        (Reply(200, '[{"time": 1, ', cut=True), "broke off or is damaged"),
        (Reply(200, ""), "no JSON"),
    ],
)
def test_whatever_else_comes_is_a_gap(running: Grafana, reply: Reply, words: str):
    running.reply = reply
    reading = ask(running)
    (coverage,) = reading.coverage
    (gap,) = coverage.gaps
    assert words in gap.reason
    assert TOKEN not in gap.reason
    assert gap.origin.source == "grafana"
    assert (reading.markers, reading.marked) == ((), ())


@pytest.mark.parametrize(
    ("reply", "days_ago", "blind"),
    [
        (Reply(503, "<html>down</html>"), 1.0, False),
        (Reply(429, {"message": "slow down"}), 1.9, False),
        (Reply(503, "<html>down</html>"), 2.1, True),
        (Reply(503, "<html>down</html>"), None, True),
        (Reply(401, {"message": "Invalid API key"}), 1.0, True),
        (Reply(200, "<html>Log in</html>"), 1.0, True),
    ],
)
def test_who_is_away_for_a_night_blinds_nobody(running: Grafana, reply: Reply, days_ago: float | None, blind: bool):
    (known,) = ask(running).measured
    assert known == Measured("production", MARKERS, MARKERS, "grafana", Span(NOW - 30 * DAY, NOW, 0.0))
    running.reply = reply
    reading = ask(running, told=Told(days_ago))
    (coverage,) = reading.coverage
    assert coverage.complete is not blind
    assert (reading.marked, reading.measured) == ((), ())
    if not blind:
        (note,) = reading.notes
        assert "are told once it answers" in note and f"{AS_OF - timedelta(days=days_ago or 0):%Y-%m-%d}" in note


def test_a_missing_token_and_a_server_that_is_not_there_are_gaps(running: Grafana, monkeypatch: pytest.MonkeyPatch):
    (gap,) = ask(running, url="http://127.0.0.1:9").coverage[0].gaps
    assert "cannot be reached" in gap.reason
    monkeypatch.delenv("GRAFANA_TOKEN")
    (gap,) = ask(running).coverage[0].gaps
    assert "GRAFANA_TOKEN is not set" in gap.reason


def test_nobody_asks_and_nothing_is_asked(running: Grafana):
    assert ask(running, Demand()) == Reading()
    assert running.server.requests == []


def test_a_recording_tells_the_same_and_holds_no_token(running: Grafana, tmp_path: Path):
    running.add(
        NOW - 3 * DAY, "deploy", "service:checkout", "version=2.4.1", "commit:3f2a91c0d5e63f2a91c0d5e63f2a91c0d5e6aaaa"
    )
    with RecordingTape(LiveTape(Path()), tmp_path / "bundle", AS_OF) as tape:
        live = ask(running, tape=tape)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "bundle").rglob("*.http"))
    assert kept and TOKEN.encode() not in kept
    assert ask(running, tape=ReplayTape(tmp_path / "bundle")) == live
    assert live.markers


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = JSON | st.fixed_dictionaries(
    {}, optional={"id": JSON, "time": JSON | st.integers(0, 2**45), "tags": JSON | st.just(["service:a"]), "text": JSON}
)


@given(ENTRIES)
def test_every_annotation_is_a_release_or_a_reason(entry: object):
    context = Context("grafana", "production", AS_OF, None)  # type: ignore[arg-type]
    reader = AnnotationReader(context, "http://g", r"(?P<service>\S+)", {})
    found = list(reader.releases(json.loads(json.dumps(entry))))
    assert found
    assert all(isinstance(one, Marker) or one.reason for one in found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tags": []}, "at least 1 item"),
        ({"text": "("}, "is no regular expression"),
        ({"text": "deployed .*"}, "it has no named group"),
        ({"text": "(?P<servce>.*)"}, "servce: write groups like"),
        ({"fields": {"when": "x"}}, "when is no field of a release"),
    ],
)
def test_options_that_are_wrong_are_told(change: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        GrafanaAnnotationsOptions.model_validate({"url": "http://g", "tags": ["deploy"], **change})
