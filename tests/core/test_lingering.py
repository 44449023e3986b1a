"""A subject that a gap may hide lingers; one that complete coverage does not show is gone."""

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.lingering import lingering
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject

CART, ORDERS = (Subject("workload", "production", f"shop/{name}") for name in ("cart", "orders"))
GAP = (Gap(Origin("manifests", "orders.yaml", 3), "not YAML"),)


def test_it_lingers_behind_a_gap_of_its_kind_and_environment() -> None:
    reading = Reading(
        (Fact(CART, "image", "x"),), coverage=(Coverage("manifests", "production", "workload", gaps=GAP),)
    )
    assert lingering(lambda: [CART, ORDERS], reading) == (ORDERS,)


def test_complete_coverage_or_somebody_elses_gap_hides_nothing() -> None:
    complete = Coverage("manifests", "production", "workload")
    elsewhere = Coverage("manifests", "staging", "workload", gaps=GAP)
    other_kind = Coverage("manifests", "production", "job", gaps=GAP)
    assert lingering(lambda: [CART, ORDERS], Reading(coverage=(complete, elsewhere, other_kind))) == ()


def test_what_was_asked_beside_the_inventory_hides_nobody() -> None:
    beyond = {"workload": frozenset({"fit.verdict", "fit.margin"})}

    def lingers(keys: set[str]) -> bool:
        coverage = Coverage("prometheus", "production", "workload", frozenset(keys), GAP)
        return bool(lingering(lambda: [ORDERS], Reading(coverage=(coverage,)), beyond))

    assert not lingers({"fit.verdict"})
    assert not lingers({"fit.verdict", "fit.margin"})
    assert lingers({"fit.verdict", "request_rate"}), "a subject may be known by its measurements alone"
    assert lingers(set())


def test_last_night_is_not_asked_where_nothing_is_hidden() -> None:
    def asked() -> list[Subject]:
        raise AssertionError

    assert lingering(asked, Reading(coverage=(Coverage("manifests", "production", "workload"),))) == ()
