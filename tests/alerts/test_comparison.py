"""Changes: golden cases in ``fixtures/alerts/changes/``, one pair of definitions a file; and what holds for all."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.alerts.change import LONGEST, Aspect, Change, Direction, shortened
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.alerts.direction import opposite
from driftbot.alerts.joining import shown
from driftbot.alerts.meaning import meaning
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.promql.expression import NotPromQL

FIXTURES = Path(__file__).parents[2] / "fixtures" / "alerts" / "changes"
CASES = sorted(FIXTURES.glob("*.yaml"))
CORPUS = os.environ.get("DRIFTBOT_CORPUS")


def defined(case: dict[str, object] | None) -> AlertDefinition | None:
    if case is None:
        return None

    def seconds(key: str) -> float:
        return parse_quantity(str(case.get(key, "0")), Unit.SECONDS).value

    routing = case.get("routing", ())
    assert isinstance(routing, list | tuple)
    return definition(
        "HostDown",
        str(case["expr"]),
        seconds("for"),
        seconds("keep_firing_for"),
        str(case.get("severity", "")),
        routing,
    )


def asks(expression: str) -> AlertDefinition:
    return definition("A", expression)


def told(found: tuple[Change, ...]) -> list[str]:
    return [f"{change.direction}: {change}" for change in found]


def mirrored(found: tuple[Change, ...]) -> list[tuple[str, ...]]:
    return sorted({(change.aspect, opposite(change.direction), change.new, change.old) for change in found})


def plain(found: tuple[Change, ...]) -> list[tuple[str, ...]]:
    return sorted({(change.aspect, change.direction, change.old, change.new) for change in found})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_two_definitions_differ_as_their_case_says(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    old, new = defined(case["old"]), defined(case["new"])
    assert told(changes(old, new)) == case["changes"]
    assert mirrored(changes(old, new)) == plain(changes(new, old))
    assert changes(old, old) == changes(new, new) == ()


def test_only_what_is_ambiguous_says_why():
    for path in CASES:
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        for change in changes(defined(case["old"]), defined(case["new"])):
            assert bool(change.because) is (change.direction is Direction.AMBIGUOUS), path.stem


METRICS = st.sampled_from(("x", "errors_total", "size_bytes"))
MATCHERS = st.sampled_from(("", '{job="a"}', '{job=~"a|b"}', '{job!="c",zone="z"}'))
SELECTORS = st.builds("{}{}".format, METRICS, MATCHERS)
NUMBERS = st.integers(-50, 50).map(lambda value: f"{value / 10:g}")
OPERATORS = st.sampled_from((">", ">=", "<", "<=", "==", "!="))
MEASURES = st.one_of(
    SELECTORS,
    st.builds("rate({}[{}m])".format, SELECTORS, st.integers(1, 3)),
    st.builds("sum by ({}) ({})".format, st.sampled_from(("job", "zone")), SELECTORS),
    st.builds("count({} > {})".format, SELECTORS, NUMBERS),
    st.builds("{} / {}".format, SELECTORS, SELECTORS),
)
CONDITIONS = st.one_of(
    st.builds("({} {} {})".format, MEASURES, OPERATORS, NUMBERS),
    st.builds("absent({})".format, SELECTORS),
    MEASURES,
)
EXPRESSIONS = st.recursive(
    CONDITIONS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(("and", "or", "unless")), inner),
    max_leaves=4,
)


@given(EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_the_way_back_is_the_opposite_of_the_way(old, new):
    assert changes(asks(old), asks(old)) == ()
    assert mirrored(changes(asks(old), asks(new))) == plain(changes(asks(new), asks(old)))


@given(EXPRESSIONS)
@settings(max_examples=200, deadline=None)
def test_an_expression_written_by_its_meaning_means_the_same(expression):
    assert changes(asks(expression), asks(shown(meaning(asks(expression).expression)))) == ()


@given(MEASURES, st.sampled_from((">", ">=", "<", "<=")), st.lists(st.integers(-90, 90), min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
def test_thresholds_are_monotone(measured, operator, numbers):
    low, middle, high = sorted(numbers)
    upward = Direction.LOOSER if operator in {">", ">="} else Direction.STRICTER
    for first, second in ((low, middle), (middle, high), (low, high)):
        found = changes(asks(f"{measured} {operator} {first}"), asks(f"{measured} {operator} {second}"))
        assert [change.direction for change in found] == ([] if first == second else [upward])


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_longer_for_is_looser(first, second):
    found = changes(definition("A", "x", first), definition("A", "x", second))
    wanted = [] if first == second else [Direction.LOOSER if second > first else Direction.STRICTER]
    assert [change.direction for change in found] == wanted


@given(EXPRESSIONS, NUMBERS, NUMBERS)
@settings(max_examples=200, deadline=None)
def test_a_condition_pages_less_under_and_and_more_under_or(expression, first, second):
    assert_direction(expression, f"({expression}) and other > {first}", Direction.LOOSER)
    assert_direction(expression, f"({expression}) or other > {first}", Direction.STRICTER)
    assert_direction(expression, f"({expression}) unless other > {first}", Direction.LOOSER)
    if float(first) < float(second):
        old, new = (f"({expression}) unless other > {number}" for number in (first, second))
        assert_direction(old, new, Direction.STRICTER)


def assert_direction(old: str, new: str, wanted: Direction) -> None:
    assert [change.direction for change in changes(asks(old), asks(new))] == [wanted]


def test_what_is_far_too_long_for_a_sentence_is_cut_in_its_middle():
    text = f"{'a' * 400}{'b' * 400}"
    assert len(shortened(text)) <= LONGEST
    assert shortened(text)[0] == "a" and shortened(text)[-1] == "b"
    assert len(str(Change(Aspect.EXPRESSION, Direction.AMBIGUOUS, text, text, text))) < 4 * LONGEST


def public_alerts() -> list[AlertDefinition]:
    found = []
    for path in sorted((Path(str(CORPUS)) / "alerts").glob("*.rules.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            rule = json.loads(line)
            try:
                found.append(definition(rule["alert"], rule["expr"]))
            except NotPromQL:
                continue
    return found


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS, reason="DRIFTBOT_CORPUS is not set: the folder of public material")
def test_public_alerts_mean_what_their_meaning_says_and_differ_alike_both_ways():
    alerts = public_alerts()
    assert len(alerts) > 1_800
    for alert in alerts:
        again = definition(alert.name, shown(meaning(alert.expression)))
        assert changes(alert, again) == (), alert.expression
    chosen = random.Random(7)
    for _ in range(1_000):
        old, new = chosen.choice(alerts), chosen.choice(alerts)
        assert mirrored(changes(old, new)) == plain(changes(new, old)), (old.expression, new.expression)
