"""A channel: its messages by timestamp, its threads, and whether the bot may write there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from driftbot.sandbox.post import Post, Whisper


@dataclass(slots=True)
class Channel:
    """One conversation; ``member`` says whether the bot was invited."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    member: bool = True
    topic: str = ""
    posts: dict[str, Post] = field(default_factory=dict)
    whispers: list[Whisper] = field(default_factory=list)

    def shown(self) -> list[Post]:
        """What the channel itself shows, oldest first."""
        return [post for post in self._sorted() if post.in_channel]

    def thread(self, parent: str) -> list[Post]:
        """The replies to a message, oldest first, without the message itself."""
        return [post for post in self._sorted() if post.thread_ts == parent]

    def _sorted(self) -> Iterator[Post]:
        return iter(sorted(self.posts.values(), key=lambda post: post.ts))
