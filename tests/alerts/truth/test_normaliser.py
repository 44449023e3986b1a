"""The truth is true: what the normaliser reads, whom it pairs, and that it owes the product nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.alerts.truth.normaliser import Alert, Way, What, alerts, net_changes, paired
from tests.alerts.truth.thresholds import Unreadable, read, seconds

HERE = Path(__file__).parent
PARSERS = frozenset({"driftbot", "promql_parser", "benchmarks", "docs"})


def test_the_truth_imports_nothing_of_what_it_judges() -> None:
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, "relative imports hide where a name is from"
                modules = [str(node.module)]
            for module in modules:
                assert module.partition(".")[0] not in PARSERS, f"{path.name} imports {module}"
                assert not module.startswith("tests.") or module.startswith("tests.alerts.truth"), module


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("up == 0", [("up", "==", 0)]),
        ("x > 60*60*24", [("x", ">", 86400)]),
        ("x > (1 - 0.999) * 14.4", [("x", ">", 0.0144)]),
        ("x > -2 ^ 2", [("x", ">", -4)]),
        ("5 < x", [("x", ">", 5)]),
        ("1 < x < 3", [("x", ">", 1), ("x", "<", 3)]),
        ("x > 5m", [("x", ">", 300)]),
        ("x > 1_000_000", [("x", ">", 1e6)]),
        ("x > 0x1F # > 7\n and y < 1e-3", [("x", ">", 31), ("y", "<", 0.001)]),
        ('x{a=">3",b=~"{}<4"} >= .5', [('x{a=">3",b=~"{}<4"}', ">=", 0.5)]),
        ("sum by (job) (rate(x[5m])) > bool 2", [("sum by (job) (rate(x[5m]))", ">", 2)]),
        ("sum(rate(x[5m])) by (job) > 2", [("sum by (job) (rate(x[5m]))", ">", 2)]),
        ("x > on (a) group_left (b) y * 2", []),
        ("x offset 5m > 1", [("x offset 5m", ">", 1)]),
        ("x @ end() > 1 or absent(y)", [("x @ end()", ">", 1)]),
        ("count(x == 1) > 5", [("x", "==", 1), ("count(x == 1)", ">", 5)]),
        ("a * 2 < 10 unless b > 3", [("a * 2", "<", 10), ("b", ">", 3)]),
        ("max_over_time(x[1h:5m] offset -1h) != +Inf", [("max_over_time(x[1h:5m] offset -1h)", "!=", float("inf"))]),
        ("avg without(a,) (x) > vector(3)", [("avg without (a) (x)", ">", 3)]),
        ("-x > 1", [("-x", ">", 1)]),
    ],
)
def test_numbers_compared_with(text: str, sides: list[tuple[str, str, float]]) -> None:
    assert [(one.measured, one.sign, one.number) for one in read(text).thresholds] == sides


def test_what_is_no_promql_is_not_guessed_at() -> None:
    for text in ('sum(rate({app="x"} |= "error" [5m])) > 1', "x >", "x > 1 y", "x[5m", "{{ .Values.x }} > 1"):
        with pytest.raises(Unreadable):
            read(text)


def test_only_what_changes_the_meaning_changes_the_text() -> None:
    assert read("sum( rate(x [5m] ) )by(a,b)>5").text == read("sum by (a, b) (rate(x[5m]))\n# why\n> 5").text
    assert read("x > 5").shape == read("x > 2 * 3").shape
    assert read("x[5m] > 5").shape != read("x[6m] > 5").shape
    assert read("a unless b > 1").thresholds[0].inverted


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("x > 60 * 60 # much", ["60 * 60"]),
        ("(1 - 0.9) * 2 < x", ["(1 - 0.9) * 2"]),
        ("1 < x < (3)", ["1", "(3)"]),
        ("x > bool 1 and y * 2 >= -4 or z == 5m", ["1", "-4", "5m"]),
    ],
)
def test_where_the_constants_stand(text: str, places: list[str]) -> None:
    found = read(text).thresholds
    assert [text[slice(*one.place)] for one in found] == places
    for one in found:
        first, second = sorted((one.place, one.side))
        assert text[first[1] : second[0]].strip() in (one.written, f"{one.written} bool")


def test_durations() -> None:
    assert (seconds("1h30m"), seconds("0"), seconds("0s"), seconds("1500ms"), seconds("2d")) == (
        5400,
        0,
        0,
        1.5,
        172800,
    )
    with pytest.raises(Unreadable):
        seconds("soon")


RULE = "      - {{alert: {name}, expr: '{expr}', for: {hold}, labels: {{severity: {severity}}}}}\n"


def tree(*rules: tuple[str, str, str, str], path: str = "a.yaml", group: str = "g") -> tuple[Alert, ...]:
    lines = [RULE.format(name=name, expr=expr, hold=hold, severity=severity) for name, expr, hold, severity in rules]
    return alerts({path: f"groups:\n  - name: {group}\n    rules:\n" + "".join(lines)})


def told(before: tuple[Alert, ...], after: tuple[Alert, ...]) -> list[tuple[str, str, float, float, str]]:
    return [(one.after.name, one.what, one.old, one.new, one.way) for one in net_changes(paired(before, after))]


def test_what_was_tuned() -> None:
    before = tree(("A", "x > 5", "5m", "page"), ("B", "y < 3", "0s", "page"), ("C", "z == 1", "1m", "page"))
    after = tree(("A", "x > 6", "10m", "page"), ("B", "3.5 > y", "0m", "page"), ("C", "z == 2", "60s", "page"))
    assert told(before, after) == [
        ("A", What.HOLD, 300, 600, Way.LOOSER),
        ("A", What.THRESHOLD, 5, 6, Way.LOOSER),
        ("C", What.THRESHOLD, 1, 2, Way.UNSURE),
        ("B", What.THRESHOLD, 3, 3.5, Way.STRICTER),
    ]


def test_an_absent_for_is_zero_seconds() -> None:
    bare = alerts({"a.yaml": "groups: [{name: g, rules: [{alert: A, expr: x > 1}]}]"})
    held = alerts({"a.yaml": "groups: [{name: g, rules: [{alert: A, expr: x > 1, for: 1m}]}]"})
    assert told(bare, held) == [("A", What.HOLD, 0, 60, Way.LOOSER)]
    assert told(held, bare) == [("A", What.HOLD, 60, 0, Way.STRICTER)]


def test_bands_inverted_and_boolean_comparisons_are_unsure() -> None:
    before = tree(
        ("A", "x > 5 and x < 9", "0s", "page"), ("B", "x unless y > 2", "0s", "p"), ("C", "x > bool 1", "0s", "p")
    )
    after = tree(
        ("A", "x > 6 and x < 9", "0s", "page"), ("B", "x unless y > 3", "0s", "p"), ("C", "x > bool 2", "0s", "p")
    )
    assert {way for *_, way in told(before, after)} == {Way.UNSURE}


def test_moved_and_renamed_alerts_are_themselves() -> None:
    before = tree(("A", "x > 5", "5m", "page"))
    assert told(before, tree(("A", "x > 6", "5m", "page"), path="b.yaml", group="h"))[0][1:4] == ("threshold", 5, 6)
    assert told(before, tree(("B", "x > 5", "6m", "page")))[0][1:4] == ("for", 300, 360)
    assert told(before, tree(("B", "x > 7", "5m", "page")))[0][1:4] == ("threshold", 5, 7)


def test_several_of_one_name_are_told_apart_by_what_they_ask() -> None:
    before = tree(("A", "x > 5", "5m", "page"), ("A", "y > 5", "5m", "page"), ("A", "x > 9", "5m", "page"))
    after = tree(("A", "y > 5", "5m", "page"), ("A", "x > 5", "5m", "page"), ("A", "x > 8", "5m", "page"))
    assert told(before, after) == [("A", "threshold", 9, 8, "stricter")]


def test_born_gone_and_crowds_are_not_pairs() -> None:
    before = tree(("A", "x > 5", "5m", "page"), ("B", "y > 5", "5m", "page"), ("C", "a > 1", "0s", "p"))
    after = tree(
        ("D", "z > 5", "5m", "page"), ("B", "y > 5", "5m", "page"), ("C", "b > 1", "0s", "p"), ("C", "c > 1", "0s", "p")
    )
    pairing = paired(before, after)
    assert ([one.name for one in pairing.born], [one.name for one in pairing.gone]) == (["D"], ["A"])
    assert [(len(old), len(new)) for old, new in pairing.crowds] == [(1, 2)]
    assert [old.name for old, _ in pairing.pairs] == ["B"]


def test_one_name_is_enough_only_where_one_alert_bears_it() -> None:
    rewritten = tree(("A", "y > 7", "2h", "warning"))
    assert told(tree(("A", "x > 5", "5m", "page")), rewritten)[0][1:4] == ("for", 300, 7200)
    assert told(tree(("A", "x > 5", "5m", "page"), ("A", "z > 5", "1m", "task")), rewritten) == []


@pytest.mark.parametrize(
    ("old", "new", "numbers"),
    [
        ("a > 1 or b > 2", "a > 3 or count(b == 0) > 4", [(1, 3), (2, 4)]),
        ("count(x) >= 3", "sum(x) < 1", [(3, 1)]),
        ("a > 1 and b < 2", "b < 3", [(2, 3)]),
        ("a > 1 and b < 2", "c < 3 and d < 4", []),
        ("x > 10", "x >= 12", [(10, 12)]),
    ],
)
def test_which_number_is_which(old: str, new: str, numbers: list[tuple[float, float]]) -> None:
    before, after = tree(("A", old, "0s", "page")), tree(("A", new, "0s", "page"))
    assert [(one.old, one.new) for one in net_changes(paired(before, after))] == numbers


def test_a_rewritten_side_is_not_tuned_alone() -> None:
    before, after = tree(("A", "x > 50", "0s", "page")), tree(("A", "x / 100 > 0.6", "0s", "page"))
    (change,) = net_changes(paired(before, after))
    assert (change.old, change.new, change.alone, change.way) == (50, 0.6, False, Way.UNSURE)
