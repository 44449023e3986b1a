"""Reading rule files: what a good one becomes, and every problem of every bad one at its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from driftbot.core.body import Body
from driftbot.core.rule import NumberSource, Severity
from driftbot.documents.yaml import read_yaml
from driftbot.rules.document import json_schema
from driftbot.rules.reading import digest, read_rules
from tests.rules.words import VOCABULARY

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
GOOD = FIXTURES / "job-deadline-headroom.yaml"
BROKEN = sorted((FIXTURES / "broken").glob("*.yaml"))


def body(path: Path) -> Body:
    return Body(path.relative_to(FIXTURES).as_posix(), path.read_bytes())


def test_a_good_file_becomes_a_rule_with_its_cases():
    book = read_rules([body(GOOD)], VOCABULARY)
    assert book.problems == ()
    (rule,) = book.rules
    assert (rule.id, rule.severity, rule.for_each) == ("job-deadline-headroom", Severity.HIGH, "job")
    assert (rule.lesson.incident, rule.lesson.date) == ("billing-2025-03", date(2025, 3, 11))
    assert [binding.name for binding in rule.let] == ["deadline", "worst", "left"]
    assert (rule.expect.origin.line, rule.expect.origin.column) == (20, 9)
    assert {number.text: number.source for number in rule.numbers} == {
        "0.7": NumberSource.OURS,
        "60d": NumberSource.OURS,
    }
    assert [(case.name, case.verdict and case.verdict.value) for case in book.cases] == [
        ("grows into its deadline", "drift"),
        ("comfortable", "ok"),
        ("nothing measured", "unknown"),
        ("not a tier-1 job", None),
    ]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_problem_of_a_broken_file_is_named_at_its_place(path):
    book = read_rules([body(path)], VOCABULARY)
    assert book.rules == ()
    assert book.cases == ()
    assert "".join(f"{problem}\n" for problem in book.problems) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_broken_files_do_not_hide_each_other_nor_the_good_one():
    book = read_rules([body(GOOD), *map(body, BROKEN)], VOCABULARY)
    assert [rule.id for rule in book.rules] == ["job-deadline-headroom"]
    alone = [problem for path in BROKEN for problem in read_rules([body(path)], VOCABULARY).problems]
    assert sorted(book.problems) == sorted(alone)


def test_an_id_stands_in_one_file_only():
    book = read_rules([Body(f"{area}/{GOOD.name}", GOOD.read_bytes()) for area in ("a", "b")], VOCABULARY)
    assert len(book.rules) == 1
    place = "job-deadline-headroom.yaml:2:5"
    told = f"b/{place}: rule 'job-deadline-headroom' stands in a/{place} as well"
    assert [str(problem) for problem in book.problems] == [told]


def test_a_file_that_could_not_be_read_is_a_problem():
    book = read_rules([Body("a.yaml", b"", "permission denied")], VOCABULARY)
    assert [str(problem) for problem in book.problems] == ["a.yaml: permission denied"]


def test_the_digest_is_of_what_decides_a_verdict():
    same = digest("job", " self.enabled ", {"a": "self.retries"}, "a <= 3\n")
    assert same == digest("job", "self.enabled", {"a": "self.retries"}, "a <= 3")
    others = {
        digest("call", "self.enabled", {"a": "self.retries"}, "a <= 3"),
        digest("job", None, {"a": "self.retries"}, "a <= 3"),
        digest("job", "self.enabled", {"b": "self.retries"}, "a <= 3"),
        digest("job", "self.enabled", {"a": "self.retries"}, "a <= 4"),
    }
    assert len(others | {same}) == 5


def test_the_digest_does_not_follow_prose_and_cases():
    prose = GOOD.read_text(encoding="utf-8").replace("well inside", "inside").replace("level: 40m", "level: 41m")
    one, other = (read_rules([Body(GOOD.name, text.encode())], VOCABULARY).rules[0] for text in (
        GOOD.read_text(encoding="utf-8"), prose))  # fmt: skip
    assert one.digest == other.digest
    assert one != other


def test_the_schema_takes_the_good_file_and_refuses_what_the_model_refuses():
    validator = Draft202012Validator(json_schema())
    Draft202012Validator.check_schema(json_schema())
    good = read_yaml(GOOD.read_bytes(), "rules", GOOD.name).nodes[0].plain()
    assert isinstance(good, dict)
    assert list(validator.iter_errors(good)) == []
    for broken in ({**good, "titel": "x"}, {**good, "severity": "hihg"}, {k: v for k, v in good.items() if k != "why"}):
        assert list(validator.iter_errors(broken))
    assert list(validator.iter_errors({**good, "reference": {"url": "https://example.org", "summary": "x"}}))


LINES = GOOD.read_bytes().splitlines(keepends=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(LINES) - 1), st.binary(max_size=12), st.integers(0, 60))
def test_any_damage_is_a_problem_or_a_rule_and_never_an_exception(line, noise, column):
    damaged = list(LINES)
    damaged[line] = damaged[line][:column] + noise + damaged[line][column:]
    book = read_rules([Body(GOOD.name, b"".join(damaged))], VOCABULARY)
    assert bool(book.rules) != bool(book.problems)
    last = len(LINES) + 1 + len(noise)
    assert all(problem.origin.line <= last for problem in book.problems)
