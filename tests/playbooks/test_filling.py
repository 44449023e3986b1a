"""Parameters are put where they are named, once, and keep their type where they stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from driftbot.playbooks.filling import Given, filled, named
from driftbot.playbooks.settings_check import unfilled_errors, validated

GIVEN = {"deadline": Given("3h", "3h"), "most": Given("12", 12), "selector": Given("{}", {"app": "cart"})}


def test_a_parameter_inside_text_is_text_and_alone_it_keeps_its_type():
    settings = {"to": "{deadline}", "note": "now {most} of {deadline}", "spec": [{"most": "{most}"}, "{selector}"]}
    assert filled(settings, GIVEN) == {
        "to": "3h", "note": "now 12 of 3h", "spec": [{"most": 12}, {"app": "cart"}],
    }  # fmt: skip


def test_keys_are_filled_as_well():
    assert filled({"limit-{most}": 1}, GIVEN) == {"limit-12": 1}


@pytest.mark.parametrize("text", ["{{ most }}", "{{most}}", 'up{job="a"}', "{ most }", "{Most}"])
def test_other_braces_are_text(text):
    assert named(text) == frozenset()
    assert filled(text, GIVEN) == text


@given(st.text())
def test_what_a_value_holds_is_never_filled_again(text):
    assert filled("{a}", {"a": Given(text, text), "b": Given("no", "no")}) == text
    assert filled("x{a}", {"a": Given("{b}", "{b}"), "b": Given("no", "no")}) == "x{b}"


class _Settings(BaseModel):
    to: str
    many: int = 1


def test_a_number_that_stands_alone_is_a_text_where_the_action_wants_one():
    assert validated(_Settings, {"to": "{most}", "many": "{most}"}, GIVEN) == _Settings(to="12", many=12)


def test_what_does_not_suit_the_action_is_refused_filled_and_unfilled():
    with pytest.raises(ValidationError, match="many"):
        validated(_Settings, {"to": "{most}", "many": "{deadline}"}, GIVEN)
    assert unfilled_errors(_Settings, {"to": "a", "many": "{deadline}"}) is None
    error = unfilled_errors(_Settings, {"many": "x{{y"})
    assert error is not None
    assert [one["loc"] for one in error.errors()] == [("to",), ("many",)]
