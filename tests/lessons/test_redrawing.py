"""Redrawn cases: what is changed stays a shape that a person can write, and tells mutants of detectors' rules."""

from __future__ import annotations

from dataclasses import replace
from textwrap import indent

from driftbot.core.finding import Verdict
from driftbot.lessons.mutation import mutants
from driftbot.lessons.redrawing import redrawn
from driftbot.lessons.search import telling_case
from driftbot.lessons.transcript import transcript
from driftbot.lessons.trial import outcomes
from tests.lessons.rule_texts import WORDS, book_of

DAY = 86400.0
CREEPS = """\
id: deadline
title: A job does not get slower
reference: {url: "https://example.org/creep", summary: Nobody decides it.}
why: Nobody decides it.
numbers: {0.05: ours, 90d: ours}
severity: high
owner: batch
review_by: 2030-01-01
for_each: job
expect: self.duration.drift("90d") <= 0.05
message: "{self.duration.drift_per_day(\\"90d\\")} a day"
cases:
  - name: creeps
    series: {duration: {level: 100m, over: 90d, noise: 4%, growth: 0.5%, since: 40d, steps: {80d: 3%}}}
    releases: {every: 7d}
    verdict: drift
  - name: steady
    series: {duration: {level: 100m, over: 90d, noise: 4%}}
    verdict: ok
  - name: new
    series: {duration: {level: 100m, over: 9d, noise: 4%}}
    verdict: unknown
"""


def test_every_redrawn_case_is_written_down_as_what_it_is():
    book = book_of(CREEPS)
    assert book.problems == ()
    case = book.cases[0]
    changed = list(redrawn(case, (90 * DAY,)))
    assert len(changed) > 50
    assert len({one.written.shapes["duration"].shape.model_dump_json() for one in changed}) == len(changed)
    for one in changed[::9]:
        written = transcript(one, "again", Verdict.DRIFT, WORDS)
        again = book_of(
            f"{CREEPS.partition('cases:')[0]}cases:\n{indent(written, '  ')}\n{CREEPS.partition('cases:')[2]}"
        )
        assert again.problems == ()
        (series,), (expected,) = again.cases[0].snapshot.series, one.snapshot.series
        assert series.values.tolist() == expected.values.tolist()


def test_a_window_that_no_case_holds_is_told_by_one_that_a_person_can_write():
    book = book_of(CREEPS)
    (rule,) = book.rules
    said = outcomes(book.rules, book.cases, WORDS)[rule.id]
    assert all(one.as_expected for one in said)
    shorter = next(one for one in mutants(rule) if one.what == "window 90d made 45d")
    mutant = replace(shorter.rule, id="shorter", digest="another")
    suggestion = telling_case(rule, mutant, book.cases, WORDS)
    assert suggestion is not None
    assert '"since"' in transcript(suggestion.case, "x", None, WORDS)
