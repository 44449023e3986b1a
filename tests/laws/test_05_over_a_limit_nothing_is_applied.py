"""Law 5: limits hold without being configured, absolute and relative; over one, nothing at all is applied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from driftbot.core.hold import Guard
from driftbot.guards.circumstances import Population
from driftbot.guards.options import ChangeLimits, GuardOptions, Limit, Rung
from driftbot.remedies.look import LiveLook
from driftbot.remedies.planning import plan
from tests.remedies.planning_scene import UNLIMITED, Scene


def planned(scene: Scene, limits: ChangeLimits, population: Population) -> tuple[int, set[Guard]]:
    """How many remedies may be applied, and which guards hold the others."""
    world = scene.world()
    options = GuardOptions(ladder=(Rung(level=scene.level),), limits=limits)
    known = replace(world.circumstances, options=options, population=population)
    made = plan(replace(world, circumstances=known), LiveLook(scene.tools()))
    return len(made.remedies), {hold.guard for held in made.held for hold in held.holds}


def drifted(folder: Path, number: int) -> Scene:
    """An estate of which so many jobs drift."""
    scene = Scene(folder).jobs(*(f"job{index}" for index in range(number)))
    for index in range(number):
        scene.drift(f"job{index}")
    return scene


MANY = Population(rules={"deadline": 10_000}, environments={"production": 10_000})


def test_by_default_a_run_changes_no_more_than_a_handful(tmp_path: Path) -> None:
    limits = ChangeLimits()
    assert limits.rule.most is not None
    assert planned(drifted(tmp_path, limits.rule.most + 1), limits, MANY) == (0, {Guard.RUN_LIMIT})


@pytest.mark.parametrize("of", ["run", "rule", "owner", "environment"])
@pytest.mark.parametrize("drifting", [4, 5])
def test_one_too_many_and_none_is_changed(tmp_path: Path, of: str, drifting: int) -> None:
    limits = UNLIMITED.model_copy(update={of: Limit(most=4)})
    through, held = planned(drifted(tmp_path, drifting), limits, MANY)
    assert (through, held) == ((4, set()) if drifting == 4 else (0, {Guard.RUN_LIMIT}))


@pytest.mark.parametrize("judged", [50, 40])
def test_a_share_of_what_is_judged_is_a_limit_too(tmp_path: Path, judged: int) -> None:
    limits = UNLIMITED.model_copy(update={"rule": Limit(share=0.1)})
    through, _ = planned(drifted(tmp_path, 5), limits, replace(MANY, rules={"deadline": judged}))
    assert through == (5 if judged == 50 else 0)
