"""Law 4: nothing is done that no person allowed rung by rung, and what is unknown or waived is never acted on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife
from driftbot.core.hold import Guard
from driftbot.core.ladder import Level
from driftbot.guards.options import GuardOptions, Rung
from driftbot.remedies.look import LiveLook
from driftbot.remedies.planning import plan
from tests.remedies.planning_scene import NIGHT, Scene

LEVELS = st.sampled_from(Level)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("estate")).jobs("report")


def test_without_a_configured_ladder_nothing_may_be_applied(scene: Scene) -> None:
    assert GuardOptions().ladder == ()
    scene.lives, scene.rungs = [], ()
    scene.drift("report")
    planned = scene.plan()
    assert planned.remedies == ()
    assert Guard.LEVEL in {hold.guard for held in planned.held for hold in held.holds}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(level=LEVELS, verdict=st.sampled_from(Verdict), waived=st.booleans(), resolved=st.booleans())
def test_only_drift_that_stands_and_nobody_waived_is_planned_for(
    scene: Scene, level: Level, verdict: Verdict, waived: bool, resolved: bool
) -> None:
    scene.lives, scene.rungs, scene.level = [], None, level
    life: FindingLife = scene.drift("report", verdict=verdict, resolved=NIGHT if resolved else None)
    world = scene.world()
    world = replace(world, waived=frozenset({life.finding.fingerprint} if waived else ()))
    planned = plan(world, LiveLook(scene.tools()))
    acted_on = verdict is Verdict.DRIFT and not waived and not resolved
    assert bool(planned.remedies) == (acted_on and level is not Level.OBSERVE)
    assert bool(planned.held) == (acted_on and level is Level.OBSERVE)


def test_the_first_rung_that_matches_decides(scene: Scene) -> None:
    scene.lives = []
    scene.rungs = (Rung(rule="dead*", environment="staging", level=Level.AUTO), Rung(rule="dead*", level=Level.APPROVE))
    scene.drift("report")
    (remedy,) = scene.plan().remedies
    assert remedy.level is Level.APPROVE
