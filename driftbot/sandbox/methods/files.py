"""``files.*``: a file is promised, uploaded to the address that the promise names, then shared into a channel."""

from __future__ import annotations

from typing import Any

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.channel import Channel
from driftbot.sandbox.message_json import file_json
from driftbot.sandbox.methods.method import TIER_3, TIER_4, Method
from driftbot.sandbox.post import Json, Post, Upload
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import Token
from driftbot.sandbox.workspace import BOT_USER, Workspace

LARGEST = 32 * 1024 * 1024
"""Bytes that the sandbox takes of one file; Slack takes a gigabyte."""


def upload_url(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``files.getUploadURLExternal``."""
    name, length = call.required("filename"), call.whole("length", 0)
    if length < 1:
        raise Refused("invalid_arguments", ("[ERROR] must be more than 0: length",))
    if length > LARGEST:
        raise Refused("file_upload_size_restricted")
    file = Upload(workspace.mint("F"), name, length, call.text("alt_txt") or call.text("alt_text"))
    workspace.uploads[file.id] = file
    return {"upload_url": f"{workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``files.completeUploadExternal``: one message with all the files, in a thread if one is named."""
    files = [_uploaded(workspace, one) for one in _listed(call)]
    if place := call.text("channel_id") or call.text("channels"):
        _share(workspace, _shareable(workspace, place), files, call)
    for file in files:
        file.shared = True
    return {"files": [file_json(workspace, file.id) for file in files]}


def info(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``files.info``."""
    return {"file": file_json(workspace, _known(workspace, call).id)}


def listing(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``files.list``: newest first, all on one page."""
    del call
    files = [file.id for file in reversed(workspace.uploads.values()) if file.shared and not file.deleted]
    paging = {"count": len(files), "total": len(files), "page": 1, "pages": 1}
    return {"files": [file_json(workspace, id_) for id_ in files], "paging": paging}


def delete(workspace: Workspace, _token: Token, call: Arguments) -> Json:
    """``files.delete``: the messages that show it stay."""
    file = _known(workspace, call)
    file.deleted, file.content = True, None
    return {}


def _known(workspace: Workspace, call: Arguments) -> Upload:
    file = workspace.uploads.get(call.required("file", "file_not_found"))
    if file is None:
        raise Refused("file_not_found")
    if file.deleted:
        raise Refused("file_deleted")
    return file


def _listed(call: Arguments) -> list[Any]:
    files = call.structure("files", "invalid_arguments")
    if not isinstance(files, list) or not files:
        raise Refused("invalid_arguments", ("[ERROR] missing required field: files",))
    return files


def _uploaded(workspace: Workspace, one: Any) -> Upload:
    file = workspace.uploads.get(str(one.get("id", ""))) if isinstance(one, dict) else None
    if file is None or file.content is None:
        raise Refused("file_not_found")
    if file.shared:
        raise Refused("file_already_shared")
    file.title = str(one.get("title") or file.name)
    return file


def _shareable(workspace: Workspace, place: str) -> Channel:
    channel = workspace.channel(place)
    if channel.archived:
        raise Refused("is_archived")
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _share(workspace: Workspace, channel: Channel, files: list[Upload], call: Arguments) -> None:
    thread = call.text("thread_ts")
    if thread and thread not in channel.posts:
        raise Refused("invalid_arguments", ("[ERROR] thread_ts is no message of the channel",))
    post = Post(workspace.now_ts(), BOT_USER, call.text("initial_comment"), thread_ts=thread)
    post.files = [file.id for file in files]
    channel.posts[post.ts] = post


_WRITE, _READ = frozenset({"files:write"}), frozenset({"files:read"})
METHODS = (
    Method("files.getUploadURLExternal", upload_url, _WRITE, TIER_4, writes=True),
    Method("files.completeUploadExternal", complete, _WRITE, TIER_4, writes=True),
    Method("files.delete", delete, _WRITE, TIER_3, writes=True),
    Method("files.info", info, _READ, TIER_4),
    Method("files.list", listing, _READ, TIER_3),
)
