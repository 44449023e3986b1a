from dataclasses import replace

import pytest

from driftbot.core.finding import Verdict
from driftbot.core.rule import Expression
from driftbot.lessons.search import telling_case
from driftbot.lessons.variation import texts_of, windows_of
from tests.lessons.rule_texts import GOOD, WORDS, book_of

BOOK = book_of(GOOD)
(RULE,) = BOOK.rules


def mutant(expect):
    return replace(RULE, id="mutant", digest="mutant", expect=Expression(expect, RULE.expect.origin))


def odd_case():
    """Deadline and duration that no round multiple brings together: only halving finds where they meet."""
    text = GOOD.partition("cases:")[0] + (
        "cases:\n"
        "  - name: odd\n"
        '    labels: {tier: "1"}\n'
        "    facts: {timeout.deadline: 2h}\n"
        "    series: {duration: {level: 37m, over: 20d}}\n"
        "    verdict: ok\n"
    )
    return book_of(text).cases


def test_where_strict_and_not_strict_part_is_found_by_halving_and_can_be_written():
    found = telling_case(RULE, mutant('longest + duration("30m") < self.timeout.deadline'), odd_case(), WORDS)
    assert (found.rule_says, found.mutant_says) == (Verdict.OK, Verdict.DRIFT)
    (deadline,) = found.case.snapshot.facts
    assert str(deadline.value) == "1h7m"


def test_nothing_is_found_where_nothing_differs():
    same = mutant('self.timeout.deadline >= longest + duration("30m")')
    assert telling_case(RULE, same, odd_case(), WORDS) is None


@pytest.mark.parametrize(
    "where",
    [
        'self.labels.tier == "1" || self.labels.tier == "9"',
        'self.labels.tier == "1" && self.owner != "web"',
        'self.labels.tier == "1" && explicit(self.timeout.deadline)',
        'self.labels.tier == "1" && !present(self.timeout.deadline)',
    ],
)
def test_labels_texts_provenance_and_absence_are_tried(where):
    """The cases know nothing of tier 9, of the owner web, of defaults: the search takes them from the rules."""
    text = GOOD.replace("timeout.deadline: ", "owner: batch, timeout.deadline: ")
    other = replace(RULE, id="mutant", digest="mutant", where=Expression(where, RULE.origin))
    found = telling_case(RULE, other, book_of(text).cases, WORDS)
    assert found is not None and found.rule_says != found.mutant_says


def test_the_words_of_rules_are_tried_as_texts_and_as_windows():
    assert texts_of([RULE]) == ("1", "14d", "30m", "something-else")
    assert windows_of([RULE]) == (1.0, 1800.0, 14 * 86400.0)
