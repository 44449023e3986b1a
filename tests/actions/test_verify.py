"""Conditions that have to hold for a time, judged by a real Prometheus: held, violated, missing, not yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.actions.action import Action, ActionFailed, Standing
from driftbot.actions.held_condition import Grid, Holding, judge, read_condition
from driftbot.actions.verify import action
from driftbot.collectors.prometheus_matrix import Matrix, MatrixSeries
from driftbot.edits.edit import Refused
from tests.actions.server_scene import NOW, occasion, prometheus, proposed, tools
from tests.servers.fake import Reply, fake_server, matrix
from tests.servers.remote_write import sample

SETTINGS = {"source": "live", "promql": "max(queue) < 10", "for": "10m", "after": "1m", "patience": "5m"}
START = NOW.timestamp() + 60
TIMES = START + np.arange(-60, 660, 15)


def at(minutes, url, **more):
    return tools(Path(), {}, NOW + timedelta(minutes=minutes), live=prometheus(url, **more))


def begun(url, **more):
    """The step and the effect of performing it at ``NOW``."""
    with_tools = at(0, url)
    step = proposed(action, {**SETTINGS, **more}, occasion(), with_tools)
    effect = action.perform(step, "k", with_tools)
    assert effect.pending
    assert effect.again == NOW + timedelta(minutes=11)
    return step, effect.body


def test_it_is_an_action_that_never_acts():
    assert isinstance(action, Action)


@pytest.mark.server
def test_a_condition_that_holds_is_pending_until_its_time_is_over(prometheus_server):
    server = prometheus_server(series=[sample("queue", TIMES, 9.5, pod="a"), sample("queue", TIMES[:9], 3, pod="b")])
    step, effect = begun(server.url)
    assert action.sight(step, "", at(0, server.url)).standing is Standing.BEFORE
    early = action.sight(step, effect, at(0.5, server.url))
    assert (early.standing, early.again) == (Standing.PENDING, NOW + timedelta(minutes=11))
    assert action.sight(step, effect, at(6, server.url)).standing is Standing.PENDING
    held = action.sight(step, effect, at(11, server.url))
    assert held.standing is Standing.AFTER
    assert "held at all 41 steps of 1 series" in held.told


@pytest.mark.server
def test_one_violation_is_enough_and_is_told_before_the_time_is_over(prometheus_server):
    values = np.where(TIMES == START + 120, 10.0, 2.0)
    server = prometheus_server(series=[sample("queue", TIMES, values, pod="a\n\x1b[31m")])
    step, effect = begun(server.url, promql="queue < 10")
    assert action.sight(step, effect, at(2.5, server.url)).standing is Standing.PENDING
    violated = action.sight(step, effect, at(4, server.url))
    assert violated.standing is Standing.BEFORE
    assert "was 10 at 2026-11-20T12:03:00Z, 1 times in all" in violated.told
    assert "\x1b" not in violated.told
    assert action.sight(step, effect, at(11, server.url)).standing is Standing.BEFORE


@pytest.mark.server
def test_what_was_not_measured_is_waited_for_and_then_unreadable(prometheus_server):
    server = prometheus_server(series=[sample("queue", TIMES[:6] - 5, 2)])
    step, effect = begun(server.url)
    waiting = action.sight(step, effect, at(12, server.url))
    assert (waiting.standing, waiting.again) == (Standing.PENDING, NOW + timedelta(minutes=16))
    assert "was measured at 21 of 41 steps" in waiting.told
    assert action.sight(step, effect, at(16, server.url)).standing is Standing.UNREADABLE
    failing, effect = begun(server.url, unmeasured="fail")
    assert action.sight(failing, effect, at(12, server.url)).standing is Standing.PENDING
    assert action.sight(failing, effect, at(16, server.url)).standing is Standing.BEFORE
    nothing, effect = begun(server.url, promql="nothing > 0")
    assert "was measured at 0 of 41 steps" in action.sight(nothing, effect, at(16, server.url)).told


@pytest.mark.server
def test_no_number_is_neither_held_nor_violated(prometheus_server):
    server = prometheus_server(series=[sample("queue", TIMES, 0.0)])
    step, effect = begun(server.url, promql="queue / queue < 10")
    assert action.sight(step, effect, at(17, server.url)).standing is Standing.UNREADABLE


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, "x"),
        Reply(200, "<html>"),
        Reply(200, matrix(), cut=True),
        Reply(200, matrix(), delay=2),
        Reply(200, matrix(({}, [(START + 15 * n, "1") for n in range(41)]), warnings=["a store did not answer"])),
        Reply(200, matrix(({}, [(START + 15 * n, "900") for n in range(41)]), warnings=["a store did not answer"])),
    ],
    ids=["error", "page", "cut", "slow", "partial", "partial and violated"],
)
def test_a_server_that_does_not_tell_is_waited_for_as_long_as_missing_samples(reply):
    with fake_server(lambda _: reply) as server:
        step, effect = begun(server.url)
        assert action.sight(step, effect, at(3, server.url, timeout=0.3)).standing is Standing.PENDING
        assert action.sight(step, effect, at(12, server.url, timeout=0.3)).standing is Standing.PENDING
        assert action.sight(step, effect, at(16, server.url, timeout=0.3)).standing is Standing.UNREADABLE


def test_a_source_that_moved_is_not_asked():
    step, effect = begun("http://127.0.0.1:1")
    moved = at(12, "http://127.0.0.1:2")
    assert action.sight(step, effect, moved).standing is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match=r"is http://127\.0\.0\.1:2 now"):
        action.perform(step, "k", moved)
    with pytest.raises(Refused, match="'other' is no server of this kind"):
        proposed(action, {**SETTINGS, "source": "other"}, occasion(), moved)


@pytest.mark.parametrize("effect", ["{", "{}", '{"start":"2026-01-01T00:00:00","end":"2026-01-01T00:00:00"}'])
def test_an_effect_that_is_none_is_unreadable(effect):
    step, _ = begun("http://127.0.0.1:1")
    assert action.sight(step, effect, at(12, "http://127.0.0.1:1")).standing is Standing.UNREADABLE


@pytest.mark.parametrize("text", ["up", "a < b", "a < 1 and b > 2", "a < bool 1", "1 < 2", "a <", "sum(a < 1)", ""])
def test_what_is_no_single_comparison_with_a_number_is_refused(text):
    with pytest.raises(ValidationError):
        action.settings.model_validate({**SETTINGS, "promql": text})


def test_a_comparison_may_be_written_the_other_way_round():
    turned = read_condition("0.5 >= sum(rate(x[5m]))")
    assert (turned.measured, str(turned.limit)) == ("sum(rate(x[5m]))", "<= 0.5")


def test_what_is_measured_may_be_several_things():
    joined = read_condition("(count(x) or vector(0)) < 20")
    assert (joined.measured, str(joined.limit)) == ("count(x) or vector(0)", "< 20")
    assert str(joined) == "(count(x) or vector(0)) < 20"


GRID = Grid(1000.0, 1120.0, 15.0)
CONDITION = read_condition("x <= 5")


@given(
    st.lists(
        st.lists(st.sampled_from([None, 1.0, 5.0, float("nan"), 6.0, float("inf")]), min_size=9, max_size=9), max_size=4
    )
)
def test_the_judgement_is_that_of_looking_at_every_step(rows):
    """An oracle that goes step by step, over series with gaps."""
    series = []
    for number, row in enumerate(rows):
        kept = [(GRID.start + 15 * index, value) for index, value in enumerate(row) if value is not None]
        pairs = np.array(kept, dtype=float).reshape(-1, 2)
        series.append(MatrixSeries({"pod": str(number)}, pairs[:, 0], pairs[:, 1]))
    steps = [[row[index] for row in rows if row[index] is not None and row[index] == row[index]] for index in range(9)]
    if any(value > 5 for values in steps for value in values):
        expected = Holding.VIOLATED
    else:
        expected = Holding.HELD if all(steps) else Holding.UNKNOWN
    assert judge(CONDITION, Matrix(tuple(series)), GRID).holding is expected


def test_histograms_are_no_numbers():
    times = np.arange(1000.0, 1121.0, 15.0)
    whole = MatrixSeries({}, times, np.ones(9))
    assert judge(CONDITION, Matrix((whole,), histograms=1), GRID).holding is Holding.UNKNOWN


def test_an_effect_keeps_whole_moments():
    with_tools = tools(Path(), {}, datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC), live=prometheus("http://h"))
    step = proposed(action, SETTINGS, occasion(), with_tools)
    assert '"end":"2026-01-01T00:11:00.250000Z"' in action.perform(step, "k", with_tools).body
