"""``chat.*``: messages are posted, edited, deleted, or whispered to one person."""

from __future__ import annotations

import json
from typing import Any

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.block_ids import with_ids
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.message_json import message_json
from driftbot.sandbox.methods.method import TIER_3, TIER_4, Method
from driftbot.sandbox.payload_check import check_blocks
from driftbot.sandbox.post import SLACKBOT, TOMBSTONE, Json, Post, Whisper
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import Token
from driftbot.sandbox.workspace import BOT_USER, Workspace

LONGEST_POST = 40_000
"""Characters of a new message's text."""
LONGEST_EDIT = 4_000
"""Characters of an edited message's text: chat.update takes less than chat.postMessage."""
LARGEST_METADATA = 16_000
"""Characters of metadata as JSON."""


def post_message(workspace: Workspace, token: Token, call: Arguments) -> Json:
    """``chat.postMessage``: the channel by id or name; the same call twice is two messages."""
    channel = _writable(token, _by_id_or_name(workspace, call.required("channel", "channel_not_found")))
    blocks = _blocks(workspace, call)
    text = _text(call, LONGEST_POST)
    if not text and not blocks:
        raise Refused("no_text")
    post = Post(
        workspace.now_ts(), BOT_USER, text, blocks, _metadata(call), _root(channel, call.text("thread_ts")),
        broadcast=call.flag("reply_broadcast"),
    )  # fmt: skip
    channel.posts[post.ts] = post
    return {"channel": channel.id, "ts": post.ts, "message": message_json(workspace, channel, post, True)}


def update(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``chat.update``: what is not sent of blocks and metadata stays as it was."""
    channel = _joined(workspace.channel(call.required("channel", "channel_not_found")))
    if channel.archived:
        raise Refused("is_inactive")
    post = workspace.post(channel, call.required("ts", "message_not_found"))
    if post.user != BOT_USER:
        raise Refused("cant_update_message")
    blocks, text, metadata = _blocks(workspace, call), _text(call, LONGEST_EDIT), _metadata(call)
    if not text and not blocks:
        raise Refused("no_text")
    post.text = text or post.text
    post.blocks = blocks if "blocks" in call else post.blocks
    post.metadata = metadata if "metadata" in call else post.metadata
    post.broadcast = post.broadcast or call.flag("reply_broadcast")
    post.edits, post.edited_ts = post.edits + 1, workspace.now_ts()
    message = message_json(workspace, channel, post, True)
    return {"channel": channel.id, "ts": post.ts, "text": post.text, "message": message}


def delete(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``chat.delete``: a message that was answered leaves a tombstone, so that its thread stays."""
    channel = _joined(workspace.channel(call.required("channel", "channel_not_found")))
    post = workspace.post(channel, call.required("ts", "message_not_found"))
    if post.user != BOT_USER:
        raise Refused("cant_delete_message")
    remove(channel, post)
    return {"channel": channel.id, "ts": post.ts}


def remove(channel: Channel, post: Post) -> None:
    """Take a message away, as its author or a moderator does."""
    if channel.thread(post.ts):
        channel.posts[post.ts] = Post(post.ts, SLACKBOT, TOMBSTONE, tombstone=True)
    else:
        del channel.posts[post.ts]


def post_ephemeral(workspace: Workspace, token: Token, call: Arguments) -> Json:
    """``chat.postEphemeral``: one person sees it until the page is left; nobody can read it back."""
    channel = _writable(token, _by_id_or_name(workspace, call.required("channel", "channel_not_found")))
    user = call.required("user", "user_not_found")
    if user not in workspace.people:
        raise Refused("user_not_in_channel")
    blocks, text = _blocks(workspace, call), _text(call, LONGEST_POST)
    if not text and not blocks:
        raise Refused("no_text")
    whisper = Whisper(workspace.now_ts(), user, text, blocks, call.text("thread_ts"))
    channel.whispers.append(whisper)
    return {"message_ts": whisper.ts}


def permalink(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``chat.getPermalink``: the message's address on the sandbox's page."""
    channel = workspace.channel(call.required("channel", "channel_not_found"))
    post = workspace.post(channel, call.required("message_ts", "message_not_found"))
    return {"channel": channel.id, "permalink": f"{workspace.base_url}/channels/{channel.id}#m{post.ts}"}


def _by_id_or_name(workspace: Workspace, given: str) -> Channel:
    return workspace.named(given) or workspace.channel(given)


def _joined(channel: Channel) -> Channel:
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _writable(token: Token, channel: Channel) -> Channel:
    if channel.archived:
        raise Refused("is_archived")
    if not channel.member and "chat:write.public" in token.scopes:
        return channel
    return _joined(channel)


def _root(channel: Channel, thread: str) -> str:
    """The thread that a reply belongs to: an answer to an answer is in the same thread.

    A thread whose message is gone takes replies all the same; nobody sees them in the channel.
    """
    answered = channel.posts.get(thread)
    return answered.thread_ts or answered.ts if answered else thread


def _text(call: Arguments, most: int) -> str:
    text = call.text("text")
    if len(text) > most:
        raise Refused("msg_too_long")
    return text


def _blocks(workspace: Workspace, call: Arguments) -> list[Json]:
    return with_ids(workspace, check_blocks(call.structure("blocks", "invalid_blocks_format")))


def _metadata(call: Arguments) -> Json | None:
    metadata: Any = call.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > LARGEST_METADATA:
        raise Refused("metadata_too_large")
    return metadata


_WRITE = frozenset({"chat:write"})
METHODS = (
    Method("chat.postMessage", post_message, _WRITE, 600, writes=True),
    Method("chat.update", update, _WRITE, TIER_3, writes=True),
    Method("chat.delete", delete, _WRITE, TIER_3, writes=True),
    Method("chat.postEphemeral", post_ephemeral, _WRITE, TIER_4, writes=True),
    Method("chat.getPermalink", permalink, per_minute=600),
)
