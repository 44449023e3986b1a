"""``driftbot rules lint``: what is wrong with rule files, and what a reader of them would ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from driftbot.cli.rules_shelf import Shelf
from driftbot.core.fact import Origin
from driftbot.core.rule import Problem
from driftbot.lessons.manners import Remark, Weight, remarks
from driftbot.lessons.traps import traps


def remarks_on(shelf: Shelf, today: date) -> list[Remark]:
    """Everything about all files, in the order of the files; a trap of YAML replaces what it led to in its line."""
    found = list(_traps(shelf))
    trapped = {(remark.problem.origin.locator, remark.problem.origin.line) for remark in found}
    found += [
        Remark(Weight.ERROR, problem)
        for problem in shelf.book.problems
        if (problem.origin.locator, problem.origin.line) not in trapped
    ]
    for rule in shelf.book.rules:
        found += remarks(rule, shelf.cases.get(rule.id, ()), today)
    return sorted(found, key=lambda remark: (remark.problem, remark.weight))


def _traps(shelf: Shelf) -> Iterator[Remark]:
    for body in shelf.files:
        text = body.content.decode("utf-8", errors="replace")
        yield from (Remark(Weight.ERROR, trap) for trap in traps(text, Origin("rules", body.locator)))


def told(problem: Problem, weight: Weight = Weight.ERROR) -> str:
    """``file:line:column: error: what is wrong (what to do)``."""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{problem.origin}: {weight}: {problem.message}{hint}"


def summed_up(shelf: Shelf, found: Sequence[Remark]) -> str:
    """How many files, rules, errors and warnings."""
    errors = sum(remark.weight is Weight.ERROR for remark in found)
    counts = f"{_plural(errors, 'error')}, {_plural(len(found) - errors, 'warning')}"
    return f"{_plural(len(shelf.files), 'file')}, {_plural(len(shelf.book.rules), 'rule')} read: {counts}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
