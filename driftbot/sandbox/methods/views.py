"""``views.*``: modals, opened by whoever just pressed something, and changed while they are open."""

from __future__ import annotations

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.methods.method import TIER_4, Method
from driftbot.sandbox.modals import changed, opened, view_json
from driftbot.sandbox.payload_check import check_view
from driftbot.sandbox.post import Json
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import Token
from driftbot.sandbox.workspace import View, Workspace

DEEPEST = 3
"""Views that may lie over one another (https://docs.slack.dev/surfaces/modals)."""


def open_view(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``views.open``: the first modal of a person; what was open gives way."""
    content = check_view(call.structure("view", "invalid_arguments"))
    user = workspace.spend_trigger(call.required("trigger_id", "invalid_trigger_id"))
    for view in workspace.open_views(user):
        del workspace.views[view.id]
    return {"view": view_json(opened(workspace, user, content))}


def push(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``views.push``: another modal over the open one."""
    content = check_view(call.structure("view", "invalid_arguments"))
    user = workspace.spend_trigger(call.required("trigger_id", "invalid_trigger_id"))
    below = workspace.open_views(user)
    if len(below) >= DEEPEST:
        raise Refused("push_limit_reached")
    if not below:
        raise Refused("not_found")
    return {"view": view_json(opened(workspace, user, content))}


def update(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``views.update``: by id or external id; a hash that is not the view's is refused."""
    content = check_view(call.structure("view", "invalid_arguments"))
    view = _open(workspace, call)
    if (hash_ := call.text("hash")) and hash_ != view.hash:
        raise Refused("hash_conflict")
    return {"view": view_json(changed(workspace, view, content))}


def _open(workspace: Workspace, call: Arguments) -> View:
    if (view := workspace.views.get(call.text("view_id"))) is not None:
        return view
    for view in workspace.views.values():
        if (name := call.text("external_id")) and view.content.get("external_id") == name:
            return view
    raise Refused("not_found")


METHODS = (
    Method("views.open", open_view, per_minute=TIER_4, writes=True),
    Method("views.push", push, per_minute=TIER_4, writes=True),
    Method("views.update", update, per_minute=TIER_4, writes=True),
)
