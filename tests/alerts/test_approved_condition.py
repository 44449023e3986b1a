"""Approved conditions follow what they measure; nothing is compared with another measure."""

from __future__ import annotations

from driftbot.alerts.approved_condition import as_approved, placed
from driftbot.core.approved import SOURCE
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject

ALERT = Subject("alert", "production", "shop/Slow")
PLACE = Origin(SOURCE, "ann, 2026-04-01")


def of_alert(view: View, expression: str) -> Fact:
    return Fact(ALERT, "expression", expression, view, origin=PLACE)


def approved(number: int, key: str, value: Value) -> Fact:
    return Fact(Subject("condition", "production", f"shop/Slow/{number}"), key, value, View.APPROVED, origin=PLACE)


def limit(number: int, value: float = 5.0) -> Fact:
    return approved(number, "threshold", Quantity(value, Unit.COUNT))


def numbers(told: list[Fact], today: str) -> list[tuple[str, str]]:
    found = placed(told, [of_alert(View.DECLARED, today)])
    return [(fact.subject.name.rpartition("/")[2], fact.key) for fact in found if fact.key == "threshold"]


TWO = of_alert(View.APPROVED, "a > 1 and b > 5")


def test_a_condition_is_found_by_what_it_measures():
    assert numbers([TWO, limit(2)], "a > 1 and b > 9") == [("2", "threshold")]
    assert numbers([TWO, limit(2)], "b > 9 and a > 1") == [("1", "threshold")]
    assert numbers([TWO, limit(1), limit(2)], "c > 3 and b > 9 and a > 1") == [("3", "threshold"), ("2", "threshold")]
    assert numbers([approved(2, "measured", "b"), limit(2)], "b > 9 and a > 1") == [("1", "threshold")]
    assert numbers([TWO, limit(2)], 'b{job="x"} > 9') == [("1", "threshold")], "another selector of the same measure"


def test_both_ends_of_a_band_stay_what_they_are():
    band = of_alert(View.APPROVED, "1 < x < 3")
    assert numbers([band, limit(1), limit(2)], "x < 4 and x > 2") == [("2", "threshold"), ("1", "threshold")]


def test_a_measure_that_is_gone_is_compared_with_nothing():
    assert numbers([TWO, limit(2)], "a > 1 and c > 5") == []
    assert numbers([TWO, limit(2)], "a > 1") == []
    percent = of_alert(View.APPROVED, "100 * x > 90")
    assert numbers([percent, limit(1, 90)], "x > 0.9") == [], "its threshold is in another unit"


def test_where_nothing_tells_what_it_measured_its_number_counts():
    assert numbers([limit(2)], "b > 9 and a > 1") == [("2", "threshold")]
    assert numbers([TWO, limit(2)], "b >") == [("2", "threshold")]
    assert numbers([of_alert(View.APPROVED, "b >"), limit(2)], "a > 1") == [("2", "threshold")]


def test_what_was_moved_can_be_told_from_what_was_approved_there():
    told = [TWO, limit(2)]
    found = placed(told, [of_alert(View.EFFECTIVE, "b > 9 and a > 1"), of_alert(View.DECLARED, "a > 1 and b > 9")])
    assert [fact.subject.name for fact in found] == ["shop/Slow", "shop/Slow/1"], "what runs counts"
    assert [as_approved(fact) for fact in found] == told
    assert str(found[1].origin) == "ann, 2026-04-01 approved as condition:production/shop/Slow/2"


def test_other_approvals_stay_as_they_are():
    others = [
        Fact(Subject("call", "production", "a->b"), "timeout", "x", View.APPROVED),
        Fact(Subject("condition", "production", "odd"), "threshold", "x", View.APPROVED),
    ]
    assert list(placed(others, [])) == others
