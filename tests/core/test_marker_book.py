"""Which markers speak of a subject, and when two tellings are one change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.fact import Origin
from driftbot.core.marker import Cause, Marker, MarkerSpan
from driftbot.core.marker_book import ONE_RELEASE, MarkerBook, markers_of, moments, one_each, overlaid_markers
from driftbot.core.subject import Subject, labels_of


def subject(kind: str, name: str, environment: str = "production", **labels: str) -> Subject:
    return Subject(kind, environment, name, labels_of(labels))


CART = subject("service", "cart")
CART_PODS = subject("workload", "shop/cart", service="cart", namespace="shop", workload="cart")
CALL = subject("call", "web->cart", **{"from": "web", "to": "cart", "service": "web"})
BILLING_RUN = subject("job", "shop/billing", namespace="shop", workload="billing")


@pytest.mark.parametrize(
    ("marked", "asked", "speaks"),
    [
        (CART, CART, True),
        (CART, subject("service", "cart", "staging"), False),
        (CART, subject("service", "checkout"), False),
        (CART_PODS, CART, True),
        (CART, CART_PODS, True),
        (CART, subject("pool", "cart/main", service="cart"), True),
        (CART, subject("pool", "checkout/main", service="checkout"), False),
        (CART, subject("database", "cart-db", service="cart"), True),
        (CART, subject("call", "web->cart", **{"from": "web", "to": "cart", "service": "web"}), True),
        (CART, subject("call", "cart->db", **{"from": "cart", "to": "db"}), True),
        (CART, subject("call", "web->checkout", **{"from": "web", "to": "checkout"}), False),
        (CALL, CALL, True),
        (CALL, CART, True),
        (CALL, subject("service", "web"), True),
        (CALL, subject("service", "checkout"), False),
        (CALL, subject("call", "web->checkout", **{"from": "web", "to": "checkout", "service": "web"}), False),
        (CALL, subject("call", "checkout->cart", **{"from": "checkout", "to": "cart", "service": "checkout"}), False),
        (subject("workload", "shop/billing"), BILLING_RUN, True),
        (BILLING_RUN, subject("workload", "shop/billing"), True),
        (subject("workload", "other/billing"), BILLING_RUN, False),
        (subject("container", "shop/billing/app", namespace="shop", workload="billing"), BILLING_RUN, True),
        (subject("workload", "shop/basket"), subject("service", "basket"), True),
        (subject("service", "basket"), subject("workload", "shop/basket"), True),
        (subject("workload", "shop/basket", service="store"), subject("service", "basket"), False),
        (subject("node", "n1"), CART, False),
    ],
)
def test_what_a_marker_speaks_of(marked: Subject, asked: Subject, speaks: bool) -> None:
    marker = Marker(marked, 1000.0, "2.4.1")
    book = MarkerBook([marker], [asked])
    assert markers_of(asked, book) == ((marker,) if speaks else ())


def test_a_name_that_two_workloads_have_is_nobodys() -> None:
    markers = [Marker(subject("workload", "shop/basket"), 1.0, "1")]
    asked = subject("service", "basket")
    assert MarkerBook(markers, [asked]).of(asked)
    assert not MarkerBook(markers, [asked, subject("workload", "test/basket")]).of(asked)


def test_the_labels_that_the_estate_knows_count_where_the_marker_has_none() -> None:
    marker = Marker(subject("workload", "shop/front"), 1.0, "1")
    asked = subject("service", "web")
    assert not MarkerBook([marker], [asked]).of(asked)
    assert MarkerBook([marker], [asked, subject("workload", "shop/front", service="web")]).of(asked) == (marker,)


def test_markers_come_by_time_and_releases_as_moments() -> None:
    times = [5000.0, 100.0, 200.0, 100.0 + ONE_RELEASE, 9000.0]
    markers = [Marker(CART, at, f"v{at:.0f}") for at in times]
    setting = Marker(CART_PODS, 50.0, "replicas 2 → 3", Cause.SETTING)
    book = MarkerBook([*markers, setting])
    assert [marker.at for marker in book.of(CART)] == [50.0, *sorted(times)]
    np.testing.assert_array_equal(book.releases(CART), [100.0, 5000.0, 9000.0])
    assert len(book) == 6


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from([0.0, 3600.0, 86400.0])), max_size=40))
def test_moments_are_rising_and_apart_and_leave_no_marker_out(told: list[tuple[float, float]]) -> None:
    markers = [Marker(CART, at, "v", late_by=late_by) for at, late_by in told]
    kept = moments(markers)
    assert np.all(np.diff(kept) > ONE_RELEASE)
    assert all(any(0 <= one.at - time <= max(ONE_RELEASE, one.late_by) for time in kept) for one in markers)


def test_releases_of_many_parts_are_those_that_speak_of_each() -> None:
    parts = [subject("pod", f"cart-{number}", service="cart") for number in range(3)]
    lone = [subject("pod", f"lone-{number}") for number in range(2)]
    calls = [subject("call", f"cart->{end}", **{"from": "cart", "to": end}) for end in ("mail", "stock")]
    everyone = (*parts, *lone, *calls, subject("service", "cart"), subject("service", "mail"))
    book = MarkerBook([Marker(one, 10_000.0 * place, "1") for place, one in enumerate(everyone)], everyone)
    for one in (*everyone, subject("pod", "lone-1", service="mail"), subject("pod", "lone-0", service="cart")):
        found = [marker for marker in book.of(one) if marker.cause is Cause.RELEASE]
        assert book.releases(one).tolist() == moments(found).tolist() != []
    assert len(book.of(calls[0])) == 6 and len(book.of(parts[0])) == len(book.of(parts[2])) == 6
    assert [marker.subject for marker in book.of(lone[0])] == [lone[0]]


def test_what_a_night_finds_is_what_was_seen_the_day_before() -> None:
    seen, found = Marker(CART, 10_000.0, "2", late_by=3600.0), Marker(CART, 80_000.0, "2", late_by=86400.0)
    book = MarkerBook([seen, found, Marker(CART, 200_000.0, "3", late_by=86400.0)])
    np.testing.assert_array_equal(book.releases(CART), [10_000.0, 200_000.0])


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        ([(8, "shop/cart:2", "prometheus", CART_PODS)], [0]),
        ([(8, "2", "grafana", CART)], [0]),
        ([(8, "2", "log", CART_PODS)], [0]),
        ([(8, "2", "log", CART)], [0, 8]),
        ([(25, "2", "grafana", CART)], [0, 25]),
        ([(8, "3", "grafana", CART)], [0, 8]),
        ([(3, "3", "log", CART), (8, "2", "prometheus", CART_PODS)], [0, 3, 8]),
        ([(0.5, "3", "log", CART), (8, "shop/cart:3", "prometheus", CART_PODS)], [0]),
    ],
)
def test_a_version_told_again_within_a_rollout_is_one_release_and_a_rollback_another(
    later: list[tuple[float, str, str, Subject]], kept: list[float]
) -> None:
    first = Marker(CART, 0.0, "2", origin=Origin("log"))
    rest = [Marker(of, hours * 3600.0, name, origin=Origin(source)) for hours, name, source, of in later]
    np.testing.assert_array_equal(moments([first, *rest]) / 3600.0, kept)


def told(at: float, name: str = "2.4.1", late_by: float = 1800.0, source: str = "prometheus") -> Marker:
    return Marker(CART, at, name, origin=Origin(source), late_by=late_by)


@pytest.mark.parametrize(
    ("markers", "kept"),
    [
        ([told(3600), told(3600)], [3600]),
        ([told(3600), told(4000, late_by=300)], [3600]),
        ([told(3600), told(7200)], [3600, 7200]),
        ([told(3600), told(3600, source="log")], [3600, 3600]),
        ([told(3600), told(3700, "2.4.2"), told(3800)], [3600, 3700]),
        ([told(0), told(1500), told(3000)], [0, 3000]),
    ],
)
def test_the_same_change_within_its_step_is_one(markers: list[Marker], kept: list[float]) -> None:
    assert [marker.at for marker in one_each(reversed(markers))] == kept


def test_what_a_source_tells_whole_and_not_again_is_gone() -> None:
    stored = [told(100, source="log", late_by=0), told(900, "9", 0, "log"), told(900, "9", 0, "other")]
    fresh = [told(950, "9", 0, "log")]
    whole = MarkerSpan("production", "log", 500, 1000)
    kept = overlaid_markers(stored, fresh, [whole])
    assert [(marker.at, marker.origin.source) for marker in kept] == [(100, "log"), (900, "other"), (950, "log")]


def test_a_marker_of_an_earlier_night_has_tonights_labels() -> None:
    bare, labelled = subject("workload", "shop/front"), subject("workload", "shop/front", service="web")
    stored = [Marker(bare, 100.0, "1"), Marker(bare, 900.0, "2")]
    kept = overlaid_markers(stored, [Marker(labelled, 900.0, "2")])
    assert [(marker.at, marker.subject) for marker in kept] == [(100.0, labelled), (900.0, labelled)]


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        (told(0), "release 2.4.1"),
        (Marker(CART, 0, "2.4.1", commit="3f2a91c0d5e6"), "release 2.4.1 (3f2a91c0d5)"),
        (Marker(CART, 0, "3f2a91c0d5e6", commit="3f2a91c0d5e6"), "release 3f2a91c0d5e6"),
        (Marker(CART, 0, "replicas 2 → 3", Cause.SETTING), "setting replicas 2 → 3"),
    ],
)
def test_a_marker_in_words(marker: Marker, text: str) -> None:
    assert str(marker) == text
