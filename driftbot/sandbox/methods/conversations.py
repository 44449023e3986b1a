"""``conversations.*``: which channels there are, and what was said there."""

from __future__ import annotations

from collections.abc import Sequence

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.message_json import message_json
from driftbot.sandbox.methods.method import TIER_2, TIER_3, TIER_4, Method
from driftbot.sandbox.pagination import page
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import Token
from driftbot.sandbox.workspace import BOT_USER, TEAM, Workspace

MOST_MESSAGES, DEFAULT_MESSAGES = 999, 100
MOST_REPLIES, DEFAULT_REPLIES = 1000, 1000
MOST_CHANNELS, DEFAULT_CHANNELS = 1000, 100


def channels(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``conversations.list``: public ones unless ``types`` says otherwise; private ones only with the bot in them."""
    types = {one.strip() for one in call.text("types", "public_channel").split(",")}
    listed = [
        channel
        for channel in sorted(workspace.channels.values(), key=lambda channel: channel.id)
        if ("private_channel" if channel.private else "public_channel") in types
        and (channel.member or not channel.private)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    shown, cursor = page(listed, lambda channel: channel.id, call, DEFAULT_CHANNELS, MOST_CHANNELS)
    return {"channels": [_channel_json(one) for one in shown], "response_metadata": {"next_cursor": cursor}}


def info(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``conversations.info``."""
    return {"channel": _channel_json(workspace.channel(call.required("channel", "channel_not_found")))}


def members(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``conversations.members``: everybody here, and the bot where it was invited."""
    channel = workspace.channel(call.required("channel", "channel_not_found"))
    everybody = sorted([*workspace.people, *([BOT_USER] if channel.member else [])])
    shown, cursor = page(everybody, lambda user: user, call, 100, 1000)
    return {"members": list(shown), "response_metadata": {"next_cursor": cursor}}


def join(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``conversations.join``: public channels only."""
    channel = workspace.channel(call.required("channel", "channel_not_found"))
    if channel.archived:
        raise Refused("is_archived")
    if channel.private:
        raise Refused("method_not_supported_for_channel_type")
    channel.member = True
    return {"channel": _channel_json(channel)}


def history(workspace: Workspace, token: Token, call: Arguments) -> Json:
    """``conversations.history``: newest first, without what only threads show."""
    channel = _readable(workspace, token, call)
    posts = [post for post in reversed(channel.shown()) if _within(post, call)]
    shown, cursor = page(posts, lambda post: post.ts, call, DEFAULT_MESSAGES, MOST_MESSAGES)
    return {**_messages(workspace, channel, shown, call, cursor), "pin_count": 0}


def replies(workspace: Workspace, token: Token, call: Arguments) -> Json:
    """``conversations.replies``: the message first, then its answers, oldest first; given an answer, that one alone."""
    channel = _readable(workspace, token, call)
    root = channel.posts.get(call.required("ts", "thread_not_found"))
    if root is None:
        raise Refused("thread_not_found")
    answers = [post for post in channel.thread(root.ts) if _within(post, call)]
    shown, cursor = page(answers, lambda post: post.ts, call, DEFAULT_REPLIES, MOST_REPLIES)
    return _messages(workspace, channel, [root, *shown], call, cursor)


def _readable(workspace: Workspace, token: Token, call: Arguments) -> Channel:
    channel = workspace.channel(call.required("channel", "channel_not_found"))
    token.demand(token.kind, frozenset({"groups:history" if channel.private else "channels:history"}))
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _within(post: Post, call: Arguments) -> bool:
    oldest, latest, inclusive = call.text("oldest", "0"), call.text("latest"), call.flag("inclusive")
    try:
        at, first, last = float(post.ts), float(oldest or 0), float(latest) if latest else float("inf")
    except ValueError:
        raise Refused("invalid_ts_latest" if latest else "invalid_ts_oldest") from None
    return first <= at <= last if inclusive else first < at < last


def _messages(workspace: Workspace, channel: Channel, posts: Sequence[Post], call: Arguments, cursor: str) -> Json:
    with_metadata = call.flag("include_all_metadata")
    shown = [message_json(workspace, channel, post, with_metadata) for post in posts]
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _channel_json(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": channel.member,
        "is_general": False,
        "context_team_id": TEAM,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
    }


_READ = frozenset({"channels:read", "groups:read"})
_HISTORY = frozenset({"channels:history", "groups:history"})
METHODS = (
    Method("conversations.list", channels, _READ, TIER_2),
    Method("conversations.info", info, _READ, TIER_3),
    Method("conversations.members", members, _READ, TIER_4),
    Method("conversations.join", join, frozenset({"channels:join"}), TIER_3, writes=True),
    Method("conversations.history", history, _HISTORY, TIER_3),
    Method("conversations.replies", replies, _HISTORY, TIER_3),
)
