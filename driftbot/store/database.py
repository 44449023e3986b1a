"""The database behind a store: one place that opens it, begins transactions and explains what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError, StatementError

from driftbot.store.access import Access
from driftbot.store.errors import StoreError
from driftbot.store.faults import explained
from driftbot.store.read_only import ReadOnlyFile

PATIENCE = 10.0
"""Seconds to wait for another writer; ``?timeout=`` in a SQLite URL says otherwise."""
NO_NIGHT = "Run `driftbot scan` first, or name another store with --store."
_EXAMPLES = "write it like sqlite:///driftbot.db or postgresql+psycopg://user@host/database"


class Database:
    """An open database and its transactions. ``name`` is the URL without its password."""

    def __init__(self, url: URL, access: Access = Access.MAKE) -> None:
        self.url = url
        self.name = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
        try:
            self._file = self._read_only() if access is Access.READ else None
            self._engine = create_engine(url, **_options(url, self._file))
        except ModuleNotFoundError as error:
            raise StoreError(
                f"the store {self.name} needs the Python package {error.name}",
                "install it with `pip install 'driftbot[postgresql]'`",
            ) from None
        if self.is_sqlite:
            if self._file is None:
                event.listen(self._engine, "connect", _set_up_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the store, whatever others write meanwhile."""
        unchanged = self._file.unchanged() if self._file else nullcontext()
        with self._explaining(), unchanged, self._engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: everything in it is stored when the block ends well, nothing otherwise."""
        with self._explaining(), self._engine.connect() as connection:
            connection = connection.execution_options(driftbot_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def bare(self) -> Iterator[Connection]:
        """A connection outside any transaction, for SQLite's ``VACUUM`` and its kind."""
        with self._explaining(), self._engine.connect() as connection:
            yield connection.execution_options(driftbot_bare=True)

    def shrink(self) -> None:
        """Give the space of what was deleted back to the disk (PostgreSQL does so by itself)."""
        if self.is_sqlite:
            with self.bare() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                # Each step frees one page, and of all the driver's calls only a script steps to the end.
                driver.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _read_only(self) -> ReadOnlyFile | None:
        return ReadOnlyFile(Path(self.url.database or "")) if self.is_sqlite else None

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig is not None:
                # A value that no column takes is the caller's mistake, not the database's.
                raise error.orig from None
            raise explained(error, self.name) from error


def read_url(text: str, access: Access = Access.MAKE) -> URL:
    """The URL of a store; ``postgresql://`` means the driver psycopg.

    Raises:
        StoreError: it is no URL of a database that driftbot can use, or its file or folder does not exist.
    """
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError(f"{text!r} is not the URL of a store", _EXAMPLES) from None
    if backend == "sqlite":
        return _checked_file(url, access)
    if backend != "postgresql":
        raise StoreError(f"a store cannot be kept in {backend} ({url.render_as_string()})", _EXAMPLES)
    return url.set(drivername="postgresql+psycopg")


def _checked_file(url: URL, access: Access) -> URL:
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory would forget everything", _EXAMPLES)
    path = Path(url.database)
    if path.is_dir():
        raise StoreError(f"the store {path} is a folder", "name a file in it, e.g. driftbot.db")
    if not path.parent.is_dir():
        raise StoreError(
            f"the folder {path.parent} of the store {path} does not exist", f"make it: mkdir -p {path.parent}"
        )
    if access is not Access.MAKE and (not path.exists() or not path.stat().st_size):
        raise StoreError(f"the store {path} does not exist", NO_NIGHT)
    return url.set(drivername="sqlite+pysqlite")


def _options(url: URL, read_only: ReadOnlyFile | None) -> dict[str, Any]:
    if read_only is not None:
        timeout = url.query.get("timeout", str(PATIENCE))
        return {"creator": lambda: read_only.connect(float(str(timeout)))}
    if url.get_backend_name() != "sqlite":
        patience = {"connect_timeout": int(PATIENCE), "options": f"-c lock_timeout={PATIENCE:g}s"}
        return {"pool_pre_ping": True, "connect_args": {k: v for k, v in patience.items() if k not in url.query}}
    return {"connect_args": {} if "timeout" in url.query else {"timeout": PATIENCE}}


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Transactions are begun by _begin_sqlite; the driver's own guessing would let a reader see two states.
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        # Both stay with the file, and setting them again would wait for a night that is being written.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("driftbot_bare"):
        # A reader that turns writer fails at once when somebody else wrote meanwhile: writers say so at the start.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("driftbot_writes") else "BEGIN")
