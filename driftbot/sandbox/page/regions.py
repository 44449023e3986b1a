"""The parts of the page that change: each is drawn whole, and replaced in the browser when it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from driftbot.sandbox.hands import Hands
from driftbot.sandbox.page.html import Node, h
from driftbot.sandbox.page.message import Messages, Reader
from driftbot.sandbox.page.modal import modal
from driftbot.sandbox.post import Whisper
from driftbot.sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Regions:
    """Draws the regions for a reader."""

    workspace: Workspace
    hands: Hands
    reader: Reader

    def all(self) -> Mapping[str, Element]:
        """Every region by name."""
        return {
            "channels": self._channels(),
            "people": self._people(),
            "state": self._state(),
            "messages": self._messages(),
            "thread": self._thread(),
            "modal": self._modal(),
        }

    def _channels(self) -> Element:
        items = [
            h(
                "a",
                f"# {channel.name}",
                " (archived)" if channel.archived else None,
                href=self.reader.address(channel=channel.id),
                aria_current="page" if channel.id == self.reader.channel else None,
            )
            for channel in sorted(self.workspace.channels.values(), key=lambda channel: channel.name)
        ]
        return h("nav", items, aria_label="Channels", data_region="channels")

    def _people(self) -> Element:
        items = [
            h(
                "a",
                person.name,
                href=self.reader.address(user=person.id, thread=self.reader.thread),
                aria_current="true" if person.id == self.reader.user else None,
                title=person.id,
            )
            for person in self.workspace.people.values()
        ]
        return h("nav", h("h2", "You are"), items, aria_label="Who you are", data_region="people")

    def _state(self) -> Element:
        return h("p", self._connection(), class_="state", data_region="state", role="status")

    def _connection(self) -> str:
        if self.hands.request_url:
            return f"Buttons are told to {self.hands.request_url}"
        if self.hands.socket.connections:
            return "The app is connected: buttons work"
        return "No app is connected: buttons go nowhere until `driftbot serve` runs"

    def _messages(self) -> Element:
        channel = self.workspace.channels[self.reader.channel]
        messages = Messages(self.workspace, channel, self.reader)
        shown: list[tuple[str, Node]] = [(post.ts, messages.post(post, False)) for post in channel.shown()]
        shown += [(one.ts, messages.whisper(one)) for one in self._whispers("")]
        drawn = [node for _, node in sorted(shown, key=lambda item: item[0])]
        nothing = h("p", "Nothing was said here yet.", class_="nothing")
        return h("section", drawn or [nothing], class_="messages", data_region="messages", aria_label="Messages")

    def _thread(self) -> Element:
        if not self.reader.thread:
            return h("section", data_region="thread", hidden=True)
        channel = self.workspace.channels[self.reader.channel]
        messages = Messages(self.workspace, channel, self.reader)
        root = channel.posts.get(self.reader.thread)
        replies = [messages.post(post, True) for post in channel.thread(self.reader.thread)]
        return h(
            "section",
            h("header", h("h2", "Thread"), h("a", "Close", href=self.reader.address())),
            messages.post(root, True) if root else h("p", "Its message is gone.", class_="nothing"),
            h("hr"),
            replies,
            [messages.whisper(one) for one in self._whispers(self.reader.thread)],
            class_="messages",
            data_region="thread",
            aria_label="Thread",
        )

    def _whispers(self, thread: str) -> list[Whisper]:
        channel = self.workspace.channels[self.reader.channel]
        return [one for one in channel.whispers if one.user == self.reader.user and one.thread_ts == thread]

    def _modal(self) -> Element:
        views = self.workspace.open_views(self.reader.user)
        channel = self.workspace.channels[self.reader.channel]
        names = Messages(self.workspace, channel, self.reader).name
        return h(
            "div", modal(views[-1], names) if views else None, class_="cover", data_region="modal", hidden=not views
        )
