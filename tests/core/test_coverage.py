"""Absence is said only where somebody looked and everybody who looked saw everything (law 2)."""

from dataclasses import replace

import pytest

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


SETTLED = Coverage(
    "charts",
    "production",
    "workload",
    gaps=(GAP,),
    settled=frozenset({"image"}),
    doubted=frozenset({"shop/rank"}),
)


@pytest.mark.parametrize(
    ("entry", "key", "name", "told_by", "absent"),
    [
        pytest.param(SETTLED, "image", "shop/cart", {"charts"}, True, id="it told of it, whatever its gap hides"),
        pytest.param(SETTLED, "image", "shop/cart", {"prod"}, False, id="only somebody else told of it"),
        pytest.param(SETTLED, "image", "shop/cart", set(), False, id="nobody told of it: the gap may hide it"),
        pytest.param(SETTLED, "image", "", {"charts"}, False, id="it is asked of any subject"),
        pytest.param(SETTLED, "replicas", "shop/cart", {"charts"}, False, id="another document may give the key"),
        pytest.param(SETTLED, "image", "shop/rank", {"charts"}, False, id="its own document is in doubt"),
        pytest.param(replace(SETTLED, failed=True), "image", "shop/cart", {"charts"}, False, id="the source failed"),
        pytest.param(COMPLETE, "image", "shop/cart", set(), True, id="everything was read"),
    ],
)
def test_a_source_with_gaps_saw_all_that_can_state_a_key(
    entry: Coverage, key: str, name: str, told_by: set[str], absent: bool
) -> None:
    if name:
        assert is_absent([entry], "production", "workload", key, name, told_by) is absent
        assert is_absent([COMPLETE, entry], "production", "workload", key, name, told_by) is absent
        assert not is_absent([entry, replace(COMPLETE, gaps=(GAP,))], "production", "workload", key, name, told_by)
    assert is_absent([entry], "production", "workload", key) is entry.complete


def test_a_gap_is_named_by_its_place_not_by_its_reason() -> None:
    assert GAP.fingerprint == "charts:templates/deployment.yaml"
    assert Gap(Origin("prod", "http://x/api", query="up"), "timed out").fingerprint == "prod:http://x/api?up"
