from functools import reduce
from textwrap import indent

import pytest

from driftbot.lessons.examination import Fate, examine
from driftbot.lessons.transcript import transcript
from driftbot.rules.case import by_rule
from tests.lessons.rule_texts import GOOD, WORDS, book_of, without_case


def examined(text):
    book = book_of(text)
    assert book.problems == ()
    (found,) = examine(book.rules, by_rule(book.cases), WORDS)
    return found


def test_a_well_tested_rule_passes_with_every_mutant_killed():
    found = examined(GOOD)
    assert found.passed
    assert [str(tried.mutant) for tried in found.tried if tried.fate not in (Fate.KILLED, Fate.STILLBORN)] == []
    assert len(found.of(Fate.KILLED)) >= 12


@pytest.mark.parametrize(
    ("dropped", "mutant"),
    [
        (["just right"], "<= made <"),
        (["too long", "a minute less would do"], "bound 30m moved to 27m"),
        (["was long before"], "window 14d made 28d"),
        (["was long ten days ago"], "window 14d made 7d"),
        (["not that important"], "dropped, so that every subject is selected"),
    ],
)
def test_a_dropped_case_lets_a_mutant_survive_and_the_suggested_case_kills_it(dropped, mutant):
    weak = reduce(without_case, dropped, GOOD)
    found = examined(weak)
    assert not found.passed and not found.failed
    survivor = next(tried for tried in found.of(Fate.SURVIVED) if tried.mutant.what == mutant)
    suggestion = survivor.suggestion
    assert suggestion is not None and suggestion.rule_says != suggestion.mutant_says

    written = transcript(suggestion.case, "suggested", suggestion.rule_says, WORDS)
    mended = examined(weak + indent(written, "  ") + "\n")
    assert mended.failed == ()
    assert mutant not in [tried.mutant.what for tried in mended.of(Fate.SURVIVED)]


def test_a_case_that_fails_is_told_and_nothing_is_mutated():
    found = examined(
        GOOD.replace("level: 90m, over: 20d}}\n    verdict: ok", "level: 90m, over: 20d}}\n    verdict: drift")
    )
    assert [outcome.case.name for outcome in found.failed] == ["just right"]
    assert found.tried == () and not found.passed


def test_a_change_that_lowers_to_the_same_program_is_the_same_rule():
    same = GOOD.replace("let:\n", 'let:\n  again: self.duration.max("14d")\n')
    fates = {str(tried.mutant): tried.fate for tried in examined(same).tried}
    assert fates['let.again: replaced by longest: self.duration.max("14d")'] is Fate.SAME


def test_a_mutant_that_no_case_can_tell_is_listed_and_not_counted_as_killed():
    idle = GOOD.replace("expect: ", 'expect: self.timeout.deadline >= duration("0s") && ')
    found = examined(idle)
    untold = [str(tried.mutant) for tried in found.of(Fate.UNTOLD)]
    assert any('`self.timeout.deadline >= duration("0s")` dropped' in mutant for mutant in untold)
    assert not {tried.mutant.rule.id for tried in found.of(Fate.UNTOLD)} & {
        tried.mutant.rule.id for tried in found.of(Fate.KILLED)
    }


def test_a_mutant_that_does_not_type_check_is_stillborn():
    share = GOOD.replace(
        'longest + duration("30m") <= self.timeout.deadline', "longest / self.timeout.deadline <= 0.75"
    )
    found = examined(share.replace("30m: ours", "0.75: ours"))
    assert found.failed == ()
    assert any("/ made *" in str(tried.mutant) for tried in found.of(Fate.STILLBORN))


def test_rules_about_paths_are_examined_too():
    path = """\
id: flood
title: Retries do not multiply
reference: {url: "https://example.org/retries", summary: Retries multiply.}
why: They multiply.
severity: low
owner: web
for_each: path
expect: self.hops.retries.max.map(r, 1 + r).product() <= 10
message: too many
numbers: {10: ours}
cases:
  - name: two by two
    calls: [{from: a, to: b, facts: {retries.max: 1}}, {from: b, to: c, facts: {retries.max: 1}}]
    verdict: ok
  - name: four by four
    calls: [{from: a, to: b, facts: {retries.max: 3}}, {from: b, to: c, facts: {retries.max: 3}}]
    verdict: drift
"""
    book = book_of(path, name="flood")
    assert book.problems == ()
    (found,) = examine(book.rules, by_rule(book.cases), WORDS)
    assert found.failed == ()
    survivor = next(tried for tried in found.of(Fate.SURVIVED) if tried.mutant.what == "<= made <")
    written = transcript(survivor.suggestion.case, "ten in all", survivor.suggestion.rule_says, WORDS)
    assert "calls:\n    - {from: a, to: b, facts: {retries.max: " in written
