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
    """What an imagined store holds after readings, the last of a key counts."""

    def __init__(self, *readings):
        self.spans = {(entry.kind, entry.key): entry.span for reading in readings for entry in reading.measured}

    def held(self, environment, kind, key, source):
        assert (environment, source) == ("production", "prometheus")
        return self.spans.get((kind, key))


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
    span = reading.measured[0].span
    assert (span.since, span.until, span.step) == (NOW - 2 * DAY, NOW, 300.0)


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
    assert first.measured[0].span.until == NOW - DAY
    server.write([sample("orders_waiting", times[times > NOW - DAY - 1800], 2.0, service="cart")])
    second = measure(server.url, need, signals=[queue()], ledger=Ledger(first))
    (series,) = second.series
    assert series.times[0] == NOW - DAY - 3600, "an hour of overlap"
    assert (series.values[series.times > NOW - DAY - 1800] == 2.0).all(), "late samples are there"


def needs(*keys):
    return [SeriesNeed("scrape_job", key, 36 * 3600.0, 6000.0) for key in keys]


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
        later = AS_OF + timedelta(days=1)
        second = measure(server.url, *needs(*keys), budget={"samples": 100}, ledger=Ledger(first), as_of=later)
        assert {entry.key for entry in second.measured} == skipped
        assert not gaps(second) and len(second.notes) >= 2, "knowledge of last night is a note, not a gap"


def test_query_time_is_a_budget_too():
    answer = matrix()
    answer["data"]["stats"] = {"timings": {"evalTotalTime": 40.0}}
    with fake_server(lambda _: Reply(200, answer)) as server:
        reading = measure(server.url, *needs("samples", "targets", "up"), budget={"query_time": "1m"})
    assert len(reading.measured) == 2
    assert "80 of 60 s of query time" in gaps(reading)[0]


def of_twenty_days(request):
    """A server that has one sample each five minutes, of twenty days."""
    start, end, step = (float(request.parameters[name]) for name in ("start", "end", "step"))
    times = np.arange(max(start, NOW - 20 * DAY), end + 1, step)
    return Reply(200, matrix(({"job": "a", "cluster": "c"}, [(time, "1") for time in times.tolist()])))


def asked(server):
    """The times that a server was asked for, and in which steps: (start, end, step)."""
    return [tuple(float(one.parameters[name]) for name in ("start", "end", "step")) for one in server.requests]


def up(days, step=300.0):
    return SeriesNeed("scrape_job", "up", days * DAY, step)


def test_a_half_fetched_key_has_its_newest_part_and_goes_on_where_it_stopped():
    budget = {"samples": 1000, "samples_per_request": 1000}
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(20), budget=budget)
        (entry,) = first.measured
        assert entry.span.until == NOW and NOW - 9 * DAY < entry.span.since < NOW - DAY
        assert first.series[0].times[0] == entry.span.since and first.series[0].times[-1] == NOW
        assert "tonight's load budget is spent" in gaps(first)[0]
        second = measure(server.url, up(20), budget=budget, ledger=Ledger(first))
        assert second.measured[0].span.since < entry.span.since and gaps(second), "the window is still too short"
        third = measure(server.url, up(20), budget=budget, ledger=Ledger(second))
    assert third.measured[0].span.since == NOW - 20 * DAY and not gaps(third)
    parts = [reading.series[0].times for reading in (first, second, third)]
    assert np.array_equal(np.unique(np.concatenate(parts)), np.arange(NOW - 20 * DAY, NOW + 1, 300.0))


def test_a_longer_window_fetches_the_older_part_and_no_more():
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2))
        later = AS_OF + timedelta(days=1)
        server.requests.clear()
        second = measure(server.url, up(8), ledger=Ledger(first), as_of=later)
        held, (series,) = NOW - 2 * DAY, second.series
        assert second.measured[0].span.since == NOW - 7 * DAY
        assert series.times[0] == NOW - 7 * DAY and np.all(np.diff(series.times) > 0)
        assert not any(held < start and end < NOW - 3600 for start, end, _ in asked(server))
        assert not ((series.times > held) & (series.times < NOW - 3600)).any(), "what is held is not fetched again"
        server.requests.clear()
        measure(server.url, up(8), ledger=Ledger(second), as_of=later + timedelta(days=1))
        assert min(start for start, _, _ in asked(server)) == NOW + DAY - 3600, "the night after is cheap again"


def test_a_shorter_window_and_a_window_longer_by_a_step_fetch_nothing_old():
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(8))
        for need in (up(2), SeriesNeed("scrape_job", "up", 9 * DAY + 300.0, 300.0)):
            server.requests.clear()
            measure(server.url, need, ledger=Ledger(first), as_of=AS_OF + timedelta(days=1))
            assert min(start for start, _, _ in asked(server)) == NOW - 3600


UP_FINE = {
    "name": "mine/up",
    "kind": "scrape_job",
    "key": "up",
    "unit": "ratio",
    "meaning": "Share of targets that answered, by our own rule.",
    "query": "min by (job) (up)",
    "subject": "{job}",
    "step": "1m",
}
ONLY_MINE = {"signals": [UP_FINE], "without": ["prometheus/scrape.up"]}


def test_a_clearly_finer_step_is_fetched_for_the_whole_window():
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2, 300.0), **ONLY_MINE)
        second = measure(server.url, up(2, 60.0), ledger=Ledger(first), **ONLY_MINE)
    (series,) = second.series
    assert np.array_equal(series.times, np.arange(NOW - 2 * DAY, NOW + 1, 60.0))
    assert second.measured[0].span.step == 60.0


@pytest.mark.parametrize("step", [240.0, 310.0, 450.0])
def test_a_step_about_the_same_goes_on_with_the_held_one(step):
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2, 300.0), **ONLY_MINE)
        server.requests.clear()
        second = measure(server.url, up(2, step), ledger=Ledger(first), **ONLY_MINE)
    assert {step for _, _, step in asked(server)} == {300.0}
    assert second.series[0].times[0] == NOW - 3600 and second.measured[0].span.step == 300.0


def test_a_coarser_step_is_taken_at_once_and_noted():
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2, 60.0), **ONLY_MINE)
        second = measure(server.url, up(2, 600.0), ledger=Ledger(first), **ONLY_MINE)
        third = measure(server.url, up(2, 60.0), ledger=Ledger(second), **ONLY_MINE)
    assert second.measured[0].span.step == 600.0 and second.series[0].times[0] == NOW - 3600
    assert third.series[0].times[0] == NOW - 2 * DAY, "the finer ones of the last hour are missing: all anew"


@pytest.mark.parametrize(
    "change", [{"query": "max by (job) (up)"}, {"subject": "{cluster}/{job}"}, {"aggregation": "sum"}]
)
def test_a_signal_that_was_changed_is_fetched_anew(change):
    edited = {**ONLY_MINE, "signals": [{**UP_FINE, **change}]}
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2), **ONLY_MINE)
        second = measure(server.url, up(2), ledger=Ledger(first), **edited)
        assert min(start for start, _, _ in asked(server)[-2:]) <= NOW - 2 * DAY
        (old,), (new,) = first.measured, second.measured
        assert new.span.replaces(old.span) and new.span.since == NOW - 2 * DAY
        renamed = {**ONLY_MINE, "signals": [{**UP_FINE, "meaning": "Said otherwise, measured alike."}]}
        third = measure(server.url, up(2), ledger=Ledger(first), **renamed)
        assert not third.measured[0].span.replaces(old.span)


def test_a_changed_signal_that_cannot_be_asked_leaves_nothing_of_the_old_one():
    with fake_server(of_twenty_days) as server:
        first = measure(server.url, up(2), **ONLY_MINE)
    edited = {**ONLY_MINE, "signals": [{**UP_FINE, "query": "max by (job) (up)"}]}
    second = measure(server.url, up(2), ledger=Ledger(first), **edited)
    (entry,) = second.measured
    assert gaps(second) and not second.series
    assert entry.span.replaces(first.measured[0].span) and entry.span.since == entry.span.until
    with fake_server(of_twenty_days) as server:
        third = measure(server.url, up(2), ledger=Ledger(second), as_of=AS_OF + timedelta(days=1), **edited)
    assert third.series[0].times[0] == NOW - DAY


def test_what_nobody_measures_here_is_not_asked():
    with fake_server(lambda _: Reply(200, matrix())) as server:
        reading = measure(server.url, SeriesNeed("service", "mood", 3600.0, 300.0))
    assert not server.requests and not reading.coverage


def test_a_long_query_is_sent_as_a_form():
    with fake_server(lambda _: Reply(200, matrix())) as server:
        long = {**queue(), "query": " or ".join(f'orders_waiting{{service="{number}"}}' for number in range(90))}
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
