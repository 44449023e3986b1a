"""Restoring values: what is damaged is refused with its place, and what is whole comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from driftbot.core.canonical import canonical
from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held, Plan
from driftbot.core.restored import restored
from driftbot.core.run import PlanApproval
from tests.remedies.imagined import NOW, remedy_of, setting

PLAN = Plan(
    NOW,
    datetime(2026, 11, 18, 2, 30, tzinfo=UTC),
    (remedy_of(setting("a")), remedy_of(setting("b"))),
    (Held("raise", (), (Hold(Guard.FREEZE, "frozen", NOW), Hold(Guard.HOURS, "at night")), None),),
)


def damaged(path: tuple[str | int, ...], value: object) -> str:
    """The plan's text with another value at a place; None takes the name away."""
    document = json.loads(canonical(PLAN))
    inner: Any = document
    for part in path[:-1]:
        inner = inner[part]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(document)


def test_a_plan_comes_back_as_it_was():
    assert restored(Plan, canonical(PLAN)) == PLAN
    assert restored(tuple[PlanApproval, ...], "[]") == ()


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("made",), 7, "$.made: str is expected, not int"),
        (("made",), "today", "$.made: 'today' is no time"),
        (("made",), "2026-11-18T02:30:00", "$.made: '2026-11-18T02:30:00' has no time zone"),
        (("night",), None, "$: 'night' is missing"),
        (("more",), 1, "$: 'more' is unknown"),
        (("remedies",), {}, "$.remedies: list is expected, not dict"),
        (("remedies", 1, "level"), "always", "$.remedies[1].level: 'always' is none of "),
        (("remedies", 1, "level"), 1, "$.remedies[1].level: str is expected, not int"),
        (("remedies", 1, "approvals"), True, "$.remedies[1].approvals: int is expected, not bool"),
        (("remedies", 1, "approvals"), 1.0, "$.remedies[1].approvals: int is expected, not float"),
        (("remedies", 0, "verify_after"), "1h", "$.remedies[0].verify_after: a number is expected, not str"),
        (("remedies", 0, "verify_after"), 1e300, "$.remedies[0].verify_after: 1e+300 seconds are no span of time"),
        (("remedies", 0, "covers", 0, "subject", "name"), None, "$.remedies[0].covers[0].subject: 'name' is missing"),
        (("remedies", 0, "covers", 0, "subject"), "a", "$.remedies[0].covers[0].subject: dict is expected, not str"),
        (("held", 0, "holds", 0, "until"), 5, "$.held[0].holds[0].until: str is expected, not int"),
        (("held", 0, "remedy"), [], "$.held[0].remedy: dict is expected, not list"),
    ],
)
def test_what_is_damaged_is_refused_with_its_place(path: tuple[str | int, ...], value: object, told: str):
    with pytest.raises(ValueError) as refused:
        restored(Plan, damaged(path, value))
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"digest":"a","digest":"b","by":"c","at":"d"}]', "the name 'digest' stands twice in one object"),
        ("[NaN]", "NaN is no number"),
        ("[" * 100_000, "$: it is nested too deeply"),
        ("{", "Expecting property name enclosed in double quotes"),
    ],
)
def test_what_is_no_document_is_refused(text: str, told: str):
    with pytest.raises(ValueError) as refused:
        restored(tuple[PlanApproval, ...], text)
    assert str(refused.value).startswith(told)


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match=r"^\$: the number is not finite$"):
        restored(float, "1" + "0" * 400)
