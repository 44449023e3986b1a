"""A message as the Web API shows it (https://docs.slack.dev/reference/events/message)."""

from __future__ import annotations

from driftbot.sandbox.channel import Channel
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.workspace import APP, BOT, BOT_USER, TEAM, Workspace

BOT_NAME = "driftbot"


def message_json(workspace: Workspace, channel: Channel, post: Post, with_metadata: bool) -> Json:
    """The message; its metadata only for those who ask for it (``include_all_metadata``)."""
    shown: Json = {"type": "message", "user": post.user, "text": post.text, "ts": post.ts, "team": TEAM}
    if post.tombstone:
        shown |= {"subtype": "tombstone", "hidden": True}
    elif post.user == BOT_USER:
        shown |= {"bot_id": BOT, "app_id": APP, "bot_profile": {"id": BOT, "app_id": APP, "name": BOT_NAME}}
    if post.broadcast and post.thread_ts:
        shown |= {"subtype": "thread_broadcast"}
    if post.blocks:
        shown["blocks"] = post.blocks
    if post.files:
        shown["files"] = [file_json(workspace, id_) for id_ in post.files]
    if post.edits:
        shown["edited"] = {"user": post.user, "ts": post.edited_ts}
    if with_metadata and post.metadata:
        shown["metadata"] = post.metadata
    return shown | _thread(channel, post)


def _thread(channel: Channel, post: Post) -> Json:
    if post.thread_ts:
        return {"thread_ts": post.thread_ts}
    replies = channel.thread(post.ts)
    if not replies:
        return {}
    return {
        "thread_ts": post.ts,
        "reply_count": len(replies),
        "reply_users": sorted({reply.user for reply in replies}),
        "reply_users_count": len({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
        "subscribed": False,
    }


def file_json(workspace: Workspace, id_: str) -> Json:
    """A file (https://docs.slack.dev/reference/objects/file-object); a deleted one is a tombstone."""
    file = workspace.uploads[id_]
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "size": file.length,
        "alt_txt": file.alt_text,
        "user": BOT_USER,
        "mode": "hosted",
        "url_private": f"{workspace.base_url}/files/{file.id}",
    }
