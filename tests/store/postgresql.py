"""A PostgreSQL of the system's packages, started by an unprivileged user on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

BINARIES = Path("/usr/lib/postgresql")
PORT = "5432"


class PostgreSQL:
    """A running server; ``make`` makes a database and returns its URL."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self._programs, self._folder, self._user, self._made = programs, folder, user, 0

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user."""
        command = [str(self._programs / program), *arguments]
        if self._user is not None:
            command = ["runuser", "-u", self._user, "--", *command]
        subprocess.run(command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL)

    def make(self) -> str:
        """A new, empty database."""
        self._made += 1
        with psycopg.connect(
            f"host={self._folder} port={PORT} user=driftbot dbname=postgres", autocommit=True
        ) as any_one:
            any_one.execute(f"CREATE DATABASE store{self._made}")
        return f"postgresql+psycopg://driftbot@/store{self._made}?host={self._folder}&port={PORT}"


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a server, stop it afterwards; a loud skip where there is none."""
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="driftbot-postgresql-"))
    if user is not None:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = PostgreSQL(found[-1].parent, folder, user)
    data, log = str(folder / "data"), str(folder / "log")
    try:
        server.run("initdb", "-D", data, "-U", "driftbot", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c port={PORT} -c fsync=off"
        server.run("pg_ctl", "-D", data, "-l", log, "-w", "-o", settings, "start")
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)
