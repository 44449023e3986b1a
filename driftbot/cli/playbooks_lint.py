"""``driftbot playbooks lint``: what is wrong with playbook files, and what who approves them would ask."""

from __future__ import annotations

from collections.abc import Sequence

from driftbot.cli.playbooks_shelf import Shelf
from driftbot.core.fact import Origin
from driftbot.lessons.manners import Remark, Weight
from driftbot.playbooks.reading import SOURCE
from driftbot.remedies.playbook_manners import remarks_on_playbook, remarks_on_rules
from driftbot.remedies.shelf import identity


def remarks_on(shelf: Shelf) -> list[Remark]:
    """Everything about all files and the rules that name them, in the order of the files."""
    found = [Remark(Weight.ERROR, problem) for problem in shelf.problems]
    for playbook in shelf.playbooks:
        found += remarks_on_playbook(playbook, Origin(SOURCE, shelf.place(playbook)), shelf.actions)
    known = {playbook.id: playbook for playbook in shelf.playbooks}
    broken = {identity(problem.origin.locator) for problem in shelf.problems}
    found += remarks_on_rules(shelf.rules, known, broken)
    return sorted(found, key=lambda remark: (remark.problem, remark.weight))


def summed_up(shelf: Shelf, found: Sequence[Remark]) -> str:
    """How many files, playbooks, errors and warnings."""
    errors = sum(remark.weight is Weight.ERROR for remark in found)
    counts = f"{_plural(errors, 'error')}, {_plural(len(found) - errors, 'warning')}"
    return f"{_plural(len(shelf.files), 'file')}, {_plural(len(shelf.playbooks), 'playbook')} read: {counts}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
