"""``driftbot playbooks test``: the cases of playbooks played in folders of their own, told line by line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from driftbot.actions.action import Action
from driftbot.playbooks.document import PlaybookDocument
from driftbot.remedies.playbook_trial import CaseOutcome, tried


def played(playbook: PlaybookDocument, actions: Mapping[str, Action]) -> list[CaseOutcome]:
    """What comes of each case."""
    outcomes = []
    for case in playbook.cases:
        with tempfile.TemporaryDirectory(prefix="driftbot-case-") as folder:
            outcomes.append(tried(playbook, case, Path(folder), actions))
    return outcomes


def lines(playbook: PlaybookDocument, outcomes: Sequence[CaseOutcome], verbose: bool) -> Iterator[str]:
    """One line for a playbook whose cases come out as they say, more for one of which some do not."""
    failed = [outcome for outcome in outcomes if outcome.wrong]
    told = f"{len(outcomes)} cases" + (f", {len(failed)} failed" if failed else "")
    yield f"{'FAIL' if failed else 'ok  '} {playbook.id}: {told}"
    for outcome in outcomes:
        yield from (f"       “{outcome.case.name}” {wrong}" for wrong in outcome.wrong)
        if verbose:
            yield f"       “{outcome.case.name}”"
            yield from (f"         refused: {reason}" for reason in outcome.refused)
            yield from (f"         {line}" for line in outcome.diff)


def account(playbooks: Sequence[PlaybookDocument], outcomes: Sequence[CaseOutcome]) -> str:
    """The figures of all playbooks together."""
    failed = sum(bool(outcome.wrong) for outcome in outcomes)
    return f"{len(playbooks)} playbook{'s' * (len(playbooks) != 1)}, {len(outcomes)} cases, {failed} failed"
