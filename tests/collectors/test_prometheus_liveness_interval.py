"""How often what conditions read is scraped: by targets, by a rule's group, by the samples' distance."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from driftbot.collectors.prometheus_liveness_interval import SPAN, USUAL, usual_interval
from driftbot.core.quantity import Quantity, Unit
from tests.collectors.liveness_scene import ask, facts_of, gaps, said, series
from tests.servers.fake import Reply, fake_server, matrix

pytestmark = pytest.mark.filterwarnings("error")

SCRAPING = """\
global: {scrape_interval: 1s}
scrape_configs:
- job_name: quick
  static_configs: [{targets: ["URL"]}]
- job_name: slow
  scrape_interval: 12s
  static_configs: [{targets: ["URL"], labels: {zone: a}}]
"""


def seconds(value):
    return Quantity(value, Unit.SECONDS)


def of_first(reading, key):
    return {name.partition("/")[0]: value for name, value in said(reading, key).items()}


@pytest.mark.server
def test_the_intervals_of_real_targets(prometheus_server):
    scraped = prometheus_server()
    server = prometheus_server(config=SCRAPING.replace("URL", scraped.url.removeprefix("http://")))
    deadline = time.monotonic() + 30
    while len(server.query("count by (job) (process_open_fds)", time.time() - 2)) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    alerts = {
        "Quick": 'rate(process_cpu_seconds_total{job="quick"}[3s]) > 1',
        "Slow": 'rate(process_cpu_seconds_total{job="slow"}[40s]) > 1',
        "Both": "increase(process_cpu_seconds_total[48s]) > 1",
        "Gauge": 'process_open_fds{job="quick"} > 1',
        "Averaged": 'avg_over_time(process_open_fds{job="slow"}[1m]) > 1',
        "Nothing": "rate(nothing_total[5m]) > 1",
    }
    reading = ask(server.url, facts_of(alerts.items()), as_of=datetime.fromtimestamp(time.time(), UTC))
    assert not gaps(reading)
    assert of_first(reading, "scrape_interval") == {
        "Quick": seconds(1.0),
        "Slow": seconds(12.0),
        "Both": seconds(12.0),
        "Gauge": seconds(1.0),
        "Averaged": seconds(12.0),
    }
    scrapes = {name: round(value.value, 3) for name, value in of_first(reading, "scrapes_a_window").items()}
    assert scrapes == {"Quick": 3.0, "Slow": 3.333, "Both": 4.0}, "only rates need several scrapes in their range"


@pytest.mark.server
@pytest.mark.parametrize("kind", ["prometheus_server", "victoria_metrics_server"])
def test_where_no_target_tells_it_the_samples_do(request, kind):
    written = [
        series("fast_total", 0.1, 0, 15.0, job="pushed", pod="a"),
        series("fast_total", 0.1, 0, 15.0, job="pushed", pod="b"),
        series("fast_total", 0.1, 0, 15.0, job="pushed", pod="c"),
        series("fast_total", 0.001, 0, 15.0, job="pushed", pod="began just now"),
        series("minutely_total", 0.1, 0, 60.0, job="pushed"),
        series("five_minutes_total", 0.1, 0, 300.0, job="pushed"),
        series("mixed_total", 0.1, 0, 15.0, job="pushed", pod="a"),
        series("mixed_total", 0.1, 0, 60.0, job="pushed", pod="b"),
        series("shop:requests:rate5m", 0.1, 0, 15.0),
    ]
    server = request.getfixturevalue(kind)(series=written)
    alerts = {
        "Fast": "rate(fast_total[1m]) > 1",
        "Minutely": "rate(minutely_total[1m]) > 1",
        "Ratio": "rate(fast_total[5m]) / rate(minutely_total[2m]) > 1",
        "FiveMinutes": "rate(five_minutes_total[1h]) > 1",
        "Mixed": "rate(mixed_total[5m]) > 1",
        "Recorded": "avg_over_time(shop:requests:rate5m[1h]) > 1",
        "RateOfRecorded": "deriv(shop:requests:rate5m[3m]) > 1",
        "Resampled": "rate(fast_total[5m:1m]) > 1",
    }
    about = facts_of(alerts.items(), [("shop:requests:rate5m", "rate(fast_total[5m])")], pace=60.0)
    reading = ask(server.url, about)
    assert not gaps(reading)
    assert {name: value.value for name, value in of_first(reading, "scrape_interval").items()} == {
        "Fast": 15.0,
        "Minutely": 60.0,
        "Ratio": 60.0,
        "FiveMinutes": 300.0,
        "Recorded": 60.0,
        "RateOfRecorded": 60.0,
        "Resampled": 15.0,
    }
    assert {name: value.value for name, value in of_first(reading, "scrapes_a_window").items()} == {
        "Fast": 4.0,
        "Minutely": 1.0,
        "Ratio": 2.0,
        "FiveMinutes": 12.0,
        "RateOfRecorded": 3.0,
    }


@pytest.mark.parametrize("interval", USUAL)
def test_a_usual_interval_is_known_by_the_number_of_its_samples(interval):
    samples = SPAN / interval
    assert usual_interval(samples) == interval
    assert usual_interval(samples - 1) == interval or samples < 4, "one scrape failed"


@pytest.mark.parametrize("samples", [0, 1, 27, 75, 8, 1000])
def test_a_number_of_samples_that_no_usual_interval_gives_says_nothing(samples):
    assert usual_interval(samples) == 0.0


def test_odd_targets_are_passed_over():
    targets = [
        None,
        {"labels": None},
        {"labels": {"job": "a"}, "scrapeInterval": "often"},
        {"labels": {"job": "a"}, "scrapeInterval": "1m"},
        {"labels": {"job": "a"}, "scrapeInterval": "15s"},
        {"labels": {}, "scrapeInterval": "15s"},
    ]

    def answer(request):
        if request.path == "/api/v1/targets":
            return Reply(200, {"status": "success", "data": {"activeTargets": targets}})
        return Reply(200, matrix(({"job": "a", "driftbot_question": "0"}, [(1.0, "3")])))

    with fake_server(answer) as server:
        reading = ask(server.url, facts_of([("A", "rate(a_total[2m]) > 1")]))
    assert list(said(reading, "scrape_interval").values()) == [seconds(60.0)]
    assert [value.value for value in said(reading, "scrapes_a_window").values()] == [2.0]
