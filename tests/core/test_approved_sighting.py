"""An alert that no night has seen keeps the name it was approved under, renamed or not, and never another's name."""

from __future__ import annotations

import pytest

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.identity import assign_alerts
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of

SLOW = "max(latency_seconds) > 0.5"
SLOWER = "max(latency_seconds) > 0.9"
LOOKED = Coverage("git", "production", "alert")
GAP = Coverage("git", "production", "alert", gaps=(Gap(Origin("git", "b.yaml"), "broken"),))


def alert(name: str, expression: str, group: str = "g", severity: str = "page", path: str = "a.yaml") -> Fact:
    labels = {"alertname": name, "group": group, "severity": severity, "file": path}
    subject = Subject("alert", "production", f"{path}:{group}/{name}/{expression}", labels_of(labels))
    return Fact(subject, "expression", expression, origin=Origin("git", path))


def approved(name: str, kind: str = "alert", environment: str = "production", **parts: Value) -> list[Fact]:
    subject = Subject(kind, environment, name)
    return [Fact(subject, key.replace("__", "."), value, View.APPROVED) for key, value in parts.items()]


def names(
    tonight: list[Fact], told: list[Fact], coverage: Coverage = LOOKED, last_night: tuple[Fact, ...] = ()
) -> list[str]:
    """The lasting names, in the order of the alerts given."""
    found = assign_alerts(Reading(tuple(tonight), coverage=(coverage,)), last_night, told)
    by_value = {str(fact.value): fact.subject.name for fact in found.facts if fact.key == "expression"}
    return [by_value[str(fact.value)] for fact in tonight]


@pytest.mark.parametrize(
    ("tonight", "told"),
    [
        pytest.param(alert("CartLate", SLOWER), approved("CartSlow", expression=SLOW), id="renamed and loosened"),
        pytest.param(
            alert("CartLate", SLOWER, severity="ticket"), approved("CartSlow", expression=SLOWER), id="only renamed"
        ),
        pytest.param(
            alert("CartLate", SLOWER, group="cart"),
            approved("CartSlow", expression=SLOW, severity="page", rule__group="cart", rule__path="a.yaml"),
            id="renamed in its place",
        ),
        pytest.param(
            alert("CartLate", SLOWER),
            approved(
                "CartSlow/1",
                "condition",
                measured="max(latency_seconds)",
                comparison=">",
                threshold=Quantity(0.5, Unit.COUNT),
            ),
            id="all of its only condition was approved",
        ),
        pytest.param(
            alert("Slow", "up == 0", group="shop"), approved("shop/Slow", hold="5m"), id="a longer name than is needed"
        ),
        pytest.param(alert("CartSlow", "up == 0"), approved("CartSlow", expression=SLOW), id="rewritten"),
        pytest.param(
            alert("CartLate", SLOWER),
            approved("g/Slow", rule__name="CartLate", expression=SLOW),
            id="under a name that it had before",
        ),
    ],
)
def test_an_alert_keeps_the_name_it_was_approved_under(tonight, told):
    (name,) = names([tonight], told)
    assert name == told[0].subject.name.removesuffix("/1")


@pytest.mark.parametrize(
    ("tonight", "told"),
    [
        pytest.param([alert("CartLate", SLOWER)], approved("CartSlow", hold="5m"), id="nothing tells that it is it"),
        pytest.param(
            [alert("CartLate", SLOWER, severity="ticket")],
            approved("CartSlow", expression=SLOW, severity="page"),
            id="another severity and another threshold",
        ),
        pytest.param([alert("CartLate", "up == 0")], approved("CartSlow", expression=SLOW), id="another expression"),
        pytest.param(
            [alert("CartLate", SLOWER), alert("CartLater", "max(latency_seconds) > 0.7")],
            approved("CartSlow", expression=SLOW),
            id="two that could be it",
        ),
        pytest.param(
            [alert("CartLate", SLOWER)],
            approved("CartSlow", environment="staging", expression=SLOW),
            id="in another environment",
        ),
    ],
)
def test_what_is_not_certainly_the_approved_one_gets_its_own_name(tonight, told):
    assert "CartSlow" not in names(tonight, told)


def test_where_somebody_could_not_look_nobody_was_renamed():
    renamed = [alert("CartLate", SLOWER)]
    assert names(renamed, approved("CartSlow", expression=SLOW), GAP) == ["CartLate"]
    kept = [alert("CartSlow", SLOWER, group="new"), alert("CartSlow", "up == 0")]
    assert names(kept, approved("g.CartSlow", rule__name="CartSlow", expression=SLOW), GAP)[0] == "g.CartSlow"


def test_an_alert_that_is_still_called_so_comes_before_one_that_asks_the_same():
    tonight = [alert("CartLate", SLOWER), alert("CartSlow", "up == 0")]
    assert names(tonight, approved("CartSlow", expression=SLOW)) == ["CartLate", "CartSlow"]


def test_a_name_that_a_night_has_seen_is_not_given_away():
    before = assign_alerts(Reading((alert("CartSlow", SLOW),), coverage=(LOOKED,)), ())
    tonight = [alert("Other", "up == 0")]
    told = approved("CartSlow", expression="up == 0")
    assert names(tonight, told, last_night=before.facts) == ["Other"]
    both = [alert("CartSlow", SLOW), alert("Other", "up == 0")]
    assert names(both, told, last_night=before.facts) == ["CartSlow", "Other"]
