"""What every command that reads the store shares: the option ``--config``, the store, and who is at the keyboard."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.core.failure import Failure
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.store.store import Store

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="driftbot.yaml; else the nearest upwards.",
)

store_option = click.option(
    "--store", "url", metavar="URL", help="The store instead of the configuration's, e.g. sqlite:///driftbot.db."
)

as_of_option = click.option(
    "--as-of", metavar="TIME", help="As it was known then (ISO 8601, UTC unless it says otherwise)."
)


def read_time(text: str) -> datetime:
    """An ISO 8601 time or date; without an offset it is UTC.

    Raises:
        Failure: the text is no time.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{text!r} is no time", "Write it like 2026-03-11 or 2026-03-11T02:30+01:00.") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def night_asked_for(store: Store, as_of: str | None) -> datetime | None:
    """The time of the night that ``--as-of`` means; a mere date means its last night. None asks for the last of all.

    Raises:
        Failure: it is no time, or no night is that old.
    """
    if as_of is None:
        return None
    time = read_time(as_of)
    if len(as_of) <= len("2026-03-11"):
        time += timedelta(days=1, microseconds=-1)
    nights = [night.as_of for night in store.nights()]
    asked = max((night for night in nights if night <= time), default=None)
    if asked is None:
        raise Failure(f"no night is kept that was known on {as_of}", f"The first is of {nights[0]:%Y-%m-%dT%H:%MZ}.")
    return asked


def store_url(config: Config, url: str | None) -> str:
    """The URL of the store that is meant: that of ``--store`` before the configuration's."""
    if url is None:
        return config.store_url
    return path_or_url(url)


def path_or_url(text: str) -> str:
    """The URL of a store; a mere path means a file."""
    return text if "://" in text else f"sqlite:///{text}"


@contextmanager
def opened(config: Path | None, url: str | None = None, access: Access = Access.READ) -> Iterator[tuple[Config, Store]]:
    """The configuration and its store, which holds at least one night.

    Raises:
        Failure: no configuration, no store, or nothing was scanned yet.
    """
    from driftbot.config import load_config
    from driftbot.store.store import Store

    settings = load_config(config)
    with Store.open(store_url(settings, url), access) as store:
        if not store.nights():
            raise Failure("no night was scanned yet", "Run `driftbot scan` first.")
        yield settings, store


def person(folder: Path) -> str:
    """Who decides: git's user in that folder, else the account's name."""
    name, address = (_git(folder, key) for key in ("user.name", "user.email"))
    if name or address:
        return f"{name} <{address}>" if name and address else name or address
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise Failure("nobody knows who you are", "Say so with --by or --owner.") from None


def _git(folder: Path, key: str) -> str:
    try:
        command = ["git", "config", "--get", key]
        answer = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace").strip()


def confirmed(question: str, agreed: bool) -> None:
    """Ask before something in bulk; ``agreed`` is what --yes said.

    Raises:
        Failure: nobody is there to ask.
        click.Abort: the answer is no.
    """
    if agreed:
        return
    if not sys.stdin.isatty():
        raise Failure("this decides in bulk and nobody is there to ask", "Add --yes once you have looked.")
    click.confirm(question, abort=True)
