"""Siblings: the odd one of many, and none where there is no majority or a reason."""

import pytest

from driftbot.alerts.siblings import derivation, siblings_otherwise
from tests.alerts.estates import alert, estate, standing

NAMES = "abcde"


def family(**odd):
    """Five alerts of one shape; the last one differs as told."""
    own = {"expression": 'rate(errors_total{{job="{name}"}}[5m]) > 5', "hold": "5m", "severity": "critical"}
    made = []
    for name in NAMES:
        said = {**own, **(odd if name == NAMES[-1] else {})}
        expression = said.pop("expression").format(name=name)
        made.append(alert(name, expression, **said))
    return standing(*made)


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (
            {"expression": 'rate(errors_total{{job="{name}"}}[5m]) > 50'},
            "threshold > 50 where 4 of 5 siblings have > 5",
        ),
        (
            {"expression": 'rate(errors_total{{job="{name}"}}[5m]) >= 5'},
            "threshold >= 5 where 4 of 5 siblings have > 5",
        ),
        ({"hold": "15m"}, "for 15m where 4 of 5 siblings have 5m"),
        ({"severity": "warning"}, "severity warning where 4 of 5 siblings have critical"),
        ({"severity": ""}, "severity none where 4 of 5 siblings have critical"),
    ],
)
def test_the_odd_one_is_told(odd, told):
    found = siblings_otherwise(family(**odd))
    assert found.pop("e") == (f"{told} (a, b, c, …)",)
    assert not any(found.values())


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"expression": 'rate(errors_total{{job=~"{name}|f"}}[5m]) > 5'},
        {"expression": 'rate(errors_total{{job!="{name}"}}[5m]) > 50'},
        {"expression": 'rate(errors_total{{job="{name}",code="500"}}[5m]) > 50'},
        {"expression": 'rate(errors_total{{job="{name}"}}[10m]) > 50'},
        {"expression": 'rate(others_total{{job="{name}"}}[5m]) > 50'},
        {"expression": 'rate(errors_total{{job="a"}}[5m]) > 50', "severity": "warning"},
        {"hold": "15m", "labels": {"tier": "1"}},
        {"hold": "15m", "labels": {"environment": "staging"}},
        {"hold": "15m", "environment": "staging"},
    ],
)
def test_one_that_agrees_or_is_no_sibling_or_has_a_reason(odd):
    assert not any(siblings_otherwise(family(**odd)).values())


def test_a_ladder_is_compared_rung_by_rung():
    rungs = [
        alert(f"{name}/{severity}", f'lag{{job="{name}"}} > {number}', severity=severity)
        for name in NAMES
        for severity, number in (("warning", 50), ("critical", 90 if name != "e" else 99))
    ]
    found = {name: told for name, told in siblings_otherwise(standing(*rungs)).items() if told}
    assert list(found) == ["e/critical"]


def test_where_one_has_a_ladder_severities_are_no_trait():
    alerts = [alert(name, f'lag{{job="{name}"}} > 5', severity="critical") for name in NAMES]
    alerts.append(alert("a/warning", 'lag{job="a"} > 1', severity="warning"))
    assert not any(siblings_otherwise(standing(*alerts)).values())


def test_three_are_too_few_and_a_bare_majority_is_none():
    few = [alert(name, f'x{{job="{name}"}} > {number}') for name, number in (("a", 1), ("b", 1), ("c", 2))]
    torn = [alert(name, f'x{{job="{name}"}} > {1 + (name > "c")}') for name in NAMES]
    assert not any(siblings_otherwise(standing(*few)).values())
    assert not any(siblings_otherwise(standing(*torn)).values())


def test_three_of_four_are_a_majority():
    alerts = [alert(name, f'x{{job="{name}"}} > {1 + (name == "d")}') for name in "abcd"]
    assert siblings_otherwise(standing(*alerts))["d"] == ("threshold > 2 where 3 of 4 siblings have > 1 (a, b, c)",)


def test_being_there_and_being_absent_are_two_things():
    alerts = [alert(name, f'up{{job="{name}"}} == 0') for name in "abcd"]
    assert not any(siblings_otherwise(standing(*alerts, alert("e", 'absent(up{job="e"})'))).values())


def test_it_is_stated_of_every_alert_that_can_be_read():
    found = estate(alert("A", "x > 1"), alert("Broken", "x >"))
    assert [(fact.subject.name, fact.value) for fact in derivation.derive(found)] == [("A", ())]
