"""Law 1: a verdict holds whatever the unread values are; exactly Kleene's logic, checked against its definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.engine import column as co
from driftbot.engine.column import Column, Lists, offsets_of

Truth = bool | None
TRUTHS = (True, False, None)


def column(*truths: Truth) -> Column:
    """A column with rubbish where nothing is known: it must never show."""
    return Column(np.array([t if t is not None else i % 2 for i, t in enumerate(truths)], dtype=np.bool_),
                  np.array([t is not None for t in truths], dtype=np.bool_))  # fmt: skip


def truths(found: Column) -> list[Truth]:
    return [bool(value) if known else None for value, known in zip(found.values, found.known, strict=True)]


def kleene_and(left: Truth, right: Truth) -> Truth:
    return False if left is False or right is False else None if left is None or right is None else True


def kleene_or(left: Truth, right: Truth) -> Truth:
    return True if left is True or right is True else None if left is None or right is None else False


@pytest.mark.parametrize("rubbish", [True, False])
@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_the_tables_of_and_and_or(left, right, rubbish):
    def one(truth: Truth) -> Column:
        return Column(np.array([rubbish if truth is None else truth]), np.array([truth is not None]))

    assert truths(co.both(one(left), one(right))) == [kleene_and(left, right)]
    assert truths(co.either(one(left), one(right))) == [kleene_or(left, right)]
    assert truths(co.negated(one(left))) == [None if left is None else not left]


NAMES = ("a", "b", "c", "d")
TREES = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(st.just("and"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("not"), inner),
        st.tuples(st.just("if"), inner, inner, inner),
    ),
    max_leaves=12,
)


def compute(tree: object, columns: dict[str, Column]) -> Column:
    match tree:
        case str():
            return columns[tree]
        case "and", left, right:
            return co.both(compute(left, columns), compute(right, columns))
        case "or", left, right:
            return co.either(compute(left, columns), compute(right, columns))
        case "not", inner:
            return co.negated(compute(inner, columns))
        case "if", *parts:
            return co.choice(*(compute(part, columns) for part in parts))
    raise AssertionError(tree)


ROWS = list(product(TRUTHS, repeat=len(NAMES)))


@given(TREES)
def test_a_known_result_is_the_result_for_every_completion_of_the_unknowns(tree):
    columns = {name: column(*(row[index] for row in ROWS)) for index, name in enumerate(NAMES)}
    settled = {row: truth for row, truth in zip(ROWS, truths(compute(tree, columns)), strict=True) if None not in row}
    for row, truth in zip(ROWS, truths(compute(tree, columns)), strict=True):
        completions = product(*((value,) if value is not None else (True, False) for value in row))
        if truth is not None:
            assert {settled[completion] for completion in completions} == {truth}


@given(TREES)
def test_more_knowledge_never_changes_a_known_result(tree):
    columns = {name: column(*(row[index] for row in ROWS)) for index, name in enumerate(NAMES)}
    found = dict(zip(ROWS, truths(compute(tree, columns)), strict=True))
    for row, truth in found.items():
        for index, value in enumerate(row):
            if value is None and truth is not None:
                for more in (True, False):
                    assert found[(*row[:index], more, *row[index + 1 :])] is truth


@given(st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(TRUTHS), max_size=5)), min_size=1, max_size=8))
def test_quantifiers_are_ands_and_ors_over_the_items(rows):
    lists = Lists(
        offsets_of(np.array([len(items) for _, items in rows])),
        column(*(item for _, items in rows for item in items)),
        np.array([known for known, _ in rows]),
    )
    every, some = truths(co.all_of(lists.items, lists)), truths(co.any_of(lists.items, lists))
    for (known, items), all_found, any_found in zip(rows, every, some, strict=True):
        expected_all, expected_any = True, False
        for item in items:
            expected_all, expected_any = kleene_and(expected_all, item), kleene_or(expected_any, item)
        assert all_found is (expected_all if known else None)
        assert any_found is (expected_any if known else None)
