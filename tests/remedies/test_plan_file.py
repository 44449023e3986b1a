"""A plan file gives back the very same plan, and is refused with what to do where it is anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftbot.core.hold import Guard, Hold
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step, ValueChange
from driftbot.core.rule import Severity
from driftbot.core.subject import SubjectId
from driftbot.remedies.plan_file import UnusablePlan, plan_from_text, plan_to_text
from tests.remedies.planning_scene import NOW, Scene

TEXT = st.text(max_size=20)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
SUBJECT = st.builds(SubjectId, TEXT, TEXT, TEXT)
COVERED = st.builds(
    Covered, TEXT, TEXT, SUBJECT, TEXT, st.sampled_from(Severity), TEXT, TEXT, TEXT, TEXT, TEXT,
    st.lists(TEXT, max_size=2).map(tuple), st.lists(TEXT, max_size=2).map(tuple),
)  # fmt: skip
CHANGE = st.builds(ValueChange, SUBJECT, TEXT, TEXT, TEXT, NUMBER, NUMBER)
STEP = st.builds(Step, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, st.lists(CHANGE, max_size=2).map(tuple))
REMEDY = st.builds(
    Remedy,
    TEXT,
    st.sampled_from(Level),
    st.lists(COVERED, min_size=1, max_size=2).map(tuple),
    st.lists(STEP, max_size=2).map(tuple),
    st.integers(0, 5),
    st.timedeltas(timedelta(), timedelta(days=30)),
    st.sampled_from(OnFailure),
    TEXT,
)
HOLD = st.builds(Hold, st.sampled_from(Guard), TEXT, st.none() | MOMENT)
HELD = st.builds(
    Held, TEXT, st.lists(COVERED, max_size=1).map(tuple), st.lists(HOLD, max_size=2).map(tuple), st.none() | REMEDY
)
PLAN = st.builds(Plan, MOMENT, MOMENT, st.lists(REMEDY, max_size=2).map(tuple), st.lists(HELD, max_size=2).map(tuple))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLAN)
def test_what_was_written_is_read_as_the_very_same_plan(plan: Plan) -> None:
    again = plan_from_text(plan_to_text(plan), "plan.json")
    assert again == plan
    assert again.digest == plan.digest


@pytest.fixture
def text(tmp_path: Path) -> str:
    scene = Scene(tmp_path).jobs("report")
    scene.drift("report")
    return plan_to_text(scene.plan())


def test_a_real_plan_survives_and_may_be_indented_on_the_way(text: str) -> None:
    again = plan_from_text(json.dumps(json.loads(text), indent=4), "plan.json")
    assert plan_to_text(again) == text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("10800", "108000", "it was changed after it was written"),
        ('"level":"propose"', '"level":"auto"', "it was changed after it was written"),
        ('"approvals":1', '"approvals":0', "it was changed after it was written"),
        ('"format":1', '"format":2', "it is a plan of format 2, and this driftbot reads format 1"),
        ('"action":', '"actoin":', "it is no plan: $.remedies[0].steps[0]"),
        ('"approvals":1', '"approvals":"one"', "it is no plan: $.remedies[0].approvals"),
    ],
)
def test_what_was_changed_or_is_of_another_version_is_refused(text: str, old: str, new: str, told: str) -> None:
    assert old in text
    with pytest.raises(UnusablePlan, match=r"plan\.json: ") as refused:
        plan_from_text(text.replace(old, new), "plan.json")
    assert told in str(refused.value)
    assert "driftbot plan --output FILE" in refused.value.next_step


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_part_of_a_plan_is_refused(text: str, share: float) -> None:
    with pytest.raises(UnusablePlan, match="it is no plan, or only a part of one"):
        plan_from_text(text[: int(len(text) * share)], "plan.json")


@pytest.mark.parametrize("other", ["[]", "{}", '"plan"', '{"format": 1}', "[" * 100_000])
def test_other_json_is_no_plan(other: str) -> None:
    with pytest.raises(UnusablePlan):
        plan_from_text(other, "plan.json")


def test_what_is_held_back_is_protected_as_well(text: str) -> None:
    plan = plan_from_text(text, "plan.json")
    held = Held("raise", plan.remedies[0].covers, (Hold(Guard.FREEZE, "a freeze", NOW),))
    written = plan_to_text(replace(plan, held=(held,)))
    with pytest.raises(UnusablePlan, match="changed after it was written"):
        plan_from_text(written.replace("a freeze", "nothing"), "plan.json")
