"""Releases from real servers filled with information metrics, and what a server that refuses leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from driftbot.collectors import prometheus, prometheus_release
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, MarkerNeed
from driftbot.core.marker import MARKERS
from driftbot.core.marker_book import MarkerBook, one_each
from driftbot.core.snapshot import Reading
from driftbot.core.span import Span
from driftbot.core.subject import Subject
from driftbot.signals.reading import BadSignals, SignalBook
from driftbot.tape import LiveTape
from tests.servers.fake import Reply, Request, fake_server
from tests.servers.remote_write import Samples, sample

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
DAY = 86400.0
TIMES = np.arange(NOW - 21 * DAY, NOW + 1, 300.0)


class Told:
    """A store that holds what earlier readings measured."""

    def __init__(self, *readings: Reading) -> None:
        self.spans = {entry.place: entry.span for reading in readings for entry in reading.measured}

    def held(self, *place: str) -> Span | None:
        return self.spans.get(place)  # type: ignore[call-overload, no-any-return]


NOTHING_YET = Told()


def ask(url: str, days: float = 20, as_of: datetime = AS_OF, told: Told = NOTHING_YET, **options: object) -> Reading:
    return prometheus.measure(
        PrometheusOptions.model_validate({"url": url, **options}),
        Context("prometheus", "production", as_of, LiveTape(Path())),
        Demand(markers=(MarkerNeed("workload", days * DAY),)),
        told,  # type: ignore[arg-type]
    )


def days(first: float, last: float) -> np.ndarray:
    """The times from so many days ago until so many days ago."""
    ago = (NOW - TIMES) / DAY
    return TIMES[(ago <= first) & (ago >= last)]


def pods(workload: str, image: str, first: float, last: float, hashed: str, count: int = 2) -> Iterator[Samples]:
    """Pods of a Deployment as kube-state-metrics tells of them."""
    for number in range(count):
        labels = {
            "namespace": "shop",
            "pod": f"{workload}-{hashed}-x{number + 2}bcd",
            "container": "app",
            "image_spec": f"shop/{workload}:{image}",
            "image": "sha256:0123",
        }
        yield sample("kube_pod_container_info", days(first, last), 1.0, **labels)


def written() -> Iterator[Samples]:
    yield from pods("cart", "1", 21, 10, "7d4b75cb6d")
    yield from pods("cart", "2", 10.001, 0, "6bcdf7f8d9", count=1)
    yield from pods("steady", "1", 21, 0, "7d4b75cb6d")
    for run in range(1, 21):
        version = "b" if run < 4 else "a"
        labels = {"namespace": "shop", "pod": f"billing-2837465{run % 10}-xbcd{'bcdf'[run % 4]}", "container": "app"}
        times = days(run, run - 0.1)
        yield sample("kube_pod_container_info", times, 1.0, **labels, image=f"billing:{version}")
    yield sample("shop_build_info", days(21, 5), 1.0, job="front", version="1.0", instance="a")
    yield sample("shop_build_info", days(5.001, 4), 1.0, job="front", version="1.1", instance="a")
    yield sample("shop_build_info", days(4.001, 0), 1.0, job="front", version="1.0", instance="a")
    yield sample("target_info", days(21, 3), 1.0, job="shop/pay", service_version="8", instance="a")
    yield sample("target_info", days(3.001, 0), 1.0, job="shop/pay", service_version="9", instance="a")
    yield sample("up", days(21, 2), 1.0, job="legacy", app_version="8", instance="a")
    yield sample("up", days(2.001, 0), 1.0, job="legacy", app_version="9", instance="a")
    for number, time in enumerate(TIMES[::12]):
        yield sample("churn_build_info", [time], 1.0, job="churning", version=f"v{number}", instance="a")


@pytest.mark.server
@pytest.mark.parametrize("kind", ["prometheus_server", "victoria_metrics_server"])
def test_what_was_released_is_told(request: pytest.FixtureRequest, kind: str):
    server = request.getfixturevalue(kind)(series=list(written()))
    reading = ask(server.url)
    assert [gap.reason for entry in reading.coverage for gap in entry.gaps] == []
    assert {entry.kind for entry in reading.coverage} == {MARKERS}
    told = {(str(one.subject.id), one.name, round((NOW - one.at) / DAY, 1)) for one in reading.markers}
    assert told == {
        ("workload:production/shop/cart", "shop/cart:2", 10.0),
        ("workload:production/shop/billing", "billing:b", 3.0),
        ("service:production/front", "1.1", 5.0),
        ("service:production/front", "1.0", 4.0),
        ("service:production/shop/pay", "9", 3.0),
        ("service:production/legacy", "9", 2.0),
    }
    assert all(one.late_by == 3600.0 and one.at % 3600.0 == 0 for one in reading.markers)
    assert all(one.origin.source == "prometheus" and one.origin.query for one in reading.markers)
    (note,) = [note for note in reading.notes if "too often" in note]
    assert note.startswith("prometheus: build-information/build_info: what {version} says of 1 subjects")
    job = Subject("job", "production", "shop/billing")
    assert [one.name for one in MarkerBook(reading.markers).of(job)] == ["billing:b"]

    again = ask(server.url, as_of=AS_OF + timedelta(minutes=7))
    assert again.markers == reading.markers


@pytest.mark.server
def test_parts_tell_the_same_as_the_whole(prometheus_server):
    server = prometheus_server(series=list(written()))
    whole, parts = ask(server.url), ask(server.url, budget={"samples_per_request": 1000})
    assert parts.markers == whole.markers


@pytest.mark.server
def test_own_signals_and_those_left_out(prometheus_server):
    server = prometheus_server(series=list(written()))
    own = {
        "name": "shop/front",
        "kind": "service",
        "meaning": "What the front runs.",
        "query": "count by (job, version) (shop_build_info)",
        "subject": "the-{job}",
        "version": "{version}",
    }
    names = [release.name for release in SignalBook.of((), ()).releases]
    reading = ask(server.url, releases=[own], without=names)
    assert [(one.subject.name, one.name) for one in reading.markers] == [("the-front", "1.1"), ("the-front", "1.0")]


def test_nobody_asks_and_nothing_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prometheus_release, "Fetcher", None)
    options = PrometheusOptions.model_validate({"url": "http://127.0.0.1:9"})
    context = Context("prometheus", "production", AS_OF, LiveTape(Path()))
    assert prometheus_release.ask_releases(None, options, context, Demand(), None, None) == Reading()  # type: ignore[arg-type]


def test_a_server_that_refuses_is_a_gap():
    with fake_server(lambda _request: Reply(503, b"<html>down</html>", {"Content-Type": "text/html"})) as server:
        reading = ask(server.url, retries=0)
    gaps = [gap for entry in reading.coverage if entry.kind == MARKERS for gap in entry.gaps]
    assert gaps
    assert "503" in gaps[0].reason
    assert all("not asked after an earlier answer" in gap.reason for gap in gaps[1:])
    assert reading.markers == ()


Running = dict[str, list[tuple[float, int]]]
"""Versions of the cart's image, and when (Unix seconds) how many pods ran them."""


def images(running: Running, warnings: list[str] | None = None) -> Callable[[Request], Reply]:
    """A server that tells of these images and of nothing else."""

    def answer(request: Request) -> Reply:
        start, end = (float(request.parameters[name]) for name in ("start", "end"))
        asked = "kube_pod_container_info" in request.parameters["query"]
        labels = {"namespace": "shop", "workload": "cart", "container": "app"}
        result = [
            {"metric": {**labels, "image": name}, "values": values}
            for name, ran in running.items()
            if asked and (values := [(time, str(pods)) for time, pods in ran if start <= time <= end])
        ]
        data = {"resultType": "matrix", "result": result}
        return Reply(body={"status": "success", "data": data, "warnings": warnings or []})

    return answer


def hourly(pods: int, *spans: tuple[float, float]) -> list[tuple[float, int]]:
    """So many pods from so many days ago until so many days ago, an hour apart."""
    return [
        (NOW - hours * 3600, pods)
        for first, last in spans
        for hours in range(round(first * 24), round(last * 24) - 1, -1)
    ]


def test_a_partial_answer_is_a_gap_and_what_it_tells_counts():
    running = {"a": hourly(1, (10, 6)), "b": hourly(1, (5.9, 0))}
    with fake_server(images(running, ["half is missing"])) as server:
        reading = ask(server.url, days=9)
    assert [one.name for one in reading.markers] == ["b"]
    assert any("half is missing" in gap.reason for entry in reading.coverage for gap in entry.gaps)
    assert reading.measured == ()


def test_later_nights_ask_for_what_is_new_and_what_ran_before_it_and_tell_the_same():
    running = {
        "old": hourly(2, (95, 50)),
        "new": hourly(2, (49.9, 6), (4, 0)),
        "debug": hourly(1, *((day, day - 0.2) for day in range(88, 0, -4))),
        "canary": hourly(1, (6.5, 5)) + hourly(9, (4.9, 1.1)),
    }
    nights = [AS_OF - timedelta(days=days) for days in (7, 6, 3, 1, 0)]
    with fake_server(images(running)) as server:
        whole = ask(server.url, days=90)
        readings: list[Reading] = []
        for night in nights:
            server.requests.clear()
            readings.append(ask(server.url, days=90, as_of=night, told=Told(*readings)))
            asked = [float(one.parameters["start"]) for one in server.requests if "start" in one.parameters]
            if len(readings) > 1:
                assert min(asked) >= nights[len(readings) - 2].timestamp() - prometheus_release.BEFORE - 3600
    told = one_each(marker for reading in readings for marker in reading.markers)
    assert [(one.at, one.name) for one in told] == [(one.at, one.name) for one in whole.markers]
    assert [one.name for one in told] == ["debug", "new", "canary", "new"]


def test_a_budget_that_is_spent_is_told_and_no_gap_where_releases_are_known_until_yesterday():
    running = {"old": hourly(2, (95, 50)), "new": hourly(2, (49.9, 0))}
    with fake_server(images(running)) as server:
        first = ask(server.url, days=90, as_of=AS_OF - timedelta(days=1))
        poor = ask(server.url, days=90, told=Told(first), budget={"samples": 1})
        unknown = ask(server.url, days=90, budget={"samples": 1})
        late = ask(server.url, days=90, as_of=AS_OF + timedelta(days=3), told=Told(first), budget={"samples": 1})
    assert [gap for entry in poor.coverage for gap in entry.gaps] == []
    assert any("load budget is spent" in note for note in poor.notes)
    for reading in (unknown, late):
        assert any("load budget is spent" in gap.reason for entry in reading.coverage for gap in entry.gaps)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"query": "sum by (service (x)"}, "query is not PromQL"),
        ({"version": "latest"}, "names no label of the answer"),
        ({"step": "1s"}, "greater than or equal to 60"),
    ],
)
def test_an_own_signal_that_is_wrong_is_told(change: dict[str, str], words: str):
    good = {
        "name": "a/b",
        "kind": "service",
        "meaning": "What runs there.",
        "query": "x",
        "subject": "{job}",
        "version": "{v}",
    }
    with pytest.raises(ValueError, match=words):
        PrometheusOptions.model_validate({"url": "http://a", "releases": [{**good, **change}]})


def test_a_name_that_two_signals_have_is_told():
    entry = {
        "name": "a/b",
        "kind": "service",
        "meaning": "What runs there.",
        "query": "x",
        "subject": "{job}",
        "version": "{v}",
    }
    options = PrometheusOptions.model_validate({"url": "http://a", "releases": [entry]})
    with pytest.raises(BadSignals, match="a/b: two signals have this name"):
        SignalBook.of((), (), [*options.releases, *options.releases])
