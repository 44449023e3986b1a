"""Stale numbers: prose against the definition it stands beside."""

import re

import pytest

from driftbot.alerts.stale_numbers import derivation, stale_numbers
from driftbot.alerts.standing import standing_alerts
from tests.alerts.estates import alert, asks, corpus, estate


@pytest.mark.parametrize(
    ("expression", "hold", "prose"),
    [
        ("usage > 0.9", "5m", "above 90% for 5 minutes"),
        ("usage * 100 > 90", "5m", "above 90%"),
        ("free / size < 0.1", "5m", "more than 90% full, less than 10% free"),
        ("free / size * 100 < 10", "0s", "more than 90% full"),
        ("x > 1.2", "0s", "more than 20% above the others"),
        ("(1 - a / b) > 1/3", "0s", "more than 33%"),
        ("time() - last_run_timestamp_seconds > 9 * 3600", "0s", "older than 9 hours"),
        ("time() - last_run_timestamp_seconds > 259200", "0s", "not run for more than 3 days"),
        ("latency_ms > 2000", "0s", "takes more than 2 seconds"),
        ("age_days > 14", "0s", "older than 2 weeks"),
        ("size_bytes > 214748364800", "0s", "more than 200GiB"),
        ("size_bytes > 5e9", "0s", "more than 5 GB"),
        ("rate(errors_total[5m]) > 0.1", "0s", "more than 6 a minute"),
        ("rate(errors_total[5m]) > 0.1", "0s", "more than 30 in five minutes"),
        ("restarts > 4", "0s", "restarted at least 5 times"),
        ("restarts >= 5", "0s", "restarted more than 4 times"),
        ("count(restarts > 4) >= 0.5", "0s", "half of them restarted at least 5 times"),
        ("heap_slots > 500000", "0s", "(> 500k)"),
        ("files > 0.9 * 65535", "0s", "more than 90% of allowed files"),
        ("histogram_quantile(0.95, rate(x_seconds_bucket[5m])) > 1", "0s", "slower than 1 second, 95% of all"),
        ('errors{code=~"5.."} > 20 and total > 100', "0s", "more than 20 errors, at least 100 requests"),
        ("deriv(gc_time_ms[5m]) > 100", "0s", "spends more than 10% of its time"),
        ("predict_linear(free[6h], 24 * 3600) < 0", "1h", "runs out within the next 24 hours"),
        ("queue > 5", "15m", "queued for more than 30 minutes"),
        ("x > 0", "0s", "has more than 0 errors, 100% of them"),
        ("down > 1", "0s", "less than 2 are available"),
        ("x == 5", "0s", "more than 7"),
        ("up == 0", "5m", "down for more than 10 minutes"),
        ("service:latency_seconds:90pct5m > 1", "0s", "90% are slower than that"),
        ('x{quantile="0.75"} > 1', "0s", "75% of all"),
        ("usage * 100 > 100", "0s", "over 100%"),
        ("predict_linear(free[6h], 4 * 3600) < 10", "0s", "more than 24 hours of work"),
    ],
)
def test_explained(expression, hold, prose):
    assert stale_numbers(asks(expression, hold), prose) == ()


@pytest.mark.parametrize(
    ("expression", "prose", "expected"),
    [
        ("queue > 250", "more than 50 messages", "“more than 50”: the threshold is 250"),
        ("usage > 0.9", "above 85%", "“above 85%”: the threshold is 90%"),
        ("free / size < 0.1", "more than 80% full", "“more than 80%”: the threshold is 90%"),
        ("free / size < 0.1", "less than 20% free", "“less than 20%”: the threshold is 10%"),
        ("usage > 0.95", "above 98%", "“above 98%”: the threshold is 95%"),
        ("lag_seconds > 60", "more than 300 seconds", "“more than 300 seconds”: the threshold is 1m"),
        ("time() - x_timestamp_seconds > 9 * 3600", "older than 3 hours", "“older than 3 hours”: the threshold is 9h"),
        ("size_bytes > 1073741824", "more than 2GiB", "“more than 2GiB”: the threshold is 1Gi"),
        ("x - time() < 86400 * 30", "ends in less than 60 days", "“less than 60 days”: the threshold is 2592000"),
        ("restarts > 3", "at least 5 times", "“at least 5 times”: the threshold is 3"),
        ("a > 10 and b > 0", "more than 5", "“more than 5”: the threshold is 10"),
        ("predict_linear(free[6h], 4 * 3600) < 10", "full within 24 hours", "“within 24 hours”: the threshold is 10"),
    ],
)
def test_stale(expression, prose, expected):
    assert stale_numbers(asks(expression), prose) == (expected,)


def test_a_window_told_beside_the_threshold_is_no_bound():
    lag = asks("lag_seconds > 60")
    assert stale_numbers(lag, "above 60 seconds over 15 minutes") == ()
    assert stale_numbers(lag, "not seen in the last 15 minutes") == ("“in the last 15 minutes”: the threshold is 1m",)


def test_it_is_stated_of_every_alert_that_can_be_read_where_its_prose_stands():
    found = estate(
        alert("Stale", "x > 5", prose="more than 3"),
        alert("Silent", "x > 5"),
        alert("Broken", "x >"),
    )
    facts = {fact.subject.name: fact for fact in derivation.derive(found)}
    assert {name: len(fact.value) for name, fact in facts.items()} == {"Stale": 1, "Silent": 0}
    assert str(facts["Stale"].origin) == "a.yaml:3"


@pytest.mark.corpus
def test_planted_in_public_alerts(capsys):
    """Every number that names a threshold, replaced by another: most are told; as they stand nearly none is."""
    planted = told = standing = rules = 0
    for found in corpus().values():
        for one in standing_alerts(found):
            rules += 1
            standing += bool(stale_numbers(one.definition, one.prose))
            for text, number in _planted(one):
                planted += 1
                stale = stale_numbers(one.definition, text)
                told += any(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", each) for each in stale)
    with capsys.disabled():
        print(f"\n{told} of {planted} planted numbers told; {standing} of {rules} alerts as they stand")
    assert planted > 1_000
    assert told >= 0.9 * planted
    assert standing <= 5


def _planted(one):
    prose = re.sub(r"\{\{.*?\}\}", "□", one.prose, flags=re.DOTALL)
    bounds = [
        each.threshold for each in one.definition.conditions if each.threshold and str(each.comparison)[0] in "<>"
    ]
    known = {text for bound in bounds if bound != 1 for text in _renderings(bound)}
    match = next((each for each in _NUMBERS.finditer(prose) if each[0] in known - {"0", "1"}), None)
    for factor in (1.5, 2, 0.5) if match else ():
        value, percent = float(match[0]), "%" in prose[match.end() : match.end() + 2]
        other = value * factor if not percent or value * factor < 100 else 100 - (100 - value) / 2
        other = float(int(other) + 1) if value.is_integer() and not other.is_integer() else other
        if other != value:
            yield prose[: match.start()] + f"{other:g}" + prose[match.end() :], f"{other:g}"


_NUMBERS = re.compile(r"(?<![\w.,:/-])\d+(?:\.\d+)?(?![\w]*\d|xx|\.\d)")


def _renderings(bound):
    scales = (60, 3600, 86400, 1000, 1e6, 1e9, 1024, 1024**2, 1024**3)
    values = (bound, bound * 100, 100 - bound, (1 - bound) * 100, bound * 60, *(bound / scale for scale in scales))
    return {f"{value:.6g}" for value in values if value > 0 and abs(value - round(value, 3)) < 1e-9}
