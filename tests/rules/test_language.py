"""The language: what CEL's checker takes and refuses, in a table; and the traps of the library behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.quantity import Unit
from driftbot.rules import cel, complaint, lowering
from driftbot.rules import expression as ex
from driftbot.rules.fault import Fault
from driftbot.rules.language import declarations
from driftbot.rules.scope import Scope
from driftbot.rules.unit_arithmetic import product_unit, quotient_unit
from tests.rules.words import VOCABULARY

TABLE = json.loads((Path(__file__).parents[2] / "fixtures/rules/expressions.json").read_text(encoding="utf-8"))


def read(text: str, kind: str = "job") -> tuple[ex.Node | None, tuple[Fault, ...]]:
    scope = Scope(kind, VOCABULARY)
    try:
        return lowering.lower(cel.check(text, scope.variables(text)), scope)
    except cel.Rejected as rejected:
        return None, complaint.faults(rejected.complaints, text, scope)


@pytest.mark.parametrize("case", TABLE["legal"], ids=lambda case: case["text"])
def test_what_is_legal_has_its_type(case):
    node, faults = read(case["text"], case.get("kind", "job"))
    assert not faults
    assert str(node.type) == case["type"]


@pytest.mark.parametrize("case", TABLE["illegal"], ids=lambda case: case["text"])
def test_what_is_illegal_is_refused_at_its_column(case):
    node, faults = read(case["text"], case.get("kind", "job"))
    assert node is None
    assert [[fault.offset + 1, fault.message, fault.hint] for fault in faults] == case["faults"]


def test_every_function_is_in_the_table_of_what_is_legal():
    texts = " ".join(case["text"] for case in TABLE["legal"])
    named = {declared.function for declared in declarations() if declared.function.isidentifier()}
    assert {name for name in named if f"{name}(" not in texts} == set()


@pytest.mark.parametrize("left", Unit)
@pytest.mark.parametrize("right", Unit)
def test_units_of_products_and_quotients_undo_each_other(left, right):
    product = product_unit(left, right)
    assert product == product_unit(right, left)
    if product is not None and Unit.RATIO not in {left, right} and Unit.COUNT not in {left, right}:
        assert quotient_unit(product, left) == right
    assert quotient_unit(left, left) is Unit.RATIO


def test_an_unknown_label_is_a_fault_where_labels_are_declared():
    assert read('self.labels.teir == "1"', "service")[1] == (
        Fault(12, "a service has no label 'teir'", "did you mean tier?"),
    )
    assert read('self.labels.teir == "1"', "job")[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "!" * 3000 + "true",
        "(" * 3000 + "true" + ")" * 3000,
        " && ".join(["self.enabled"] * 250),
        "1 + " * 900 + "1 == 1",
        "[" * 40 + "]" * 40,
        "self.alerts.names.all(a, " * 30 + "true" + ")" * 30,
        "-" * 2000 + "1 == 1",
    ],
    ids=lambda text: text[:12],
)
def test_deep_nesting_is_answered_and_never_crashes(text):
    node, faults = read(text)
    assert node is not None or faults


@pytest.mark.parametrize("character", ["\ud800", "\udfff", "\0"])
def test_bad_unicode_is_a_fault_at_its_place(character):
    (fault,) = read(f'self.image == "a{character}"')[1]
    assert fault.offset == 16
    assert "is no text" in fault.message


def test_a_text_beyond_the_limit_is_refused():
    (fault,) = read('self.image == "' + "x" * 5000 + '"')[1]
    assert "at most 4000" in fault.message


@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    node, faults = read(text)
    assert (node is None) == bool(faults)
    assert all(0 <= fault.offset <= len(text) for fault in faults)


FRAGMENTS = st.sampled_from(
    ["self.retries", "self.image", "null", "1", "0.5", '"x"', "true", "(", ")", "[", "]", "{", "}", ",", ".", "==", "<",
     "&&", "||", "!", "?", ":", "+", "/", "in", "self.alerts.names", ".map(a, a)", ".size()", "self.duration", ".max(",
     'duration("1h")', "known(", "has(", "self.labels.tier", "as_of", "1u", 'b"x"', "dyn(", "-"]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=12).map(" ".join))
def test_any_sequence_of_words_is_answered(text):
    node, faults = read(text)
    assert (node is None) == bool(faults)
    assert all(0 <= fault.offset <= len(text) for fault in faults)


@pytest.mark.parametrize("text", ["null", "self.image == null", "[null]", "true ? null : null"])
def test_null_is_refused_before_it_can_abort_the_interpreter(text):
    """Reading a null out of cel-expr-python 0.1.3 again and again ends Python 3.11 itself."""
    node, faults = read(text)
    assert node is None
    assert "null" in faults[0].message
