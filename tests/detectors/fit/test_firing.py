"""When an alert fires: against promtool, which evaluates rules as Prometheus does, and by laws of its own."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftbot.detectors.fit.firing import bridged, evaluations, firing_starts, kept_evaluations, sustained
from driftbot.detectors.fit.levels import Levels
from driftbot.detectors.fit.threshold import Samples, Threshold
from driftbot.promql.condition import Comparison
from tests.servers.process import binary

LENGTH = 45
HOLDS, KEPT = (0, 30, 60, 90, 150, 300, 420), (0, 60, 90, 180)


def generated(seed):
    """Samples that stay about a threshold for a while, some of them missing."""
    random = np.random.default_rng(seed)
    values = np.repeat(random.integers(0, 3, LENGTH), random.integers(1, 9, LENGTH))[:LENGTH].astype(float)
    values[random.random(LENGTH) < 0.1] = np.nan
    return values


def rule(seed):
    random = np.random.default_rng([seed, 1])
    comparison = list(Comparison)[seed % 6]
    return Threshold(comparison, 1.0, float(random.choice(HOLDS)), float(random.choice(KEPT)))


def written(alert, asked):
    return {
        "alert": alert,
        "expr": f"measured {asked.comparison} {asked.value}",
        "for": f"{asked.hold:.0f}s",
        "keep_firing_for": f"{asked.keep_firing:.0f}s",
    }


def promtool(directory, seeds):
    """At which minutes each alert fires as promtool says: it expects nothing, and tells what it got."""
    rules = [written(f"A{seed}", rule(seed)) for seed in seeds]
    tests = []
    for seed in seeds:
        samples = " ".join("stale" if np.isnan(value) else f"{value:g}" for value in generated(seed))
        group = {"name": f"g{seed}", "interval": "1m", "rules": [rules[list(seeds).index(seed)]]}
        (directory / f"r{seed}.yml").write_text(yaml.safe_dump({"groups": [group]}))
        expression = f"ALERTS{{alertname='A{seed}',alertstate='firing'}}"
        asked = [{"expr": expression, "eval_time": f"{minute}m", "exp_samples": []} for minute in range(LENGTH)]
        test = {
            "rule_files": [f"r{seed}.yml"],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [{"series": "measured", "values": samples}],
                    "promql_expr_test": asked,
                }
            ],
        }
        (directory / f"t{seed}.yml").write_text(yaml.safe_dump(test))
        tests.append(f"t{seed}.yml")
    done = subprocess.run(
        [binary("promtool"), "test", "rules", *tests], cwd=directory, capture_output=True, text=True, timeout=120
    )
    told = done.stdout + done.stderr
    firing = {seed: np.zeros(LENGTH, dtype=bool) for seed in seeds}
    pattern = re.compile(r"alertname='A(\d+)'[^\n]*time: (\w+),\s*exp:[^\n]*\s*got:\s*(\{[^\n]*)")
    for number, at, _ in pattern.findall(told):
        minutes = sum(int(n) * {"h": 60, "m": 1, "s": 0}[unit] for n, unit in re.findall(r"(\d+)([hms])", at))
        firing[int(number)][minutes] = True
    return firing, told


@pytest.mark.server
def test_firings_are_counted_as_promtool_evaluates_them(tmp_path):
    seeds = range(120)
    firing, told = promtool(tmp_path, seeds)
    assert sum(flags.any() for flags in firing.values()) > 50, told[:2000]
    for seed in seeds:
        asked = rule(seed)
        theirs = firing[seed] & ~np.concatenate(([False], firing[seed][:-1]))
        levels = Levels(asked, Samples(generated(seed)[np.newaxis], 0.0, 60.0, 60.0))
        ours = firing_starts(
            levels.beyond(levels.held_exactly, levels.limit),
            levels.beyond(levels.plain, levels.limit),
            kept_evaluations(asked.keep_firing, 60.0),
        )[0]
        assert np.array_equal(ours, theirs), (seed, asked, generated(seed), ours.astype(int), theirs.astype(int))


rows = st.lists(st.one_of(st.integers(0, 4).map(float), st.just(float("nan"))), min_size=1, max_size=60).map(
    lambda row: np.array([row])
)


@given(rows, st.integers(1, 9))
def test_what_is_held_is_the_lowest_of_the_last_samples(levels, count):
    held = sustained(levels, count)[0]
    for at in range(levels.shape[1]):
        last = levels[0, max(0, at - count + 1) : at + 1]
        expected = last.min() if len(last) == count else np.nan
        assert held[at] == expected or (np.isnan(held[at]) and np.isnan(expected))


@given(rows, st.sampled_from([30.0, 60.0, 150.0, 300.0, 3600.0]))
def test_bridging_fills_short_holes_with_what_came_before(levels, step):
    filled = bridged(levels, step)
    reach = max(1, int(300 // step))
    for at in range(levels.shape[1]):
        before = [place for place in range(max(0, at - reach), at + 1) if not np.isnan(levels[0, place])]
        expected = levels[0, before[-1]] if before else np.nan
        assert filled[0, at] == expected or (np.isnan(filled[0, at]) and np.isnan(expected))


@given(rows, st.integers(1, 5), st.floats(0, 4), st.floats(0, 4))
def test_a_stricter_threshold_is_held_wherever_a_looser_one_is(levels, count, one, other):
    held = sustained(levels, count)
    low, high = sorted((one, other))
    assert not ((held > high) & ~(held > low)).any()


def test_how_many_evaluations_span_a_hold():
    assert [evaluations(hold, 60.0) for hold in (0.0, 1.0, 60.0, 61.0, 300.0)] == [1, 2, 2, 3, 6]
    assert evaluations(0.3, 0.1) == 4, "not 5 by the noise of binary fractions"
    assert [kept_evaluations(keep, 60.0) for keep in (0.0, 59.0, 60.0, 61.0)] == [0, 1, 1, 2]
