"""Series of a demand from real servers: values, subjects, splitting, budget, incremental nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.tape import LiveTape
from tests.servers.fake import Reply, fake_server, matrix
from tests.servers.remote_write import sample

pytestmark = pytest.mark.filterwarnings("error")
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
DAY = 86400.0


class Ledger:
    """What an imagined store holds: (kind, key) → Unix seconds."""

    def __init__(self, held=()):
        self.held = dict(held)

    def measured_until(self, environment, kind, key, source):
        assert (environment, source) == ("production", "prometheus")
        return self.held.get((kind, key))


def measure(url, *needs, ledger=None, as_of=AS_OF, **more):
    options = PrometheusOptions(url=url, **more)
    context = Context("prometheus", "production", as_of, LiveTape(Path()))
    return prometheus.measure(options, context, Demand.of(needs), ledger or Ledger())


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


def queue():
    return {
        "name": "shop/queue",
        "kind": "service",
        "key": "queue.length",
        "unit": "count",
        "meaning": "Orders that wait to be handled.",
        "query": "sum by (service) (orders_waiting)",
        "subject": "{service}",
    }


@pytest.mark.server
@pytest.mark.parametrize("kind", ["prometheus_server", "victoria_metrics_server"])
def test_what_was_written_is_measured(request, kind):
    times = np.arange(NOW - 3 * DAY, NOW + 1, 300.0)
    values = {name: np.round(np.random.default_rng(7).random(len(times)), 6) for name in ("cart", "orders")}
    values["orders"][100:140] = np.nan
    server = request.getfixturevalue(kind)(
        series=[
            sample("orders_waiting", times[~np.isnan(row)], row[~np.isnan(row)], service=name, pod=f"{name}-1")
            for name, row in values.items()
        ]
    )
    need = SeriesNeed("service", "queue.length", 2 * DAY, 300.0)
    reading = measure(server.url, need, signals=[queue()])
    assert not gaps(reading)
    assert [series.subject.name for series in reading.series] == ["cart", "orders"]
    cart, orders = reading.series
    window = times >= NOW - 2 * DAY
    assert np.array_equal(cart.times, times[window]) and np.array_equal(cart.values, values["cart"][window])
    written = dict(zip(times.tolist(), values["orders"].tolist(), strict=True))
    assert all(
        written[time] == value or np.isnan(written[time])
        for time, value in zip(orders.times, orders.values, strict=True)
    )
    assert reading.measured[0].until == NOW


@pytest.mark.server
def test_parts_join_without_a_seam(prometheus_server):
    times = np.arange(NOW - 2 * DAY, NOW + 1, 60.0)
    server = prometheus_server(
        series=[sample("orders_waiting", times, times - times[0], service=f"s{number}") for number in range(7)]
    )
    need = SeriesNeed("service", "queue.length", 2 * DAY, 60.0)
    signals = [{**queue(), "step": "1m"}]
    whole = measure(server.url, need, signals=signals)
    parts = measure(server.url, need, signals=signals, budget={"samples_per_request": 1000})
    assert len(whole.series) == 7 and len(whole.series[0].times) == 2881
    for one, other in zip(whole.series, parts.series, strict=True):
        assert np.array_equal(one.times, other.times) and np.array_equal(one.values, other.values)
    assert len({id(series.times) for series in whole.series}) == 1, "series of one grid share their times"


@pytest.mark.server
def test_the_servers_own_limit_is_met_by_smaller_parts(prometheus_server):
    times = np.arange(NOW - DAY, NOW + 1, 60.0)
    server = prometheus_server(
        arguments=["--query.max-samples=2000"],
        series=[sample("orders_waiting", times, 1.0, service=f"s{number}") for number in range(20)],
    )
    reading = measure(server.url, SeriesNeed("service", "queue.length", DAY, 300.0), signals=[queue()])
    assert not gaps(reading)
    assert [len(series.times) for series in reading.series] == [289] * 20


@pytest.mark.server
def test_the_second_night_asks_only_for_what_is_new_and_catches_late_samples(prometheus_server):
    times = np.arange(NOW - 3 * DAY, NOW + 1, 300.0)
    early = times[times <= NOW - DAY - 1800]
    server = prometheus_server(series=[sample("orders_waiting", early, 1.0, service="cart")])
    need = SeriesNeed("service", "queue.length", 3 * DAY, 300.0)
    night = AS_OF - timedelta(days=1)
    first = measure(server.url, need, signals=[queue()], as_of=night)
    assert first.measured[0].until == NOW - DAY
    server.write([sample("orders_waiting", times[times > NOW - DAY - 1800], 2.0, service="cart")])
    held = Ledger({("service", "queue.length"): first.measured[0].until})
    second = measure(server.url, need, signals=[queue()], ledger=held)
    (series,) = second.series
    assert series.times[0] == NOW - DAY - 3600, "an hour of overlap"
    assert (series.values[series.times > NOW - DAY - 1800] == 2.0).all(), "late samples are there"


def needs(*keys):
    return [SeriesNeed("scrape_job", key, 3600.0, 300.0) for key in keys]


def test_what_does_not_fit_is_said_and_comes_first_the_next_night():
    keys = ("samples", "scrape_duration", "targets", "up")
    points = [(NOW - 3600 + 300 * step, "1") for step in range(13)]
    answer = matrix(({"job": "a"}, points))
    answer["data"]["stats"] = {"samples": {"totalQueryableSamples": 60}, "timings": {"evalTotalTime": 0.1}}
    with fake_server(lambda _: Reply(200, answer)) as server:
        first = measure(server.url, *needs(*keys), budget={"samples": 100})
        assert len(first.measured) == 2
        skipped = set(keys) - {entry.key for entry in first.measured}
        assert all("tonight's load budget is spent (120 of 100 samples" in gap for gap in gaps(first))
        assert len(gaps(first)) == 2
        again = measure(server.url, *needs(*keys), budget={"samples": 100})
        assert again.measured == first.measured, "the same night asks the same"
        held = Ledger({("scrape_job", entry.key): entry.until for entry in first.measured})
        second = measure(
            server.url, *needs(*keys), budget={"samples": 100}, ledger=held, as_of=AS_OF + timedelta(days=1)
        )
        assert {entry.key for entry in second.measured} == skipped
        assert not gaps(second) and len(second.notes) >= 2, "knowledge of last night is a note, not a gap"


def test_query_time_is_a_budget_too():
    answer = matrix()
    answer["data"]["stats"] = {"timings": {"evalTotalTime": 40.0}}
    with fake_server(lambda _: Reply(200, answer)) as server:
        reading = measure(server.url, *needs("samples", "targets", "up"), budget={"query_time": "1m"})
    assert len(reading.measured) == 2
    assert "80 of 60 s of query time" in gaps(reading)[0]


def test_a_half_fetched_key_goes_on_where_it_stopped():
    points = [(NOW - 10 * DAY + 300 * step, "1") for step in range(2881)]

    def answer(request):
        start, end = float(request.parameters["start"]), float(request.parameters["end"])
        inside = [point for point in points if start <= point[0] <= end]
        return Reply(200, matrix(({"job": "a"}, inside)))

    need = SeriesNeed("scrape_job", "up", 10 * DAY, 300.0)
    budget = {"samples": 1000, "samples_per_request": 1000}
    with fake_server(answer) as server:
        first = measure(server.url, need, budget=budget)
        (measured,) = first.measured
        assert NOW - 9 * DAY < measured.until < NOW - DAY
        assert first.series[0].times[-1] == measured.until
        second = measure(server.url, need, budget=budget, ledger=Ledger({("scrape_job", "up"): measured.until}))
    assert second.measured[0].until == NOW
    assert second.series[0].times[0] == measured.until - 3600


def test_what_nobody_measures_here_is_not_asked():
    with fake_server(lambda _: Reply(200, matrix())) as server:
        reading = measure(server.url, SeriesNeed("service", "mood", 3600.0, 300.0))
    assert not server.requests and not reading.coverage


def test_a_long_query_is_sent_as_a_form():
    with fake_server(lambda _: Reply(200, matrix())) as server:
        long = {**queue(), "query": " or ".join(f'orders_waiting{{service="{number}"}}' for number in range(200))}
        measure(server.url, SeriesNeed("service", "queue.length", 3600.0, 300.0), signals=[long])
    (request,) = server.requests
    assert request.method == "POST" and request.parameters["query"] == long["query"]


def test_a_signal_that_is_preferred_decides():
    def answer(request):
        value = "1" if "preferred" in request.parameters["query"] else "2"
        names = ("a",) if value == "1" else ("a", "b")
        return Reply(200, matrix(*(({"job": name}, [(NOW, value)]) for name in names)))

    mine = {
        "name": "mine/up",
        "kind": "scrape_job",
        "key": "up",
        "unit": "ratio",
        "meaning": "Share of targets that answered, by our own rule.",
        "query": "preferred",
        "subject": "{job}",
    }
    with fake_server(answer) as server:
        reading = measure(server.url, *needs("up"), signals=[mine])
    assert [(series.subject.name, series.values[0]) for series in reading.series] == [("a", 1.0), ("b", 2.0)]


def test_two_connections_and_no_more():
    import threading

    running, most, lock = 0, 0, threading.Lock()

    def answer(request):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.05)
        with lock:
            running -= 1
        start = float(request.parameters["start"])
        return Reply(200, matrix(({"job": "a"}, [(start, "1")])))

    with fake_server(answer) as server:
        measure(server.url, SeriesNeed("scrape_job", "up", 300 * DAY, 300.0), budget={"samples_per_request": 1000})
    assert most == 2
