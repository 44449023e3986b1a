"""Every guard holds and lets through: golden cases in ``fixtures/guards/<guard>/``, one scene a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbot.core.hold import Guard
from driftbot.guards.holds import hold
from tests.guards.scene import moment, read_scene

FIXTURES = Path(__file__).parents[2] / "fixtures" / "guards"
CASES = sorted(FIXTURES.glob("*/*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_held_and_what_is_let_through(path):
    scene, expected = read_scene(path)
    through, held = hold(scene.remedies, scene.circumstances, scene.beside)
    assert [one.covers[0].fingerprint for one in through] == expected.get("through", [])
    found = {one.covers[0].fingerprint: one for one in held}
    wanted = expected.get("held", {})
    assert sorted(found) == sorted(wanted)
    for name, holds in wanted.items():
        told = [(one.guard.value, one.reason, one.until) for one in found[name].holds]
        assert [guard for guard, _, _ in told] == [next(iter(one)) for one in holds], told
        for one, (guard, reason, until) in zip(holds, told, strict=True):
            assert one[guard] in reason
            if "until" in one:
                assert until == (moment(one["until"]) if one["until"] else None)
    levels = expected.get("levels", {})
    assert {one.covers[0].fingerprint: one.level.value for one in through if one.lowered} == levels


def test_every_guard_has_a_case_that_it_holds_and_one_that_it_lets_through():
    verdicts = {}
    for path in CASES:
        _, expected = read_scene(path)
        outcome = verdicts.setdefault(path.parent.name, set())
        named = {next(iter(one)) for holds in expected.get("held", {}).values() for one in holds}
        outcome |= {"holds"} if path.parent.name in named else set()
        outcome |= {"lets through"} if expected.get("through") else set()
    elsewhere = {Guard.REFUSED}  # told by planning, before there is a remedy
    assert verdicts == {guard.value: {"holds", "lets through"} for guard in Guard if guard not in elsewhere}
