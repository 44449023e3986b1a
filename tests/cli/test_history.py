"""``driftbot history``: a value's whole life, and the nearest names where it has none."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("estate")


def test_a_value_is_told_with_dates_from_and_to(run):
    answer = run("history", "workload:production/shop/cart", "timeout.request")
    assert answer.code == 0, answer
    lines = answer.out.splitlines()
    assert "  2026-05-01  5s" in lines
    assert "  2026-05-02  30s" in lines
    assert "gone or changed by 2026-05-02" in answer.out
    assert run("history", "shop/cart").out == answer.out


def test_an_unknown_subject_names_the_nearest(run):
    answer = run("history", "workload:production/shop/carts")
    assert (answer.code, answer.out) == (1, "")
    assert "no night knows 'workload:production/shop/carts'" in answer.err
    assert "workload:production/shop/cart" in answer.err


def test_an_unknown_key_names_what_there_is(run):
    answer = run("history", "shop/cart", "timeout.requests")
    assert "never had a value for 'timeout.requests'" in answer.err
    assert "It has: timeout.request" in answer.err
