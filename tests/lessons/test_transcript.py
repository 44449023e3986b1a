from textwrap import indent

import numpy as np
import pytest

from driftbot.core.finding import Verdict
from driftbot.inventory import vocabulary
from driftbot.lessons.transcript import transcript
from driftbot.lessons.variation import axes
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
        [(series.subject, series.key, series.times.tolist(), series.values.round(9).tolist())
         for series in snapshot.series],
        [(marker.subject, marker.at, marker.cause) for marker in snapshot.markers],
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


LIVELY = GOOD.replace(
    "series: {duration: {level: 92m, over: 20d}}",
    "series: {duration: {level: 92m, over: 20d, noise: 4%, season: 0.1, growth: 0.5%, since: 10d, seed: 7,"
    " steps: {5d: 10%}}}\n"
    "    releases: {every: 7d, over: 20d}\n"
    '    markers: [{ago: 5d, name: "timeout 1s → 300ms"}]\n'
    "    approved: {duration: 90m}\n"
    "    peers: [{count: 2, labels: {zone: b}, series: {duration: {level: 90m, noise: 4%}}}]",
    1,
)


def test_a_lively_series_is_written_as_the_shape_it_was_drawn_from():
    book = book_of(LIVELY)
    assert book.problems == ()
    written = rewritten(LIVELY, book.cases, WORDS)
    assert len(written) < 2 * len(LIVELY)
    again = book_of(written)
    assert again.problems == ()
    assert [plain(case) for case in again.cases] == [plain(case) for case in book.cases]


def test_a_scaled_one_is_written_at_its_own_level():
    case = book_of(LIVELY).cases[0]
    (axis,) = list(axes(case))[-1:]
    doubled = axis.at(2.0)
    again = book_of(rewritten(LIVELY, [doubled, *book_of(LIVELY).cases[1:]], WORDS))
    assert again.problems == ()
    own, peer = again.cases[0].snapshot.series[0], again.cases[0].snapshot.series[1]
    np.testing.assert_allclose(own.values, 2.0 * case.snapshot.series[0].values)
    np.testing.assert_array_equal(peer.values, case.snapshot.series[1].values)
