"""``driftbot playbooks list``: the playbooks as a table or as JSON."""

from __future__ import annotations

import json

from driftbot.cli.playbooks_shelf import Shelf
from driftbot.playbooks.document import PlaybookDocument

_HEAD = ("playbook", "steps", "approvals", "verified after", "named by")


def as_table(shelf: Shelf) -> str:
    """One line a playbook, in columns as wide as they need."""
    rows = [_HEAD, *(_row(playbook, shelf) for playbook in shelf.playbooks)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((*lines, f"{len(shelf.playbooks)} playbooks"))


def _row(playbook: PlaybookDocument, shelf: Shelf) -> tuple[str, ...]:
    rules = shelf.naming(playbook)
    named = ", ".join(rules[:3]) + (f" and {len(rules) - 3} more" if len(rules) > 3 else "")
    steps = ", ".join(step.action for step in playbook.steps)
    return playbook.id, steps, str(playbook.approvals), playbook.verify.after, named or "no rule"


def as_json(shelf: Shelf) -> str:
    """A list of objects with everything a script may want to choose playbooks by."""
    return json.dumps([_entry(playbook, shelf) for playbook in shelf.playbooks], indent=2, ensure_ascii=False)


def _entry(playbook: PlaybookDocument, shelf: Shelf) -> dict[str, object]:
    return {
        "id": playbook.id,
        "summary": playbook.summary,
        "risk": playbook.risk,
        "steps": [step.action for step in playbook.steps],
        "together": playbook.together.value,
        "approvals": playbook.approvals,
        "verify_after": playbook.verify.after,
        "on_failure": playbook.on_failure.value,
        "limits": playbook.limits.model_dump(mode="json"),
        "rules": list(shelf.naming(playbook)),
        "place": shelf.place(playbook),
    }
