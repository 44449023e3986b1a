from datetime import date

import pytest

from driftbot.lessons.manners import Weight, remarks
from tests.lessons.rule_texts import GOOD, book_of, without_case

TODAY = date(2026, 11, 22)


def said(text, today=TODAY):
    book = book_of(text)
    assert book.problems == ()
    return [(remark.weight, remark.problem.message) for remark in remarks(book.rules[0], book.cases, today)]


def test_a_well_written_rule_needs_no_remark():
    assert said(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("spare\n", "spare.\n", "the title ends like a sentence"),
        ("now and then.", "now and then", "why is no full sentence"),
        ("why: Nobody", "why: nobody", "why is no full sentence"),
        ("lose their work.", "lose their work", "summary is no full sentence"),
        ("{30m: ours, 14d: ours}", "{30m: ours}", "the number 14d is not in `numbers`"),
        ("{30m: ours, 14d: ours}", "{14d: ours}", "the number 30m is not in `numbers`"),
        ("name: just right", "name: too long", "2 cases are called 'too long'"),
    ],
)
def test_what_a_reader_would_ask_is_an_error(old, new, message):
    ((weight, found),) = said(GOOD.replace(old, new))
    assert weight is Weight.ERROR and message in found


@pytest.mark.parametrize(
    ("dropped", "message"),
    [
        (["never measured"], "no case ends in unknown"),
        (["just right", "was long before"], "no case ends in ok"),
        (["not that important"], "no case is left out by `where`"),
    ],
)
def test_a_rule_has_a_case_of_each_kind(dropped, message):
    text = GOOD
    for name in dropped:
        text = without_case(text, name)
    assert [found for _, found in said(text)] == [f"deadline: {message}"]


def test_a_rule_grows_old():
    assert said(GOOD, date(2030, 1, 2)) == [(Weight.WARNING, "deadline: its review was due on 2030-01-01")]
    ((weight, message),) = said(GOOD.replace("review_by: 2030-01-01\n", ""))
    assert weight is Weight.WARNING and "nobody said when" in message


@pytest.mark.parametrize(
    ("where", "warned"),
    [
        ("known(self.timeout.deadline)", True),
        ("known(effective.timeout.deadline)", True),
        ("present(self.timeout.deadline)", False),
        ("known(approved.timeout.deadline)", False),
    ],
)
def test_what_was_not_read_tonight_stays_selected(where, warned):
    found = said(GOOD.replace("where: self", f"where: {where} && self"))
    assert [weight for weight, message in found if "`known` in `where`" in message] == [Weight.WARNING] * warned


def test_an_unfinished_rule_is_a_warning():
    ((weight, message),) = said(GOOD.replace("owner: batch", "owner: TODO"))
    assert weight is Weight.WARNING and "TODO" in message


def test_none_one_and_labels_need_no_source():
    assert said(GOOD.replace("<= self.timeout.deadline", "<= 1.0 * self.timeout.deadline")) == []
