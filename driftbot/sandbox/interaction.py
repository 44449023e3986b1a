"""The payloads of interaction: what the app is told when a person presses, submits or closes.

https://docs.slack.dev/reference/interaction-payloads: block_actions, view_submission, view_closed.
"""

from __future__ import annotations

from driftbot.sandbox.channel import Channel
from driftbot.sandbox.element import Placed, action
from driftbot.sandbox.message_json import message_json
from driftbot.sandbox.modals import view_json
from driftbot.sandbox.people import Person
from driftbot.sandbox.post import Json, Post, Whisper
from driftbot.sandbox.workspace import APP, TEAM, View, Workspace

VERIFICATION_TOKEN = "sandbox-verification-token"
"""The deprecated token of payloads; nobody should look at it."""


def pressed_in_message(
    workspace: Workspace, person: Person, channel: Channel, post: Post, placed: Placed, value: str | None
) -> Json:
    """``block_actions`` of a message's control."""
    container = {"type": "message", "message_ts": post.ts, "channel_id": channel.id, "is_ephemeral": False}
    if post.thread_ts:
        container["thread_ts"] = post.thread_ts
    return {
        **_asked(workspace, "block_actions", person),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "message": message_json(workspace, channel, post, True),
        "state": {"values": {}},
        "response_url": workspace.response_url(channel.id, post.ts, person.id),
        "actions": [action(placed, value, workspace.now_ts())],
    }


def pressed_in_whisper(
    workspace: Workspace, person: Person, channel: Channel, whisper: Whisper, placed: Placed, value: str | None
) -> Json:
    """``block_actions`` of an ephemeral message's control; the message itself is not in it."""
    container = {"type": "message", "message_ts": whisper.ts, "channel_id": channel.id, "is_ephemeral": True}
    return {
        **_asked(workspace, "block_actions", person),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": workspace.response_url(channel.id, whisper.ts, person.id),
        "actions": [action(placed, value, workspace.now_ts())],
    }


def pressed_in_view(
    workspace: Workspace, person: Person, view: View, placed: Placed, value: str | None, state: Json
) -> Json:
    """``block_actions`` of a modal's control."""
    return {
        **_asked(workspace, "block_actions", person),
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(view, state),
        "actions": [action(placed, value, workspace.now_ts())],
    }


def submitted(workspace: Workspace, person: Person, view: View, state: Json) -> Json:
    """``view_submission``."""
    asked = _asked(workspace, "view_submission", person)
    return {**asked, "view": view_json(view, state), "response_urls": []}


def closed(workspace: Workspace, person: Person, view: View) -> Json:
    """``view_closed``, for views that ask for it; it carries no trigger."""
    asked = _asked(workspace, "view_closed", person)
    del asked["trigger_id"]
    return {**asked, "view": view_json(view), "is_cleared": False}


def _asked(workspace: Workspace, type_: str, person: Person) -> Json:
    return {
        "type": type_,
        "user": {"id": person.id, "username": person.handle, "name": person.handle, "team_id": TEAM},
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": workspace.trigger(person.id),
    }
