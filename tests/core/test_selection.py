"""A selection is by rule id and by subject, as identity or as name."""

import pytest

from driftbot.core.evaluation import Tally
from driftbot.core.failure import Failure
from driftbot.core.selection import Selection
from driftbot.core.subject import Subject, labels_of

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


def test_a_pattern_that_matches_nothing_is_a_mistake_that_names_the_nearest() -> None:
    with pytest.raises(Failure, match="no subject matches 'shop/crat'") as failure:
        Selection(subjects=("shop/*", "shop/crat")).subjects_of([CART])
    assert failure.value.next_step == "The nearest: workload:production/shop/cart"
    with pytest.raises(Failure, match="no subject matches"):
        Selection(subjects=("*",)).subjects_of([])
    assert Selection(subjects=("*cart",)).subjects_of([CART]) == (CART,)


def test_a_path_is_meant_though_only_its_calls_are_seen() -> None:
    call = Subject("call", "production", "web->cart", labels_of({"from": "web", "to": "cart"}))
    assert [subject.kind for subject in Selection(subjects=("path:*",)).subjects_of([call])] == ["path"]


def test_a_rule_that_selects_none_of_a_few_subjects_is_not_told_of() -> None:
    tallies = (Tally("a", 14, 0), Tally("b", 14, 1), Tally("c", 14, 0, stopped="too large"))
    assert [tally.rule for tally in Selection(subjects=("x",)).tallies_of(tallies)] == ["b", "c"]
    assert len(Selection().tallies_of(tallies)) == 3
