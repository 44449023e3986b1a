from textwrap import indent

import pytest

from driftbot.core.finding import Verdict
from driftbot.inventory import vocabulary
from driftbot.lessons.transcript import transcript
from driftbot.rules.reading import read_rules
from driftbot.shipped import rules_root
from driftbot.tape.folder import read_folder
from tests.lessons.rule_texts import GOOD, WORDS, book_of

WORDS_OF_ALL = vocabulary(())
SHIPPED = read_rules(read_folder(rules_root(), ("*.yaml",), ()), WORDS_OF_ALL)
BODIES = {body.locator: body for body in read_folder(rules_root(), ("*.yaml",), ())}


def rewritten(text, cases, words):
    written = "\n".join(
        transcript(case, case.name, Verdict(case.verdict.value) if case.verdict else None, words) for case in cases
    )
    return f"{text.partition('cases:')[0]}cases:\n{indent(written, '  ')}\n"


def plain(case):
    snapshot = case.snapshot
    return (
        case.name, case.verdict, case.judged, snapshot.as_of, snapshot.lingering, snapshot.coverage,
        [subject.labels for subject in snapshot.lingering],
        {(fact.subject, fact.key, fact.value, fact.view, fact.provenance) for fact in snapshot.facts},
        [(series.key, series.times.tolist(), series.values.round(9).tolist()) for series in snapshot.series],
    )  # fmt: skip


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.id)
def test_every_shipped_case_written_down_is_the_same_case(rule):
    body = BODIES[rule.origin.locator]
    cases = [case for case in SHIPPED.cases if case.rule == rule.id]
    again = book_of(rewritten(body.content.decode(), cases, WORDS_OF_ALL), WORDS_OF_ALL, rule.id)
    assert again.problems == ()
    assert [plain(case) for case in again.cases] == [plain(case) for case in cases]


def test_values_of_every_type_survive():
    text = GOOD.replace(
        "facts: {timeout.deadline: 2h}\n    series: {duration: {level: 92m, over: 20d}}",
        'facts: {timeout.deadline: 1234567ms, owner: "a: b", paused: false, needs: [b, a],'
        ' tested_at: "2026-01-01T00:00:00Z"}\n'
        "    effective: {timeout.deadline: 3h}\n    approved: {timeout.deadline: 1h}\n"
        "    provenance: {owner: default}\n    absent: [tested_at]\n    as_of: 2025-05-05T00:00:00Z\n"
        "    series: {duration: {values: [1s, 2s, 4s], every: 3h, ago: 90m}}",
        1,
    )
    book = book_of(text)
    assert book.problems == ()
    again = book_of(rewritten(text, book.cases, WORDS))
    assert again.problems == ()
    assert [plain(case) for case in again.cases] == [plain(case) for case in book.cases]
