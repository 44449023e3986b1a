"""What a database's complaint means to a person: one sentence and the next step."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from driftbot.store.errors import NotAStore, StoreBusy, StoreError

_FULL = ("the disk is full", "free some space and run again; nothing already stored was lost")
_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": ("it cannot be read or written", "look at the disk and its quota; nothing already stored was lost"),
    "SQLITE_READONLY": ("it may not be written", "give this user the right to write the file and its folder"),
    "SQLITE_CANTOPEN": ("it cannot be opened", "check that the folder exists and that this user may write there"),
    "SQLITE_PERM": ("it may not be opened", "give this user the right to read and write the file and its folder"),
    "SQLITE_CORRUPT": ("the file is damaged", "restore it from a backup (`driftbot db backup` makes one)"),
    "SQLITE_NOTADB": ("the file is no SQLite database", "name another file, or restore it from a backup"),
}
_POSTGRESQL_FULL = ("53100", "53000")
_POSTGRESQL_BUSY = ("55P03", "40001", "40P01")


def explained(error: SQLAlchemyError, name: str) -> StoreError:
    """The complaint as a sentence about the store called ``name``."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, name)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRESQL_BUSY:
        return _busy(name)
    if state in _POSTGRESQL_FULL:
        return StoreError(f"the store {name}: {_FULL[0]}", _FULL[1])
    lines = str(cause if cause is not None else error).strip().splitlines() or [type(error).__name__]
    return StoreError(
        f"the store {name} does not answer as it should: {lines[0]}", "check the server, the URL and its rights"
    )


def _sqlite(cause: sqlite3.Error, name: str) -> StoreError:
    detail = getattr(cause, "sqlite_errorname", "")
    if detail.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _busy(name)
    known = next((words for code, words in _SQLITE.items() if detail.startswith(code)), None)
    if known is None:
        return StoreError(f"the store {name}: {cause}", "run `driftbot db migrate`; if that fails, restore a backup")
    kind = NotAStore if detail.startswith("SQLITE_NOTADB") else StoreError
    return kind(f"the store {name}: {known[0]} ({cause})", known[1])


def _busy(name: str) -> StoreBusy:
    return StoreBusy(f"the store {name} is being written by somebody else", "wait for the running scan and try again")
