"""Peer groups: who is alike but for one label, and for labels that are nobody else's."""

from __future__ import annotations

from driftbot.engine.peer_groups import peer_groups
from tests.engine.estate import job


def groups(*subjects):
    return peer_groups(subjects, "zone").tolist()


def test_the_label_itself_makes_no_difference_and_others_do():
    assert groups(
        job("a", zone="1", service="cart"), job("b", zone="2", service="cart"), job("c", zone="1", service="mail"),
        job("d", zone="2", service="mail"),
    ) == [0, 0, 1, 1]  # fmt: skip


def test_a_label_that_names_the_subject_alone_makes_no_difference():
    assert (
        groups(*(job(f"cart-{zone}", zone=zone, service="cart", workload=f"cart-{zone}") for zone in "abc")) == [0] * 3
    )


def test_an_environment_is_no_peer_of_another():
    assert groups(job("a", "production", zone="1", service="x"), job("b", "test", zone="2", service="x")) == [0, 1]


def test_who_does_not_carry_the_label_is_in_no_group():
    assert groups(job("a", zone="1"), job("b"), job("c", zone="")) == [0, -1, 0]
    assert groups() == []
