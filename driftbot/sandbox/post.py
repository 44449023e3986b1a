"""Messages and files, as the sandbox keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A JSON object as it was sent or is answered; its shape is Slack's."""

SLACKBOT = "USLACKBOT"
TOMBSTONE = "This message was deleted."


@dataclass(slots=True)
class Post:
    """One message. ``ts`` is its id within the channel, ``thread_ts`` that of the message it answers ("" for none)."""

    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    broadcast: bool = False
    files: list[str] = field(default_factory=list)
    edits: int = 0
    edited_ts: str = ""
    tombstone: bool = False

    @property
    def in_channel(self) -> bool:
        """Whether the channel itself shows it, not only a thread."""
        return not self.thread_ts or self.broadcast


@dataclass(slots=True)
class Whisper:
    """An ephemeral message: one person sees it, nothing keeps it."""

    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""


@dataclass(slots=True)
class Upload:
    """A file: promised (``files.getUploadURLExternal``), then uploaded, then shared."""

    id: str
    name: str
    length: int
    alt_text: str = ""
    title: str = ""
    content: bytes | None = None
    shared: bool = False
    deleted: bool = False

    @property
    def mimetype(self) -> str:
        """By its first bytes: only what a browser may show as a picture is called one."""
        content = self.content or b""
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png"
        return "image/jpeg" if content.startswith(b"\xff\xd8\xff") else "application/octet-stream"
