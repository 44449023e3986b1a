"""The rules that driftbot ships: read, well-mannered, proven, and honest about where they come from."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from driftbot.core.rule import NumberSource
from driftbot.inventory import vocabulary
from driftbot.lessons.examination import Fate, examine
from driftbot.lessons.manners import remarks
from driftbot.lessons.traps import traps
from driftbot.rules.case import by_rule
from driftbot.rules.reading import read_rules
from driftbot.shipped import rules_root
from driftbot.tape.folder import read_folder

WORDS = vocabulary(())
BODIES = tuple(read_folder(rules_root(), ("*.yaml",), ()))
BOOK = read_rules(BODIES, WORDS)
CASES = by_rule(BOOK.cases)
TODAY = date(2026, 11, 22)


def test_every_file_is_a_rule_without_a_problem():
    assert [str(problem) for problem in BOOK.problems] == []
    assert len(BOOK.rules) == len(BODIES) >= 12
    assert [str(trap) for body in BODIES for trap in traps(body.content.decode(), BOOK.rules[0].origin)] == []


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_a_shipped_rule_is_well_mannered(rule):
    assert [str(remark.problem) for remark in remarks(rule, CASES[rule.id], TODAY)] == []
    assert rule.review_by is not None
    assert len(rule.lesson.summary) <= 160, "reports show that much of it"
    assert not rule.message.text.endswith("."), "a message goes on in a sentence of the report"


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_every_case_holds_and_no_mutant_survives(rule):
    (found,) = examine([rule], CASES, WORDS)
    assert [f"{outcome.case.name}: {outcome.verdict}" for outcome in found.failed] == []
    assert [str(tried.mutant) for tried in found.of(Fate.SURVIVED)] == []
    assert len(found.of(Fate.UNTOLD)) <= 1
    assert found.of(Fate.KILLED)


def test_the_lessons_cover_the_practices_that_the_guide_promises():
    areas = {Path(body.locator).parent.name for body in BODIES}
    promised = "alerts autoscaling baselines batch capacity images probes redundancy resources retries timeouts"
    assert areas >= set(promised.split())


@pytest.mark.corpus
def test_every_incident_is_one_that_was_published():
    corpus = os.environ.get("DRIFTBOT_CORPUS")
    if not corpus:
        pytest.skip("DRIFTBOT_CORPUS is not set: the folder of public material")
    rows = [json.loads(line) for line in Path(corpus, "lessons/public-incidents.jsonl").read_text().splitlines()]
    known = {row["url"]: row for row in rows}
    for rule in BOOK.rules:
        if not rule.lesson.incident:
            continue
        row = known[rule.lesson.url]
        assert row["year"] in (None, rule.lesson.date.year), rule.id
        assert rule.lesson.summary != row["what_happened"], f"{rule.id}: in own words"


@pytest.mark.corpus
def test_a_number_is_of_the_review_only_if_it_stands_there():
    corpus = os.environ.get("DRIFTBOT_CORPUS")
    if not corpus:
        pytest.skip("DRIFTBOT_CORPUS is not set: the folder of public material")
    claimed = [
        (rule.id, number.text) for rule in BOOK.rules for number in rule.numbers if number.source is NumberSource.REVIEW
    ]
    # docs.rs: "We need to add alerts when disk usage reaches 90%"; Robust Perception: four times the scrape interval.
    assert sorted(claimed) == [("volume-fills-up", "0.9"), ("window-spans-four-scrapes", "4")]
