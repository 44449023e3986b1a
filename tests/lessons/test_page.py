from driftbot.lessons.page import page
from driftbot.rules.case import by_rule
from tests.lessons.rule_texts import GOOD, WORDS, book_of


def test_the_page_tells_the_story_the_expectation_and_the_cases():
    book = book_of(GOOD.replace("why: Nobody", "why: <b>Nobody"))
    text = page(book.rules, by_rule(book.cases), WORDS)
    assert "| [deadline](#deadline) | high | job | A job has half an hour to spare |" in text
    assert "[Reference](https://example.org/deadlines): Jobs that are killed lose their work." in text
    assert "Why it is held: \\<b\\>Nobody notices" in text
    assert 'expect: longest + duration("30m") <= self.timeout.deadline' in text
    assert "Numbers: `30m` (ours), `14d` (ours)." in text
    assert text.count("- name: ") == 7
    assert "  series:\n    duration: {level: 1h30m, over: 20d}" in text


def test_the_page_of_nothing_is_a_page():
    assert page((), {}, WORDS).startswith("# Lessons")
