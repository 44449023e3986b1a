"""A Slack of the test's own and a delivery into it, whose time a test moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from driftbot.core.chart import Chart
from driftbot.core.digest import Digest, Entry
from driftbot.credential import Credential
from driftbot.notifiers.notifier import Delivered, DeliveryTools
from driftbot.notifiers.slack.delivery import SlackNotifier
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.sandbox.sandbox import Sandbox
from tests.notices.digest_scene import NOW
from tests.notifiers.channel_scene import BookMemory, Moment

PNG = b"\x89PNG\r\n\x1a\n"
READS = frozenset({"auth.test", "conversations.history", "conversations.list", "conversations.replies"})


def drawn(entry: Entry, charts: tuple[Chart, ...]) -> bytes:
    return PNG + f"{entry.fingerprint} {charts}".encode()


def nothing(_: str) -> None:
    pass


@dataclass
class Scene:
    """A sandbox, what the store knows of a channel of it, and when it is."""

    sandbox: Sandbox
    token: Path
    moment: Moment
    memory: BookMemory = field(default_factory=BookMemory)
    channel: str = "sre"
    timeout: float = 10

    def options(self, **changes: Any) -> SlackOptions:
        return SlackOptions(**{"name": "sre", "channel": f"#{self.channel}", **changes})

    def workspace(self, **changes: Any) -> SlackWorkspace:
        place = Credential(file=str(self.token))
        return SlackWorkspace(**{"token": place, "app_token": place, "url": self.sandbox.api_url, **changes})

    def tools(self, boundary: Callable[[str], None] = nothing, seconds: float = 600) -> DeliveryTools:
        deadline = self.moment.now + timedelta(seconds=seconds)
        return DeliveryTools(self.moment, self.memory, self.moment.sleep, deadline, drawn, boundary)

    def deliver(
        self,
        digest: Digest,
        *,
        boundary: Callable[[str], None] = nothing,
        seconds: float = 600,
        workspace: SlackWorkspace | None = None,
        **options: Any,
    ) -> Delivered:
        notifier = SlackNotifier(workspace=workspace or self.workspace(), timeout=self.timeout)
        return notifier.deliver(digest, self.options(**options), self.tools(boundary, seconds))

    def told(self, channel: str = "") -> Counter[str]:
        """How often each of our messages stands in the channel and its threads, files by their names."""
        shown = self.sandbox.channel(channel or self.channel).everything
        return Counter(name for one in shown for name in names(one) if one.get("subtype") != "tombstone")

    def message(self, key: str, channel: str = "") -> Mapping[str, Any]:
        (found,) = [one for one in self.sandbox.channel(channel or self.channel).everything if key in names(one)]
        return found

    def message_of(self, channel: str, key: str) -> Mapping[str, Any]:
        """The message for a channel of the configuration, where several share one of Slack's."""
        shown = self.sandbox.channel(self.channel).everything
        (found,) = [one for one in shown if key in names(one) and whose(one) == channel]
        return found

    def thread(self) -> tuple[Mapping[str, Any], ...]:
        return self.sandbox.channel(self.channel).thread(self.message("digest")["ts"])

    def calls(self) -> list[str]:
        """The methods called since this was asked last."""
        made = [one.method for one in self.sandbox.log]
        fresh, self._seen = made[self._seen :], len(made)
        return fresh

    _seen: int = 0


def whose(message: Mapping[str, Any]) -> str:
    """The channel of the configuration that a message is for."""
    return str((message.get("metadata") or {}).get("event_payload", {}).get("channel", ""))


def names(message: Mapping[str, Any]) -> list[str]:
    """What a message of ours is known by."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return [*([payload["key"]] if payload else []), *(file["name"] for file in message.get("files", ()))]


def words(message: Mapping[str, Any]) -> str:
    """All text of a message."""
    return f"{message['text']}\n{message.get('blocks', '')}"


@contextmanager
def scene(folder: Path, **of_sandbox: Any) -> Iterator[Scene]:
    """A Slack whose clock is the delivery's."""
    moment = Moment(NOW)

    def clock() -> datetime:
        return moment.now

    with Sandbox(clock=clock, **of_sandbox) as sandbox:
        token = folder / "token"
        token.write_text(sandbox.token)
        yield Scene(sandbox, token, moment)
