from datetime import date

import pytest

from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Unit
from driftbot.core.rule import Lesson
from driftbot.lessons.examination import examine
from driftbot.lessons.manners import Weight, remarks
from driftbot.lessons.scaffold import Draft, first_key, rule_id, written
from driftbot.rules.case import by_rule
from tests.lessons.rule_texts import WORDS, book_of

KEYS = [
    *(Key("thing", f"amount.{unit}", ValueType.QUANTITY, "an amount", unit) for unit in Unit),
    *(Key("thing", f"measured.{unit}", ValueType.SERIES, "an amount", unit) for unit in Unit),
    *(Key("thing", f"said.{type}", type, "a thing") for type in (ValueType.TEXT, ValueType.FLAG, ValueType.NAMES)),
    Key("thing", "since", ValueType.INSTANT, "a time"),
]
LESSON = Lesson("https://example.org/review", "It said “no”: the queue grew.", "INC-7", date(2026, 3, 11))


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_new_rule_lints_and_its_cases_fail_until_it_is_completed(key):
    draft = Draft("Things are right, mostly", LESSON, key, review_by=date(2027, 1, 1))
    words = Vocabulary(KEYS)
    book = book_of(written(draft), words, draft.id)
    assert book.problems == ()
    (rule,) = book.rules
    found = list(remarks(rule, book.cases, date(2026, 1, 1)))
    assert [str(remark.problem) for remark in found if remark.weight is Weight.ERROR] == []
    assert ["TODO" in remark.problem.message for remark in found] == [True]
    (examined,) = examine(book.rules, by_rule(book.cases), words)
    assert [outcome.case.name for outcome in examined.failed] == ["as before the incident"]
    assert rule.lesson == LESSON


def test_a_reference_has_neither_id_nor_date():
    draft = Draft("Things are right", Lesson("https://example.org/page", "It says so."), KEYS[0])
    (rule,) = book_of(written(draft), Vocabulary(KEYS), draft.id).rules
    assert (rule.lesson.incident, rule.lesson.date) == ("", None)


@pytest.mark.parametrize(
    ("title", "identity"),
    [
        ("A queue is worked off, quickly!", "a-queue-is-worked-off-quickly"),
        ("  99% — of requests ", "99-of-requests"),
        ("word " * 30, "-".join(["word"] * 12)),
        ("…", ""),
    ],
)
def test_an_id_comes_from_the_title(title, identity):
    assert rule_id(title) == identity


def test_a_plain_quantity_is_the_first_choice():
    assert first_key(WORDS, "job").name == "timeout.deadline"
    assert first_key(WORDS, "nothing") is None
