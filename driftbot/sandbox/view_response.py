"""What an app's answer to a submitted modal does (``response_action``: https://docs.slack.dev/surfaces/modals)."""

from __future__ import annotations

from typing import Any

from driftbot.sandbox.modals import changed, opened
from driftbot.sandbox.payload_check import check_view
from driftbot.sandbox.post import Json
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.workspace import View, Workspace


def take_answer(workspace: Workspace, view: View, answer: Json) -> str:
    """Close, keep, change or cover the modal; returns what was wrong with the answer ("" for nothing)."""
    try:
        return _take(workspace, view, answer)
    except Refused as refusal:
        return f"{refusal.error} {'; '.join(refusal.messages)}"
    finally:
        workspace.changed()


def _take(workspace: Workspace, view: View, answer: Json) -> str:
    match answer.get("response_action"):
        case None:
            workspace.views.pop(view.id, None)
        case "clear":
            for other in workspace.open_views(view.user):
                workspace.views.pop(other.id, None)
        case "errors":
            view.errors = _errors(answer)
            if unknown := sorted(view.errors.keys() - {str(block["block_id"]) for block in view.content["blocks"]}):
                return f"errors name no block of the view: {unknown}"
        case "update":
            changed(workspace, view, check_view(answer.get("view")))
        case "push":
            opened(workspace, view.user, check_view(answer.get("view")))
        case other:
            return f"unknown response_action {other!r}"
    return ""


def _errors(answer: Json) -> dict[str, str]:
    errors: Any = answer.get("errors")
    return {str(block): str(text) for block, text in errors.items()} if isinstance(errors, dict) else {}
