"""Absence is said only where somebody looked and everybody who looked saw everything (law 2)."""

from driftbot.core.coverage import Coverage, Gap, is_absent
from driftbot.core.fact import Origin

COMPLETE = Coverage("manifests", "production", "workload")
GAP = Gap(Origin("charts", "templates/deployment.yaml", 3), "a template, not YAML")


def test_nobody_looked() -> None:
    assert not is_absent([], "production", "workload", "replicas")


def test_somebody_looked_completely() -> None:
    assert is_absent([COMPLETE], "production", "workload", "replicas")


def test_a_second_source_with_a_gap_may_hold_it() -> None:
    broken = Coverage("charts", "production", "workload", gaps=(GAP,))
    assert not is_absent([COMPLETE, broken], "production", "workload", "replicas")


def test_a_source_that_failed_is_not_complete() -> None:
    assert not is_absent(
        [Coverage("charts", "production", "workload", failed=True)], "production", "workload", "replicas"
    )


def test_another_environment_kind_or_key_does_not_count() -> None:
    narrow = Coverage("settings", "production", "workload", frozenset({"replicas"}))
    assert is_absent([narrow], "production", "workload", "replicas")
    assert not is_absent([narrow], "production", "workload", "image")
    assert not is_absent([narrow], "staging", "workload", "replicas")
    assert not is_absent([narrow], "production", "job", "replicas")


def test_a_gap_is_named_by_its_place_not_by_its_reason() -> None:
    assert GAP.fingerprint == "charts:templates/deployment.yaml"
    assert Gap(Origin("prod", "http://x/api", query="up"), "timed out").fingerprint == "prod:http://x/api?up"
