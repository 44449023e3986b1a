"""Alerts of one measure: late warnings, and two that tell one thing."""

import pytest

from driftbot.alerts import same_measure
from driftbot.alerts.implication import implies
from driftbot.alerts.same_measure import fires_no_earlier, pages_twice
from driftbot.alerts.standing import standing_alerts
from driftbot.promql.condition import Comparison
from tests.alerts.estates import alert, corpus, estate, standing

CRITICAL = alert("Critical", "disk > 0.9", hold="5m", severity="critical")


@pytest.mark.parametrize(
    ("expression", "hold", "severity"),
    [
        ("disk > 0.9", "5m", "warning"),
        ("disk > 0.95", "5m", "warning"),
        ("100 * disk > 90", "5m", "info"),
        ("disk > 0.9", "1h", "warning"),
        ('disk{device="a"} > 0.9', "5m", "warning"),
    ],
)
def test_a_warning_that_does_not_warn_first(expression, hold, severity):
    warning = alert("Warning", expression, hold=hold, severity=severity)
    found = fires_no_earlier(standing(CRITICAL, warning))
    assert found["Warning"] == ()
    (told,) = found["Critical"]
    assert told.startswith(f"Warning ({severity} ")


@pytest.mark.parametrize(
    ("expression", "hold", "severity"),
    [
        ("disk > 0.8", "5m", "warning"),
        ("disk > 0.9", "1m", "warning"),
        ("disk > 0.8", "1h", "warning"),
        ("disk < 0.9", "5m", "warning"),
        ("other > 0.95", "5m", "warning"),
        ("disk > 0.95", "5m", "page"),
        ("disk > 0.95", "5m", "critical"),
        ("disk > 0.95", "5m", "gold"),
        ("disk > 0.95", "5m", "page"),
    ],
)
def test_one_that_does_or_is_no_warning(expression, hold, severity):
    other = alert("Other", expression, hold=hold, severity=severity)
    assert fires_no_earlier(standing(CRITICAL, other))["Critical"] == ()


def test_a_warning_of_another_environment_or_place_is_no_warning_of_this():
    away = alert("Away", "disk > 0.95", hold="5m", severity="warning", environment="staging")
    site = alert("Site", "disk > 0.95", hold="5m", severity="warning", alertname="Critical", labels={"file": "b.yaml"})
    assert fires_no_earlier(standing(CRITICAL, away, site))["Critical"] == ()


def test_how_long_a_server_waits_must_be_known():
    warning = alert("Warning", "disk > 0.95", hold="5m", severity="warning")
    unsaid = tuple(fact for fact in warning if fact.key != "hold")
    assert fires_no_earlier(standing(CRITICAL, unsaid))["Critical"] == ()


@pytest.mark.parametrize(
    ("expression", "hold"), [("0.9 < disk", "5m"), ("disk > 0.95", "5m"), ('disk{a="b"} > 0.9', "10m")]
)
def test_one_that_tells_what_another_has_told(expression, hold):
    again = alert("Critical2", expression, hold=hold, severity="critical")
    found = pages_twice(standing(CRITICAL, again))
    assert found == {"Critical": (), "Critical2": ("Critical (critical > 0.9 for 5m)",)}


@pytest.mark.parametrize(
    "other",
    [
        alert("Other", "disk > 0.95", hold="1m", severity="critical"),
        alert("Other", "disk > 0.95", hold="5m", severity="warning"),
        alert("Other", "disk > 0.95", hold="5m", severity="critical", routing=("team=data",)),
        alert("Other", "rate(disk[5m]) > 0.9", hold="5m", severity="critical"),
    ],
)
def test_one_that_tells_something_else(other):
    assert not any(pages_twice(standing(CRITICAL, other)).values())


def test_many_are_counted():
    found = pages_twice(standing(*(alert(f"A{number:02}", "x > 1", severity="page") for number in range(30))))
    assert (len(found["A00"]), len(found["A29"])) == (0, same_measure.TOLD + 1)
    assert "and 24 others" in found["A29"]


def test_of_many_alerts_on_one_metric_only_those_are_compared_that_can_imply_one_another(monkeypatch):
    compared = []
    monkeypatch.setattr(same_measure, "implies", lambda *pair: compared.append(pair) or implies(*pair))
    jobs = [alert(f"Down{number:03}", f'up{{job="j{number}"}} == 0', severity="page") for number in range(300)]
    general = [alert("Down", "up == 0", severity="page"), alert("Lost", "up < 1", severity="warning")]
    known = standing(*jobs, *general)
    twice, order = pages_twice(known), fires_no_earlier(known)
    assert [twice[f"Down{number:03}"] for number in range(300)] == [("Down (page == 0 at once)",)] * 300
    assert not any(order.values())
    assert len(compared) < 3 * len(known), "not every two of them"


def test_both_keys_are_stated_of_every_alert_that_can_be_read():
    found = estate(CRITICAL, alert("Broken", "x >"))
    for derivation in (same_measure.severity_order, same_measure.same_page):
        assert [(fact.subject.name, fact.value) for fact in derivation.derive(found)] == [("Critical", ())]


@pytest.mark.corpus
def test_planted_in_public_alerts(capsys):
    """Each threshold twice, as a warning and a critical alert: equal it is told, earlier it is not."""
    planted = told = false = 0
    for found in corpus().values():
        for one in standing_alerts(found):
            first = one.definition.conditions[0]
            if len(one.definition.conditions) > 1 or first.comparison not in _SHIFTED or not first.threshold:
                continue
            planted += 1
            measured = f"({first.measured}) {first.comparison} "
            earlier = first.threshold - _SHIFTED[first.comparison] * abs(first.threshold) / 10
            critical = alert("Critical", measured + repr(first.threshold), severity="critical")
            equal = alert("Equal", measured + repr(first.threshold), severity="warning")
            before = alert("Before", measured + repr(earlier), severity="warning")
            late = fires_no_earlier(standing(critical, equal, before))["Critical"]
            told += any(each.startswith("Equal") for each in late)
            false += any(each.startswith("Before") for each in late)
    with capsys.disabled():
        print(f"\n{told} of {planted} late warnings told, {false} timely ones")
    assert planted > 500
    assert told == planted
    assert false == 0


_SHIFTED = {Comparison.ABOVE: 1, Comparison.AT_LEAST: 1, Comparison.BELOW: -1, Comparison.AT_MOST: -1}


@pytest.mark.corpus
def test_public_alerts_as_they_stand(capsys):
    counts = {}
    for name, found in corpus().items():
        alerts = tuple(standing_alerts(found))
        late, twice = fires_no_earlier(alerts), pages_twice(alerts)
        counts[name] = sum(map(bool, late.values())), sum(map(bool, twice.values())), len(alerts)
    with capsys.disabled():
        print(f"\nlate warnings, told twice, of alerts: {counts}")
    assert sum(late for late, _, _ in counts.values()) == 0
    assert 5 <= sum(twice for _, twice, _ in counts.values()) <= 20
