"""What is said is a function of what is known: its modules reach neither Slack nor files, and ask no clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import driftbot.notifiers.slack.said
from tests.test_architecture import IMPURE_CALLS, IMPURE_MODULES, called, tree

PACKAGE = Path(driftbot.notifiers.slack.said.__file__).parent
RENDERING = (
    *("block_kit", "budget", "chart_alt", "controls_shown", "digest_message", "entry_message", "explanation_view"),
    *("headline", "limits", "mending", "modals", "morning", "mrkdwn", "notice_message", "rest_pages", "run_words"),
    *("said", "silence_line", "words"),
)
MODELS = "slack_sdk.models."


def imports(path: Path) -> list[str]:
    """The modules that it imports, by their whole names."""
    names: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


@pytest.mark.parametrize("name", RENDERING)
def test_it_touches_nothing_outside(name: str) -> None:
    path = PACKAGE / f"{name}.py"
    outside = [one for one in imports(path) if one.partition(".")[0] in IMPURE_MODULES and not one.startswith(MODELS)]
    assert outside == []
    assert [call for _, call in called(path) if call in IMPURE_CALLS] == []
