"""What the commands of ``driftbot schedule`` take: words that are safe to write into units, and their defaults."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.schedule.night_schedule import NightSchedule


_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Word(click.ParamType):  # type: ignore[type-arg]  # generic only in newer releases, and there without need
    """A text of one form; everything else would mean something else in a unit."""

    def __init__(self, name: str, pattern: str, example: str) -> None:
        self.name, self._pattern, self._example = name, re.compile(pattern), example

    def refuses(self, text: str) -> bool:
        """Whether the text is none of them."""
        return self._pattern.fullmatch(text) is None

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it is, or a usage error that shows one that would do."""
        if isinstance(value, str) and not self.refuses(value):
            return value
        return self.fail(f"{value!r} cannot be one; write it like {self._example}", param, ctx)


NAME = Word("name", r"[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?", "driftbot")
"""A DNS label that a CronJob may have, too: 52 characters at most."""
USER = Word("user", r"[a-z_][a-z0-9_-]{0,31}", "driftbot")
PLACE = Word("path", r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+", "/usr/bin/driftbot")
PROGRAM = Word("path", r"[A-Za-z0-9_./+@:~ -]+", "/usr/bin/driftbot")
"""systemd replaces nothing in a program's path, so that what it would have to unquote cannot stand there."""
FOLDER = Word("path", r"/[^$\x00-\x1f\x7f-\x9f\u2028\u2029]*", "/srv/repository")
IMAGE = Word("image", r"[a-z0-9][A-Za-z0-9._:/@-]*", "registry.example.org/driftbot:1.0")
SIZE = Word("size", r"[1-9][0-9]*(?:\.[0-9]+)?(?:Mi|Gi|Ti)", "5Gi")
MAIL = Word("address", r"[^\s\"'%\\\x00-\x1f\x7f]+@[^\s\"'%\\\x00-\x1f\x7f]+", "oncall@example.org")


def schedule_of(config: Config) -> NightSchedule:
    """When the configuration wants nights to begin."""
    from driftbot.schedule.cron import read_cron
    from driftbot.schedule.night_schedule import NightSchedule

    serve = config.serve
    return NightSchedule(read_cron(serve.cron), serve.zone, serve.jitter, serve.longest_night, serve.catch_up)


def program_path(named: str | None) -> str:
    """The absolute path of driftbot: the one that is named, else the one that runs.

    Raises:
        Failure: it is not absolute or cannot stand in a unit, or nobody knows where driftbot is.
    """
    beside = Path(sys.executable).with_name("driftbot")
    found = named or (str(beside) if beside.exists() else shutil.which("driftbot"))
    if found is None:
        raise Failure("nobody knows where driftbot is installed", "Name its path with --program.")
    if PROGRAM.refuses(found):
        raise Failure(f"the program's path {found!r} cannot stand in a unit", "Install driftbot at a plainer place.")
    if not found.startswith("/"):
        raise Failure(f"the program {found} is no absolute path", "Units need one: write it like /usr/bin/driftbot.")
    return found


def config_path(config: Config) -> str:
    """The absolute path of the configuration.

    Raises:
        Failure: it holds a character that no unit can quote.
    """
    path = str(config.path.absolute())
    if _UNSAFE.search(path):
        raise Failure(f"the path {path!r} cannot stand in a unit", "Move the configuration to a plainer place.")
    return path


def edited_folders(config: Config) -> tuple[str, ...]:
    """The folders whose files playbooks may edit, absolute; none where no entry of the ladder lets driftbot act."""
    from driftbot.core.ladder import Level

    if not any(rung.level.rank >= Level.APPROVE.rank for rung in config.acting.ladder):
        return ()
    return tuple(os.path.normpath(config.root / folder) for folder in config.acting.reach.edit_file.folders)


def server_store(config: Config, url: str | None) -> str | None:
    """The URL of the store where it is on a server (or was named), None where it is to be a file of the unit's own."""
    if url is not None:
        return url if "://" in url else f"sqlite:///{Path(url).absolute()}"
    return None if config.store_url.startswith("sqlite") else config.store_url


def without_password(store: str | None) -> str | None:
    """The URL, which everybody can read in a unit and in the list of processes.

    Raises:
        Failure: it holds a password, or what no unit can quote.
    """
    if store is not None and _UNSAFE.search(store):
        raise Failure("the store's URL holds a control character", "Write it without.")
    if store is not None and urlsplit(store).password is not None:
        raise Failure(
            "the store's URL holds a password, which everybody could read who lists processes",
            "Leave it out of the URL: it is read from PGPASSWORD (of the service, or a Secret) or ~/.pgpass.",
        )
    return store
