"""Guards against an oracle that was written apart from them, and narrowing: forbidding more never does more."""

from __future__ import annotations

import copy
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from driftbot.guards.holds import hold
from tests.guards.generated import cases
from tests.guards.oracle import judged
from tests.guards.scene import scene

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
TRIES = [150, pytest.param(10_000, marks=[pytest.mark.campaign, pytest.mark.timeout(7200)])]


def _whole_runs_only_when_asked(tries: int) -> None:
    if tries > 150 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")


@pytest.mark.parametrize("tries", TRIES)
def test_exactly_those_guards_hold_that_have_to(tries):
    _whole_runs_only_when_asked(tries)

    @settings(CALM, max_examples=tries)
    @given(cases())
    def check(case):
        told = scene(case)
        through, held = hold(told.remedies, told.circumstances)
        wanted = judged(told.remedies, told.circumstances)
        found = {one.covers: {hold.guard for hold in one.holds} for one in held}
        found |= {one.covers: set() for one in through}
        assert {one.covers: guards for one, guards in zip(told.remedies, wanted, strict=True)} == found
        event(f"{len(through)} let through")

    check()


def _narrower(draw: st.DrawFn, case: dict[str, Any]) -> dict[str, Any]:
    """The same scene with one or several options that forbid more."""
    case = copy.deepcopy(case)
    options = case["options"]
    for name in draw(st.lists(st.sampled_from(sorted(NARROWING)), min_size=1, max_size=4, unique=True)):
        NARROWING[name](draw, options, case)
    return case


def _limits(draw: st.DrawFn, options: dict[str, Any], _: dict[str, Any]) -> None:
    limits = options.setdefault("limits", {})
    group = limits.setdefault(draw(st.sampled_from(("run", "rule", "owner", "environment"))), {})
    most = draw(st.integers(0, 2))
    group["most"] = min(group["most"], most) if group.get("most") is not None else most


def _share(draw: st.DrawFn, options: dict[str, Any], case: dict[str, Any]) -> None:
    name = draw(st.sampled_from(sorted(case["playbooks"])))
    case["playbooks"][name]["share"] = case["playbooks"][name].get("share", 0.1) / 2
    options.setdefault("limits", {})["few"] = 0


def _lesser(name: str, default: float, *path: str):
    def narrow(draw: st.DrawFn, options: dict[str, Any], _: dict[str, Any]) -> None:
        for part in path:
            options = options.setdefault(part, {})
        part = draw(st.sampled_from((0.5, 0.75)))
        value = options.get(name, default)
        options[name] = max(1.01, value * part) if name == "factor" else max(1, int(value * part))

    return narrow


def _longer(name: str, default: str, *path: str):
    def narrow(_: st.DrawFn, options: dict[str, Any], __: dict[str, Any]) -> None:
        for part in path:
            options = options.setdefault(part, {})
        hours = {"0s": 1, "1h": 24, "1d": 24 * 7, "7d": 24 * 30, "30d": 24 * 60}[options.get(name, default)]
        options[name] = f"{hours}h"

    return narrow


def _facts(_: st.DrawFn, options: dict[str, Any], __: dict[str, Any]) -> None:
    facts = options.setdefault("facts", {})
    facts["share"] = (1 + facts.get("share", 0.8)) / 2


def _freeze(draw: st.DrawFn, options: dict[str, Any], _: dict[str, Any]) -> None:
    freeze = {"from": "2026-01-01", "to": "2027-01-01", "reason": "audit"}
    options.setdefault("freezes", []).append({**freeze, "environments": [draw(st.sampled_from(("production", "*")))]})


def _hours(_: st.DrawFn, options: dict[str, Any], __: dict[str, Any]) -> None:
    for entry in options.get("hours", ()):
        entry["days"] = entry["days"][:1]


def _bounds(_: st.DrawFn, options: dict[str, Any], __: dict[str, Any]) -> None:
    bounds = options.setdefault("steps", {}).setdefault("bounds", {})
    if bounds:
        bounds["timeout.deadline"] = {"least": "2h", "most": "150m"}


def _stopped(_: st.DrawFn, __: dict[str, Any], case: dict[str, Any]) -> None:
    case["stopped"] = "a file"


NARROWING = {
    "limits": _limits,
    "share": _share,
    "factor": _lesser("factor", 2.0, "steps"),
    "attempts": _lesser("attempts", 2),
    "failures": _lesser("failures", 3),
    "cooldown": _longer("cooldown", "1d"),
    "rest": _longer("rest", "1h"),
    "remember": _longer("remember", "30d"),
    "limits within": _longer("within", "1d", "limits"),
    "steps within": _longer("within", "7d", "steps"),
    "facts": _facts,
    "freeze": _freeze,
    "hours": _hours,
    "bounds": _bounds,
    "stopped": _stopped,
}


@pytest.mark.parametrize("tries", TRIES)
def test_whoever_forbids_more_never_gets_more(tries):
    _whole_runs_only_when_asked(tries)

    @settings(CALM, max_examples=tries)
    @given(st.data())
    def check(data):
        case = data.draw(cases())
        narrow = scene(data.draw(st.composite(_narrower)(case)))
        wide = scene(case)
        before = {one.covers: one.level.rank for one in hold(wide.remedies, wide.circumstances)[0]}
        after = {one.covers: one.level.rank for one in hold(narrow.remedies, narrow.circumstances)[0]}
        assume(before)
        assert all(covers in before and level <= before[covers] for covers, level in after.items())

    check()


@settings(CALM, max_examples=60)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_remedies_and_runs_decides_nothing(case, random):
    told = scene(case)
    remedies, runs = list(told.remedies), list(told.circumstances.runs)
    random.shuffle(remedies)
    random.shuffle(runs)
    shuffled = copy.copy(told.circumstances)
    object.__setattr__(shuffled, "runs", tuple(runs))
    shuffled.__dict__.pop("ledger", None)
    assert hold(tuple(remedies), shuffled)[1] == hold(told.remedies, told.circumstances)[1]
