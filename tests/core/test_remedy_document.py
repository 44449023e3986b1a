"""A remedy comes back from its text as it was, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.ladder import Level
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step, ValueChange
from driftbot.core.remedy_document import remedy_from_text, remedy_to_text
from driftbot.core.rule import Severity
from driftbot.core.subject import SubjectId

CART = SubjectId("workload", "production", "shop/cart")
STEP = Step("edit_file", "file:cart.yaml", "{}", "{}", "too short", changes=(ValueChange(CART, "a", "1", "2", 1, 2.5),))
COVERED = Covered("3f9c2a", "grace", CART, "web", Severity.HIGH, "message", "INC-1", "https://example.org")
REMEDY = Remedy("set-timeout", Level.AUTO, (COVERED,), (STEP,), 1, timedelta(minutes=30), OnFailure.UNDO)

texts = st.text(st.characters(), max_size=8)  # lone surrogates and NUL, too
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
subjects = st.builds(SubjectId, texts, texts, texts)
changes = st.builds(ValueChange, subjects, texts, texts, texts, numbers, numbers)
steps = st.builds(Step, *[texts] * 7, st.lists(changes, max_size=2).map(tuple))
covers = st.builds(
    Covered, texts, texts, subjects, texts, st.sampled_from(Severity), *[texts] * 5, *[st.lists(texts).map(tuple)] * 2
)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000))
remedies = st.builds(
    Remedy, texts, st.sampled_from(Level), st.lists(covers, max_size=2).map(tuple),
    st.lists(steps, max_size=2).map(tuple), st.integers(0, 9), spans, st.sampled_from(OnFailure), texts,
)  # fmt: skip


@given(remedies)
def test_a_remedy_comes_back_equal(remedy: Remedy):
    again = remedy_from_text(remedy_to_text(remedy))
    assert again == remedy
    assert again.digest == remedy.digest
    assert remedy_to_text(again) == remedy_to_text(remedy)


def changed(**parts: Any) -> str:
    return json.dumps(json.loads(remedy_to_text(REMEDY)) | parts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed(extra=1), r"\$: 'extra' is unknown"),
        (changed(level="god"), r"\$\.level: 'god' is none of observe, propose, approve, auto"),
        (changed(approvals="1"), r"\$\.approvals: int is expected, not str"),
        (changed(approvals=True), r"\$\.approvals: int is expected, not bool"),
        (changed(verify_after="30m"), r"\$\.verify_after: a number is expected, not str"),
        (changed(steps={}), r"\$\.steps: list is expected, not dict"),
        (changed(steps=[{}]), r"\$\.steps\[0\]: '\w+' is missing"),
        (changed(steps=None), r"\$\.steps: list is expected, not NoneType"),
        (changed(verify_after=10**400), r"\$\.verify_after: the number is not finite"),
        (changed(verify_after=1e300), r"\$\.verify_after: 1e\+300 seconds are no span of time"),
        ('{"playbook": "a", "playbook": "b"}', "the name 'playbook' stands twice"),
        ('{"approvals": NaN}', "NaN is no number"),
        ("[]", r"\$: dict is expected, not list"),
        ("", "Expecting value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_remedy_is_refused_with_its_place(text: str, told: str):
    with pytest.raises(ValueError, match=told):
        remedy_from_text(text)


def test_spaces_and_order_do_not_matter():
    document = dict(reversed(json.loads(remedy_to_text(REMEDY)).items()))
    assert remedy_from_text(json.dumps(document, indent=2)) == REMEDY
