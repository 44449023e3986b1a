from driftbot.core.finding import Verdict
from driftbot.lessons.trial import outcomes
from tests.lessons.rule_texts import GOOD, WORDS, book_of


def test_every_rule_judges_every_case_and_none_mixes_with_another():
    book = book_of(GOOD)
    (rule,) = book.rules
    together = outcomes([rule], book.cases, WORDS)[rule.id]
    alone = [outcomes([rule], [case], WORDS)[rule.id][0] for case in book.cases]
    assert [one.verdict for one in together] == [one.verdict for one in alone]
    assert [one.verdict for one in together] == [
        Verdict.DRIFT, Verdict.OK, Verdict.DRIFT, Verdict.OK, Verdict.DRIFT, Verdict.UNKNOWN, None,
    ]  # fmt: skip
    assert all(one.as_expected for one in together)


def test_a_case_plays_at_its_own_time():
    text = GOOD.replace("name: too long\n", "name: too long\n    as_of: 2024-02-29T12:00:00Z\n")
    book = book_of(text)
    said = outcomes(book.rules, book.cases, WORDS)[book.rules[0].id]
    assert said[0].verdict is Verdict.DRIFT and said[1].verdict is Verdict.OK


def test_a_case_with_another_verdict_is_not_as_expected():
    book = book_of(GOOD.replace("level: 92m", "level: 10m"))
    said = outcomes(book.rules, book.cases, WORDS)[book.rules[0].id]
    assert not said[0].as_expected
    assert "10m" in said[0].finding.observed


def test_what_a_case_says_is_absent_is_absent_in_that_case_only():
    book = book_of(
        GOOD.replace('where: self.labels.tier == "1"', "where: present(self.timeout.deadline)")
        .replace('  - name: too long\n    labels: {tier: "1"}\n    facts: {timeout.deadline: 2h}',
                 '  - name: no deadline\n    absent: [timeout.deadline]')
    )  # fmt: skip
    said = outcomes(book.rules, book.cases, WORDS)[book.rules[0].id]
    assert [one.verdict for one in said[:2]] == [None, Verdict.OK]
