"""A plan as JSON for programs: every part of it, with the digests by which remedies are applied; sorted, ASCII."""

from __future__ import annotations

import json
from typing import Any

from driftbot.core.canonical import canonical
from driftbot.report.plan_report import PlanReport


def render(report: PlanReport) -> str:
    """The plan as an indented document. It is for reading: what ``driftbot apply --plan`` takes is a plan file."""
    plan = report.plan
    document: dict[str, Any] = json.loads(canonical(plan))
    for entry, remedy in zip(document["remedies"], plan.remedies, strict=True):
        entry["digest"] = remedy.digest
    for entry, held in zip(document["held"], plan.held, strict=True):
        if held.remedy is not None:
            entry["remedy"]["digest"] = held.remedy.digest
    whole = {"digest": plan.digest, "exit_code": int(report.exit_code), "blind": list(report.blind), **document}
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"
