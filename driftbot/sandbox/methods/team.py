"""Who is here, who asks, and where Socket Mode connects: ``auth``, ``users``, ``usergroups``, ``apps``, ``api``."""

from __future__ import annotations

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.methods.method import TIER_2, TIER_4, Method
from driftbot.sandbox.pagination import page
from driftbot.sandbox.post import Json
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import APP_SCOPES, Token, TokenKind
from driftbot.sandbox.workspace import APP, BOT, BOT_USER, TEAM, Workspace


def auth_test(workspace: Workspace, _token: Token, _call: Arguments) -> Json:
    """``auth.test``."""
    return {
        "url": f"{workspace.base_url}/",
        "team": "Sandbox",
        "user": "driftbot",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def bots_info(_workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``bots.info``: ours, the only one."""
    if call.text("bot", BOT) != BOT:
        raise Refused("bot_not_found")
    return {"bot": {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": "driftbot", "deleted": False}}


def user_info(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``users.info``."""
    person = workspace.people.get(call.required("user", "user_not_found"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": person.described(TEAM)}


def users(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``users.list``."""
    everybody = sorted(workspace.people.values(), key=lambda person: person.id)
    shown, cursor = page(everybody, lambda person: person.id, call, 1000, 1000)
    return {"members": [one.described(TEAM) for one in shown], "response_metadata": {"next_cursor": cursor}}


def user_groups(_workspace: Workspace, _token: Token, _call: Arguments) -> Json:
    """``usergroups.list``: there are none here."""
    return {"usergroups": []}


def open_connection(workspace: Workspace, _token: Token, _call: Arguments) -> Json:
    """``apps.connections.open``: an address that one WebSocket may use once."""
    ticket = workspace.mint("ticket")
    workspace.tickets.add(ticket)
    address = workspace.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={APP}"}


def api_test(_workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``api.test``: says what it was told; refuses with ``error`` if that is given."""
    if error := call.text("error"):
        raise Refused(error)
    return {"args": {name: value for name, value in call.given.items() if name != "token"}}


METHODS = (
    Method("api.test", api_test, per_minute=TIER_4),
    Method("apps.connections.open", open_connection, APP_SCOPES, 10, token=TokenKind.APP),
    Method("auth.test", auth_test, per_minute=600),
    Method("bots.info", bots_info, frozenset({"users:read"}), TIER_4),
    Method("usergroups.list", user_groups, frozenset({"usergroups:read"}), TIER_2),
    Method("users.info", user_info, frozenset({"users:read"}), TIER_4),
    Method("users.list", users, frozenset({"users:read"}), TIER_2),
)
