"""The notice budget of the estate, shared among all tests that the enabled rules make of all series of all kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from driftbot.core.marker_book import MarkerBook
from driftbot.core.snapshot import Snapshot
from driftbot.detectors.notice_budget import allowance
from driftbot.engine.detections import Detections, Question
from driftbot.engine.table import Table
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES

Asked = Mapping[str, Sequence[ex.Measure]]
"""The detectors' measures that some rule names, by kind of subject."""


def share_out(asked: Asked, of_kind: Mapping[str, Table], snapshot: Snapshot, budget: float) -> None:
    """Give each table its detections, with what one test may cost of ``budget`` (false notices a week).

    A test is one series held against one question; however many rules ask it, it is one.

    Raises:
        ValueError: the budget is not above zero.
    """
    questions = {kind: {Question.of(node) for node in nodes} for kind, nodes in asked.items()}
    if not any(questions.values()):
        return
    share = allowance(budget, sum(tests(of_kind[kind], found) for kind, found in questions.items()))
    marked = any(DETECTOR_MEASURES[node.name].family.marked for nodes in asked.values() for node in nodes)
    book = MarkerBook(snapshot.markers, snapshot.subjects()) if marked and snapshot.markers else MarkerBook(())
    for kind, found in questions.items():
        if found:
            of_kind[kind].detections = Detections(of_kind[kind], share, book)


def tests(table: Table, questions: set[Question]) -> int:
    """How many tests these questions are of the table's series."""
    costly = [question for question in questions if question.family.costs]
    return sum(len(table.detections.series_of(question.key)[0]) for question in costly)
