"""Whether a finding moved away from what is expected: golden cases in ``fixtures/notices/movement/``, one a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.finding import Evidence
from driftbot.core.quantity import Quantity, Unit
from driftbot.notices.movement import Movement, movement
from tests.notices.digest_scene import finding

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "notices" / "movement").glob("*.yaml"))
BACK = {Movement.AWAY: Movement.NEARER, Movement.NEARER: Movement.AWAY}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_where_it_went(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    read = [Evidence("used", Quantity(0.5, Unit(case["unit"])))] if "unit" in case else []
    before, after = (
        finding(observed=observed, expected=expected, evidence=tuple(read))
        for observed, expected in (case["before"], case["after"])
    )
    after = replace(after, rule_digest="d2" if case.get("rule_changed") else before.rule_digest)
    assert movement(before, after).value == case["movement"]
    assert movement(after, before) == BACK.get(Movement(case["movement"]), Movement(case["movement"]))


texts = st.one_of(st.text(max_size=20), st.sampled_from(["1 = 2", "; ", "a = 1; b = 2", "at most 3", "∞", "5m", " = "]))


@given(texts, texts, texts, texts)
def test_whatever_is_told_it_says_something_and_says_the_opposite_of_the_way_back(
    observed: str, expected: str, then: str, wanted: str
) -> None:
    before = finding(observed=observed, expected=expected)
    after = finding(observed=then, expected=wanted)
    there, back = movement(before, after), movement(after, before)
    assert back is BACK.get(there, there)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_more_is_worse_where_at_most_is_asked_for(first: int, second: int) -> None:
    before, after = (finding(observed=f"worst = {n}", expected="at most 0") for n in (first, second))
    expected = Movement.AWAY if second > first else Movement.NEARER if second < first else Movement.NONE
    assert movement(before, after) is expected
