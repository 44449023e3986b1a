"""Modals that are open: how one comes to be, and how the Web API and payloads show it."""

from __future__ import annotations

from driftbot.sandbox.block_ids import with_ids
from driftbot.sandbox.post import Json
from driftbot.sandbox.workspace import APP, BOT, TEAM, View, Workspace


def opened(workspace: Workspace, user: str, content: Json) -> View:
    """A new modal over those that are open for the person."""
    below = workspace.open_views(user)
    id_ = workspace.mint("V")
    view = View(id_, user, workspace.mint("h"), _complete(workspace, content), below[0].root if below else id_)
    view.previous = below[-1].id if below else ""
    workspace.views[id_] = view
    return view


def changed(workspace: Workspace, view: View, content: Json) -> View:
    """The modal with another content."""
    view.content, view.hash, view.errors = _complete(workspace, content), workspace.mint("h"), {}
    return view


def view_json(view: View, state: Json | None = None) -> Json:
    """The modal as ``views.open`` answers and payloads carry it (https://docs.slack.dev/reference/views)."""
    defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "close": None, "submit": None}
    return {
        **defaults,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.content,
        "id": view.id,
        "team_id": TEAM,
        "app_id": APP,
        "bot_id": BOT,
        "app_installed_team_id": TEAM,
        "hash": view.hash,
        "state": {"values": state or {}},
        "root_view_id": view.root,
        "previous_view_id": view.previous or None,
    }


def _complete(workspace: Workspace, content: Json) -> Json:
    return {**content, "blocks": with_ids(workspace, content["blocks"])}
