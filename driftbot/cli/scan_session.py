"""What ``scan``, ``run`` and ``record`` share: configuration, store and tape opened, progress shown, report written."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from driftbot.cli.open_store import read_time, store_url
from driftbot.collectors.collector import Tape
from driftbot.config import FILE_NAME, Config, load_config
from driftbot.core.failure import Failure
from driftbot.store.store import Store
from driftbot.tape import LiveTape, ReplayTape, recorded_at

AHEAD = timedelta(minutes=10)
"""How far a night may lie ahead of the clock: the widest gap between calendars of two places, and no more (ours)."""


@dataclass(frozen=True, slots=True)
class Session:
    """An estate that can be scanned: its configuration, its store, where raw answers come from, and the time."""

    config: Config
    store: Store
    tape: Tape
    as_of: datetime


def now() -> datetime:
    """The clock of the command line: UTC."""
    return datetime.now(UTC)


def _night(as_of: str | None) -> datetime:
    """The time of tonight: no night may follow one that lies in the future."""
    clock = now()
    time = read_time(as_of) if as_of else clock
    if time - clock > AHEAD:
        raise Failure(
            f"--as-of {as_of} lies in the future: it is {clock:%Y-%m-%dT%H:%MZ}",
            "No later scan could be kept behind such a night; name a time of the past, or leave --as-of out.",
        )
    return time


def _refuse_recording(config: Config) -> None:
    """In a recording nothing answers: a night there would replace what was found by what could not be read."""
    if (recorded := recorded_at(config.root)) is not None:
        raise Failure(
            f"{config.root} is a recording of {recorded:%Y-%m-%dT%H:%MZ}, in which no night can be read anew",
            "See the recorded one with `driftbot scan --replay .`, or name your own configuration with --config.",
        )


@contextmanager
def opened(config: Path | None, replay: Path | None, as_of: str | None, url: str | None = None) -> Iterator[Session]:
    """The estate of the nearest configuration; a replayed bundle has its own time and a store for this one scan.

    Raises:
        Failure: the configuration, the bundle, the store or the time cannot be used, or a recording is meant as live.
    """
    if replay is None:
        time, loaded = _night(as_of), load_config(config)
        _refuse_recording(loaded)
        with Store.open(store_url(loaded, url)) as store:
            yield Session(loaded, store, LiveTape(loaded.root), time)
        return
    if url is not None:
        raise Failure("a replay is not kept in a store", "Leave out --store, or --replay.")
    tape = ReplayTape(replay)
    loaded = load_config(config or tape.folder / FILE_NAME)
    with (
        tempfile.TemporaryDirectory(prefix="driftbot-") as folder,
        Store.open(f"sqlite:///{folder}/replay.db") as store,
    ):
        yield Session(loaded, store, tape, read_time(as_of) if as_of else tape.as_of)


@contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """Progress on a terminal's standard error; silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda message: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("starting") as status:
        yield lambda message: status.update(escape(message))


def write_report(text: str, output: Path | None) -> None:
    """Print the report, or write it to a file.

    Raises:
        Failure: the file cannot be written.
    """
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}", "Name another file with --output.") from error
