"""A selection is by rule id and by subject, as identity or as name."""

import pytest

from driftbot.core.failure import Failure
from driftbot.core.selection import Selection
from driftbot.core.subject import Subject

CART = Subject("workload", "production", "shop/cart")


@pytest.mark.parametrize("glob", ["workload:production/shop/cart", "workload:*", "shop/*", "*cart"])
def test_a_subject_is_meant_by_identity_or_name(glob: str) -> None:
    assert Selection(subjects=(glob,)).speaks_of(CART)


def test_another_subject_is_not_meant() -> None:
    assert not Selection(subjects=("shop/checkout", "job:*")).speaks_of(CART)


def test_nothing_selected_means_everything_and_is_not_partial() -> None:
    assert Selection().speaks_of(CART)
    assert not Selection().partial
    assert Selection(rules=("x",)).partial


def test_a_rule_that_is_not_enabled_is_a_mistake() -> None:
    with pytest.raises(Failure, match="no enabled rule is called replicas"):
        Selection(rules=("replicas",)).rules_of([])
