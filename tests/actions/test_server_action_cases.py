"""One file a case: settings and what may be reached become a step, or are refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from driftbot.actions import alertmanager_silence, http_request, prometheus_reload, run_command, verify
from driftbot.actions.action import Action
from driftbot.collectors.collector import Options
from driftbot.core.fact import Fact, Origin
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.remedy import Step
from driftbot.core.subject import Subject
from driftbot.edits.edit import Refused
from driftbot.plugins import collectors
from tests.actions.server_scene import ALERT, change, edit, occasion, proposed, tools

CASES = Path(__file__).parents[2] / "fixtures" / "actions"
ACTIONS: Mapping[str, Action] = {
    one.action.name: one.action for one in (alertmanager_silence, http_request, prometheus_reload, run_command, verify)
}
PLACE = (("alertname", "HighErrors"), ("file", "rules/shop.yml"), ("group", "shop"), ("severity", "page"))
SUBJECTS = {
    "alert": Subject("alert", "production", "shop/HighErrors", PLACE),
    "condition": Subject("condition", "production", "shop/HighErrors/1", PLACE),
    "job": Subject("job", "production", "shop/invoice"),
    "hostile": Subject("alert", "production", "x", (("alertname", "\x1b[31m`rm`"), ("group", "<b>\n"))),
}
SAID = {
    "alert": ("expression", "sum(rate(x[5m])) > 5"),
    "condition": ("measured", "sum(rate(x[5m]))"),
    "job": ("timeout.deadline", Quantity(3600.0, Unit.SECONDS)),
    "hostile": ("expression", "up == 0"),
}


def outcome(action: Action, case: Mapping[str, Any], folder: Path) -> str:
    """The step in full, or why there is none."""
    sources = {name: source(**one) for name, one in case["sources"].items()}
    facts = [Fact(SUBJECTS[name], *said, origin=Origin("rules", "rules/shop.yml")) for name, said in SAID.items()]
    changes = [
        change(SUBJECTS[one["subject"]].id, one["key"], one["from"], one["to"], one.get("becomes"))
        for one in case["before"]
    ]
    about = occasion(ALERT, facts, [edit(*changes)] if changes else [])
    try:
        step = proposed(action, case["settings"], about, tools(folder, case["reach"], **sources))
    except Refused as refusal:
        return f"refused: {refusal.reason}\n"
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}" for one in error.errors())
        return "not valid: " + "\n".join(lines) + "\n"
    return written(step)


def source(kind: str, **options: Any) -> Options:
    return collectors()[kind].options.model_validate(options)


def written(step: Step) -> str:
    intent = json.dumps(json.loads(step.intent), indent=1, ensure_ascii=False)
    irreversible = f"irreversible: {step.irreversible}\n" if step.irreversible else ""
    return f"{step.target}\n{irreversible}because {step.because}\n---\n{step.preview}\n---\n{intent}\n"


@pytest.mark.parametrize(
    "path",
    [path for name in sorted(ACTIONS) for path in sorted((CASES / name).glob("*.yaml"))],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_a_case(path, tmp_path):
    case = {"sources": {}, "reach": {}, "before": [], **yaml.safe_load(path.read_text(encoding="utf-8"))}
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert outcome(ACTIONS[path.parent.name], case, tmp_path) == expected


def test_every_expectation_has_its_case():
    for name in ACTIONS:
        assert {path.stem for path in (CASES / name).glob("*.txt")} == {
            path.stem for path in (CASES / name).glob("*.yaml")
        }
