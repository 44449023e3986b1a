"""The world: files below a folder, and HTTP sessions that really ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from requests import Session

from driftbot.collectors.collector import Body
from driftbot.core.commit import FileHistory
from driftbot.tape.folder import read_folder
from driftbot.tape.git_history import read_history


class LiveTape:
    """Reads files below ``base`` (roots are relative to it) and asks servers."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def files(self, source: str, root: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
        """Every file below ``root`` that matches, sorted by path; unreadable ones with their problem."""
        del source
        return read_folder(self.base / root, include, exclude)

    def history(
        self, source: str, root: str, include: Sequence[str], exclude: Sequence[str], since: datetime
    ) -> FileHistory:
        """What git tells of those files' past; nothing where they are in no repository."""
        del source
        return read_history(self.base / root, include, exclude, since)

    def session(self, source: str) -> Session:
        """A session that asks the world; it takes no proxy, certificate or password from the environment."""
        del source
        session = Session()
        session.trust_env = False
        return session
