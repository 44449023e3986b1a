"""What is called looser fires no more, what is stricter no less, what is the same alike: asked of a real server."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from driftbot.alerts.change import Direction
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import definition
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample

pytestmark = pytest.mark.server

PAIRS = 1_500
SEED = 20261122
TEMPLATES = (
    "{metric}{matchers} {operator} {limit}",
    "{limit} {operator} {metric}{matchers}",
    "100 * {metric}{matchers} {operator} {limit}",
    "1 - {metric}{matchers} {operator} {limit}",
    "sum by (job) ({metric}{matchers}) {operator} {limit}",
    "count({metric}{matchers} > {limit}) {operator} 2",
    "min({metric}{matchers}) {operator} {limit}",
    "max by (zone) ({metric}{matchers}) {operator} {limit}",
    "avg({metric}{matchers}) {operator} {limit}",
    "max_over_time({metric}{matchers}[{window}]) {operator} {limit}",
    "min_over_time({metric}{matchers}[{window}]) {operator} {limit}",
    "rate(errors_total{matchers}[{window}]) {operator} {limit}",
    "count_over_time({metric}{matchers}[{window}]) {operator} {limit}",
    "sum(errors_total{matchers}) / sum(size_bytes) {operator} {limit}",
    "sum(size_bytes) / sum(size_bytes{matchers}) {operator} {limit}",
    "size_bytes{matchers} {operator} {limit} * errors_total",
    "absent({metric}{matchers} > {limit})",
    "topk(2, {metric}{matchers}) {operator} {limit}",
    "{low} < {metric}{matchers} < {limit}",
    "{metric}{matchers}",
)
CHOICES = {
    "metric": ("gauge", "errors_total", "size_bytes"),
    "matchers": ("", '{job="a"}', '{job=~"a|b"}', '{job!="a"}', '{job=~"a.*"}', '{zone="y"}', '{zone="y",job!~"b|c"}'),
    "operator": (">", ">=", "<", "<=", "==", "!="),
    "limit": ("-4", "-1", "0", "1", "2", "3.5", "7"),
    "low": ("-4", "-1", "0"),
    "window": ("2m", "5m", "9m"),
}
JOINS = ("{a}", "{a}", "({a}) and ({b})", "({a}) or ({b})", "({a}) unless ({b})", "({b}) unless ({a})")


def data(now: float) -> list[Samples]:
    """Three metrics of six series each, one of which ended seven minutes ago."""
    chosen = np.random.default_rng(SEED)
    times = np.arange(now - 900, now, 30.0)
    found = []
    for job in "abc":
        for zone in "yz":
            ended = times[times < now - 420] if (job, zone) == ("c", "z") else times
            count = len(ended)
            found += [
                sample("gauge", ended, chosen.integers(-5, 8, count).astype(float), job=job, zone=zone),
                sample(
                    "errors_total", ended, np.cumsum(chosen.integers(0, 3, count)).astype(float), job=job, zone=zone
                ),
                sample("size_bytes", ended, chosen.integers(1, 9, count).astype(float), job=job, zone=zone),
            ]
    return found


def pair(chosen: random.Random) -> tuple[str, str]:
    """An expression, and the same one with one or two of its parts chosen anew."""
    join, first, second = chosen.choice(JOINS), chosen.choice(TEMPLATES), chosen.choice(TEMPLATES)
    words = [{name: chosen.choice(of) for name, of in CHOICES.items()} for _ in "ab"]
    old = join.format(a=first.format(**words[0]), b=second.format(**words[1]))
    for _ in range(chosen.choice((1, 1, 1, 2))):
        name = chosen.choice(tuple(CHOICES))
        words[chosen.randrange(2)][name] = chosen.choice(CHOICES[name])
    joined = chosen.choice(JOINS) if chosen.random() < 0.1 else join
    return old, joined.format(a=first.format(**words[0]), b=second.format(**words[1]))


def test_a_direction_holds_for_what_fires(prometheus_server: Callable[..., PrometheusServer]) -> None:
    now = time.time()
    server, chosen, told = prometheus_server(series=data(now)), random.Random(SEED), Counter[str]()
    for _ in range(PAIRS):
        old, new = pair(chosen)
        found = {change.direction for change in changes(definition("A", old), definition("A", new))}
        fires = [len(server.query(expression, now)) for expression in (old, new)]
        said = f"{old}  →  {new}: {fires}"
        told[" ".join(sorted(found)) or "same"] += fires[0] != fires[1] or not found
        if not found:
            assert fires[0] == fires[1], said
        elif found == {Direction.LOOSER}:
            assert fires[0] >= fires[1], said
        elif found == {Direction.STRICTER}:
            assert fires[0] <= fires[1], said
    assert min(told["looser"], told["stricter"], told["same"]) > PAIRS / 60, f"too few that can fail: {told}"
