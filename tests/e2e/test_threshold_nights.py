"""More thresholds than a night's budget settles, on a real Prometheus: blind at first, then clean, with all judged."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import yaml

from driftbot.core.subject import SubjectId
from driftbot.store.store import Store
from tests.e2e.estate import Estate
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import sample

pytestmark = pytest.mark.server

DAY = 86400.0
ALERTS = 12
BUDGET = 3_000
"""Samples of a night: about four conditions of one series at an hourly step over thirty days."""

CONFIG = """\
rules:
  shipped: [threshold-fits-its-data]
sources:
  - {{name: prometheus, kind: prometheus, environment: production, url: "{url}", budget: {{samples: {budget}}}}}
"""


def rules(**limits: float) -> dict[str, str]:
    """Alerts named L00, L01, … about one series each."""
    alerts = [
        {"alert": f"L{number:02d}", "expr": f'load{{n="{number}"}} > {limits.get(f"L{number:02d}", 0.9)}'}
        for number in range(ALERTS)
    ]
    return {"load.yml": yaml.safe_dump({"groups": [{"name": "load", "interval": "1h", "rules": alerts}]})}


def test_blind_until_all_are_judged_then_clean_and_a_changed_threshold_is_measured_first(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time() // 3600 * 3600  # samples lie on the whole hours, at which is looked first
    times = np.arange(now - 50 * DAY, now, 600.0)
    daily = 0.3 + 0.2 * np.sin(2 * np.pi * times / DAY) + 0.01 * np.random.default_rng(7).normal(size=times.size)
    server = prometheus_server(
        rules=rules(), series=[sample("load", times, daily, n=str(number)) for number in range(ALERTS)]
    )
    estate.write("driftbot.yaml", CONFIG.format(url=server.url, budget=BUDGET))

    codes, left = [], []
    for night in range(7):
        ended = estate.driftbot("scan", "--as-of", iso(now - (9 - night) * DAY), "--format", "json")
        codes.append(ended.code)
        left.append([cause["reason"] for cause in ended.report["blindness"]])
    blind = codes.index(0)
    assert 2 <= blind <= 5 and codes == [1] * blind + [0] * (7 - blind), (codes, left)
    assert all(f"of {ALERTS} thresholds were not judged within 14 nights" in reason for (reason,) in left[:blind])

    server.use_rules(rules(L11=0.002))
    changed = estate.driftbot("scan", "--as-of", iso(now - 2 * DAY), "--format", "json")
    assert changed.code == 2, changed.out + changed.err
    (found,) = changed.report["findings"]
    assert found["subject"]["name"].endswith("L11/1") and "> 0.002 holds almost all the time: fires" in found["message"]

    server.stop()
    down = estate.driftbot("scan", "--as-of", iso(now - 1 * DAY), "--format", "json")
    assert down.code == 1, "whatever is remembered, a server that is down is told"
    with Store.open(f"sqlite:///{estate.folder / 'driftbot.db'}") as store:
        lives = store.history(SubjectId("condition", "production", "L00/1"), "fit.verdict")
        times_measured = store.history(SubjectId("condition", "production", "L00/1"), "fit.measured_at")
    assert [life.fact.value for life in lives] == ["fits"], "one interval, however often it was measured or restated"
    assert len(times_measured) >= 2


def test_a_recorded_night_is_replayed_as_it_was_whatever_the_store_remembers(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time() // 3600 * 3600  # samples lie on the whole hours, at which is looked first
    times = np.arange(now - 40 * DAY, now, 600.0)
    server = prometheus_server(
        rules=rules(), series=[sample("load", times, 0.3, n=str(number)) for number in range(ALERTS)]
    )
    estate.write("driftbot.yaml", CONFIG.format(url=server.url, budget=BUDGET))
    for night in (3, 2):
        estate.driftbot("scan", "--as-of", iso(now - night * DAY))
    for name in ("one", "two"):
        estate.driftbot("record", "--as-of", iso(now - DAY), "--output", name)
    one, two = (estate.driftbot("scan", "--replay", name, "--format", "json") for name in ("one", "two"))
    assert one.code == two.code == 1, "a recording begins with nothing, and so does its replay"
    assert (one.report["blindness"], one.report["findings"]) == (two.report["blindness"], two.report["findings"])
    assert one.out == estate.driftbot("scan", "--replay", "one", "--format", "json").out
    files = {
        name: {path.name: path.read_bytes() for path in (estate.folder / name).rglob("*query-range*")}
        for name in ("one", "two")
    }
    assert files["one"].keys() == files["two"].keys() and files["one"]


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
