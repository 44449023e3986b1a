"""A SQLite store for those who may only read it: opened so that nothing is written beside it either."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from driftbot.store.errors import StoreBusy


class ReadOnlyFile:
    """A store's file and the way to open it.

    A write-ahead log needs a file of shared memory beside it, which only a writer can make: where there is no log, the
    file is all there is and is read as one that nobody changes (``immutable``, https://sqlite.org/uri.html), which is
    held against what became of it meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        log = path.with_name(path.name + "-wal")
        self._writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        self._immutable = not self._writable and not (log.exists() and log.stat().st_size)

    def connect(self, timeout: float) -> sqlite3.Connection:
        """A connection that writes nothing. Who may write cleans up after it, as every user of the store does."""
        mode = "rw" if self._writable else "ro&immutable=1" if self._immutable else "ro"
        name = f"file:{quote(str(self._path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(name, uri=True, timeout=timeout, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA query_only = ON")
        return connection

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What is read in the block is of one state of the file.

        Raises:
            StoreBusy: the file was changed meanwhile.
        """
        before = self._state()
        yield
        if self._immutable and self._state() != before:
            raise StoreBusy(f"the store {self._path} was written while it was read", "try again")

    def _state(self) -> tuple[int, int]:
        seen = self._path.stat()
        return seen.st_mtime_ns, seen.st_size
