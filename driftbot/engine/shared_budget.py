"""The notice budget of the estate, shared among all tests that the enabled rules make of all series of all kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from driftbot.core.marker_book import MarkerBook
from driftbot.core.snapshot import Snapshot
from driftbot.detectors.notice_budget import allowance
from driftbot.detectors.usual.sample_faults import STALE_DAYS
from driftbot.engine.column import Flags
from driftbot.engine.compute import Computation
from driftbot.engine.detections import Asked, Detections, Question
from driftbot.engine.table import Table
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES
from driftbot.rules.program import Program

RECENT = (STALE_DAYS + 1) * 86400.0
"""Seconds in which the newest sample of a series surely lies that has a level now."""


def share_out(programs: Sequence[Program], of_kind: Mapping[str, Table], snapshot: Snapshot, budget: float) -> None:
    """Give each table its detections, with what one test may cost of ``budget`` (false notices a week).

    A test is one series held against one question; however many rules ask it, it is one. Series that no rule which
    asks can select, or that ended, are not tested and take nothing from the others.

    Raises:
        ValueError: the budget is not above zero.
    """
    asked = {kind: questions for kind, table in of_kind.items() if (questions := _asked(programs, kind, table))}
    if not asked:
        return
    share = allowance(budget, sum(tests(of_kind[kind], questions) for kind, questions in asked.items()))
    marked = any(question.family.marked for questions in asked.values() for question in questions)
    book = MarkerBook(snapshot.markers, snapshot.subjects()) if marked and snapshot.markers else MarkerBook(())
    for kind, questions in asked.items():
        of_kind[kind].detections = Detections(of_kind[kind], share, book, questions)


def tests(table: Table, asked: Asked) -> int:
    """How many tests these questions are of the table's series."""
    return sum(_tests(table, question, asked[question]) for question in asked if question.family.costs)


def _tests(table: Table, question: Question, wanted: Flags) -> int:
    """How many series are held against a question; of one that ended nothing is told, so that it is no test."""
    rows, series = table.detections.series_of(question.key)
    since = table.as_of - (RECENT if question.family.rests_on_now else question.window)
    lively = np.fromiter((len(one.times) > 0 and bool(one.times[-1] > since) for one in series), np.bool_, len(series))
    return int(np.count_nonzero(lively & wanted[rows]))


def _asked(programs: Sequence[Program], kind: str, table: Table) -> Asked:
    """The questions that rules ask of a kind, each with the rows of which some rule may want to know."""
    found: dict[Question, Flags] = {}
    for program in (program for program in programs if program.rule.for_each == kind):
        measures = [node for node in program.nodes() if isinstance(node, ex.Measure)]
        questions = {Question.of(node) for node in measures if node.name in DETECTOR_MEASURES}
        if questions:
            rows = _selectable(program, table)
            for question in questions:
                found[question] = found.get(question, False) | rows
    return found


def _selectable(program: Program, table: Table) -> Flags:
    """The rows that ``where`` may select; all of them where that rests on what detectors say."""
    every = np.ones(len(table), dtype=np.bool_)
    lets = dict(program.lets)
    if program.where is None or _rests_on_detectors(program.where, lets):
        return every
    try:
        column = Computation(table, lets).column(program.where)
    # What fails here fails again when the rule is judged, and its tally says so; it stops no other.
    except Exception:
        return every
    selectable: Flags = ~column.known | column.values.astype(np.bool_)
    return selectable


def _rests_on_detectors(node: ex.Node, lets: Mapping[str, ex.Node]) -> bool:
    return any(
        (isinstance(part, ex.Measure) and part.name in DETECTOR_MEASURES)
        or (isinstance(part, ex.Bound) and not part.local and _rests_on_detectors(lets[part.name], lets))
        for part in ex.walk(node)
    )
