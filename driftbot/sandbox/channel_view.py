"""A channel as a test looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from driftbot.sandbox.channel import Channel
from driftbot.sandbox.message_json import message_json
from driftbot.sandbox.post import Json, Post
from driftbot.sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as it was when it was asked for.

    ``messages`` are those that it shows, oldest first, as ``conversations.history`` answers them, with their metadata
    and the number of their ``edits``; ``threads`` the replies by the timestamp of what they answer.
    """

    id: str
    name: str
    messages: tuple[Json, ...]
    threads: Mapping[str, tuple[Json, ...]]
    whispers: tuple[Json, ...]

    def thread(self, ts: str) -> tuple[Json, ...]:
        """The replies to a message, oldest first, without the message itself."""
        return self.threads.get(ts, ())

    @property
    def everything(self) -> tuple[Json, ...]:
        """Messages and replies, each once, oldest first."""
        replies = [reply for thread in self.threads.values() for reply in thread]
        unique = {one["ts"]: one for one in (*self.messages, *replies)}
        return tuple(unique[ts] for ts in sorted(unique))


def seen(workspace: Workspace, channel: Channel) -> ChannelView:
    """The channel as it is now."""

    def shown(post: Post) -> Json:
        return {**message_json(workspace, channel, post, True), "edits": post.edits}

    roots = sorted({post.thread_ts for post in channel.posts.values() if post.thread_ts})
    return ChannelView(
        channel.id,
        channel.name,
        tuple(shown(post) for post in channel.shown()),
        {root: tuple(shown(post) for post in channel.thread(root)) for root in roots},
        tuple(asdict(whisper) for whisper in channel.whispers),
    )
