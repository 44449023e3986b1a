"""One message as HTML: who, when, what, its files and its thread."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from driftbot.sandbox.channel import Channel
from driftbot.sandbox.message_json import BOT_NAME
from driftbot.sandbox.page.blocks import message_body
from driftbot.sandbox.page.html import Node, h
from driftbot.sandbox.page.slack_date import stamp
from driftbot.sandbox.post import SLACKBOT, Post, Upload, Whisper
from driftbot.sandbox.workspace import BOT_USER, Workspace


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at which channel, and at which thread of it ("" for none)."""

    user: str
    channel: str
    thread: str = ""

    def address(self, thread: str = "", channel: str = "", user: str = "") -> str:
        """The page's address with something else chosen."""
        thread = f"&thread={thread}" if thread else ""
        return f"/channels/{channel or self.channel}?as={user or self.user}{thread}"


@dataclass(frozen=True, slots=True)
class Messages:
    """Draws the messages of a channel for a reader."""

    workspace: Workspace
    channel: Channel
    reader: Reader

    def post(self, post: Post, in_thread: bool) -> Element:
        """A message in the channel or in a thread."""
        return h(
            "article",
            self._head(post.ts, post.user, "edited" if post.edits else ""),
            h("p", "replied to a thread", class_="origin") if self._is_echo(post, in_thread) else None,
            message_body(post.text, post.blocks, self.name),
            [self._file(self.workspace.uploads[id_]) for id_ in post.files],
            None if in_thread else self._thread_link(post),
            id=None if in_thread else f"m{post.ts}",
            class_="message tombstone" if post.tombstone else "message",
            data_ts=post.ts,
        )

    def whisper(self, whisper: Whisper) -> Element:
        """A message that only the reader sees."""
        return h(
            "article",
            h("p", "Only visible to you", class_="origin"),
            self._head(whisper.ts, BOT_USER, ""),
            message_body(whisper.text, whisper.blocks, self.name),
            class_="message whisper",
            data_ts=whisper.ts,
        )

    def name(self, id_: str) -> str | None:
        """Who or what an id is."""
        if id_ == BOT_USER:
            return BOT_NAME
        if id_ == SLACKBOT:
            return "Slackbot"
        known = self.workspace.people.get(id_) or self.workspace.channels.get(id_)
        return known.name if known else None

    def _is_echo(self, post: Post, in_thread: bool) -> bool:
        return post.broadcast and bool(post.thread_ts) and not in_thread

    def _head(self, ts: str, user: str, note: str) -> Element:
        at = stamp(ts)
        time = h("time", at.strftime("%Y-%m-%d %H:%M UTC"), datetime=at.isoformat()) if at else h("time", ts)
        app = h("span", "APP", class_="app") if user == BOT_USER else None
        edited = h("span", f"({note})", class_="edited") if note else None
        return h("header", h("b", self.name(user) or user), app, time, edited)

    def _thread_link(self, post: Post) -> Node:
        root = post.thread_ts or post.ts
        replies = len(self.channel.thread(root))
        if not replies:
            return None
        said = "1 reply" if replies == 1 else f"{replies} replies"
        return h("a", said, href=self.reader.address(thread=root), class_="thread-link")

    def _file(self, file: Upload) -> Element:
        if file.deleted:
            return h("p", "This file was deleted.", class_="origin")
        source, alternative = f"/page/files/{file.id}", file.alt_text or file.title or file.name
        if not file.mimetype.startswith("image/"):
            return h("p", h("a", file.title or file.name, href=source, download=file.name))
        return h("figure", h("img", src=source, alt=alternative), h("figcaption", file.title or file.name))
