"""Channels for tests of delivering: they keep what they are told in the store's messages, as real ones do, or fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from driftbot.config import Channel, Config
from driftbot.core.digest import Digest, Entry
from driftbot.core.message import Message, MessageState
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.notifier import Delivered, DeliveryTools
from driftbot.store.store import Store
from tests.remedies.estate import Terms, scanned, write_estate


@dataclass
class Recorder:
    """A place that messages are sent to: one a finding and one a notice, edited when their words change."""

    kind: str = "recorder"
    options: type[ChannelOptions] = ChannelOptions
    sent: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)

    def deliver(self, digest: Digest, options: Any, tools: DeliveryTools) -> Delivered:  # noqa: ARG002
        self.digests.append(digest)
        known = {one.key: one for one in tools.memory.messages()}
        before = len(self.sent), len(self.edits)
        left = 0
        for key, text, held in wanted(digest):
            content = hashlib.sha256(text.encode()).hexdigest()
            if key in known and known[key].content == content:
                continue
            if key not in known and held:
                left += 1
                continue
            told = Message(digest.channel, key, "here", content, tools.clock(), MessageState.INTENDED)
            tools.memory.keep(told)
            tools.boundary("message.before")
            (self.edits if key in known else self.sent).append(key)
            tools.boundary("message.after")
            tools.memory.keep(replace(told, state=MessageState.SENT, reference=f"{len(self.sent)}"))
        return Delivered(len(self.sent) - before[0], len(self.edits) - before[1], left=left)


def wanted(digest: Digest) -> list[tuple[str, str, bool]]:
    """Keys, words, and whether quiet hours hold them back."""
    found = [(f"finding:{one.fingerprint}", words(one), digest.holds_back(one)) for one in digest.entries]
    quiet = digest.held_until is not None
    return found + [(f"notice:{one.fingerprint}:{one.kind}", one.body, quiet) for one in digest.notices]


def words(entry: Entry) -> str:
    offer = entry.offer.remedy if entry.offer else ""
    return f"{entry.standing} {entry.finding.message} {offer} {entry.run and entry.run.state}"


@dataclass
class Failing:
    """A channel that does whatever a test wants instead of delivering."""

    does: Callable[[Digest, DeliveryTools], Any]
    kind: str = "failing"
    options: type[ChannelOptions] = ChannelOptions

    def deliver(self, digest: Digest, options: Any, tools: DeliveryTools) -> Delivered:  # noqa: ARG002
        return self.does(digest, tools)  # type: ignore[no-any-return]


def with_channels(config: Config, *channels: tuple[str, Any], **options: Any) -> Config:
    """The configuration with these channels, by name and notifier; ``options`` are all channels' own."""
    made = (Channel(name, notifier, ChannelOptions(name=name, **options)) for name, notifier in channels)
    return replace(config, channels=tuple(made))


def estate(root: Path, *jobs: str, level: str = "propose") -> Config:
    """A folder of jobs with deadlines that are too short, after one night."""
    return scanned(write_estate(root, *jobs, terms=Terms(level=level)))


def opened(config: Config) -> Store:
    return Store.open(config.store_url)
