"""A driftbot that can be killed: ``python -m tests.campaigns.crash.doomed FOLDER CONFIGURATION``.

Reads one order a line, does it in a child with driftbot's own command line, kills that child where the order says so,
and answers with one line about it. A process of its own, so that no thread of a test is there when it forks.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import driftbot
import driftbot.forges.github
from driftbot.cli.main import main as command_line
from driftbot.config import load_config
from driftbot.remedies import acting as acting_module
from driftbot.remedies import effects, night
from driftbot.remedies.kill_switch import kill_switch
from driftbot.remedies.world import outlook
from driftbot.store.access import Access
from driftbot.store.store import Store
from tests.campaigns.crash.mutants import MUTANTS
from tests.repository.orphan import awaited, children, descendants

HASTE = 10
"""How much sooner than in earnest what others may still be at is looked at again: here all of them are near."""
LATEST = 60.0
"""Seconds after which a child is taken to hang."""


class Death(StrEnum):
    """How the process ends, and what runs for it: it dies, too, it ends by itself first, or it outlives us."""

    ALL = "all of it"
    REST_ENDS = "the rest ends by itself first"
    REST_LIVES_ON = "the rest still runs while the next one starts"


@dataclass(frozen=True)
class Order:
    """What to do with which configuration, and when to kill: at a boundary, or so many seconds after the first.

    ``work`` is ``recover`` or a command line. Boundaries are counted from 0.
    """

    work: tuple[str, ...]
    config: str
    at: int | None = None
    after: float | None = None
    death: Death = Death.ALL
    mutant: str = ""


@dataclass(frozen=True)
class Ended:
    """How it ended: killed or with which exit code, the boundaries that it came by, what was printed.

    ``seconds`` are counted from its first boundary; ``left`` are the processes that outlived it.
    """

    killed: bool
    code: int
    passed: tuple[str, ...]
    seconds: float
    printed: str
    left: tuple[int, ...] = ()


def _recover(config: Path) -> None:
    """The first stage of ``driftbot run``."""
    settings = load_config(config)
    with Store.open(settings.store_url, Access.WRITE) as store:
        told, runs = night.recover_runs(settings, store, _now, kill_switch(settings))
    print(told, *(f"{run.number} {run.state}: {run.told}" for run in runs), sep="\n")


def _act(order: Order, boundary: Callable[[str], None]) -> None:
    real = acting_module.acting

    def acting(config: Any, store: Any, clock: Any, stopped: Any) -> Any:
        return real(config, store, clock, stopped, boundary)

    acting_module.acting = night.acting = acting  # type: ignore[assignment]
    if order.mutant:
        MUTANTS[order.mutant]()
    if order.work == ("recover",):
        _recover(Path(order.config))
        return
    sys.argv = ["driftbot", *order.work, "--config", order.config]
    command_line()


class _Boundary:
    """Tells each boundary that it comes by, and dies at one of them."""

    def __init__(self, pipe: int, at: int | None) -> None:
        self._pipe, self._left = pipe, at

    def __call__(self, name: str) -> None:
        os.write(self._pipe, f"{name}\n".encode())
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._left is not None:
            self._left -= 1


def _child(order: Order, pipe: int, printed: Path) -> None:
    code = 1
    try:
        output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        _act(order, _Boundary(pipe, order.at))
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _kill(process: int, death: Death) -> tuple[int, ...]:
    """Kill it where it is; the processes that are left."""
    os.kill(process, signal.SIGSTOP)
    while b"T" not in _stat(process) and b"Z" not in _stat(process):
        time.sleep(0.0005)
    own, running = children(process), descendants(process)
    for one in (*(own if death is Death.ALL else []), process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return tuple(running)


def _stat(process: int) -> bytes:
    return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0]


def carried_out(order: Order, printed: Path) -> Ended:
    """Do what an order says."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(order, writing, printed)
    os.close(writing)
    heard, first, left = b"", 0.0, ()
    began = time.monotonic()
    while True:
        until = first + order.after if first and order.after is not None and not left else began + LATEST
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            left = _kill(child, order.death)
            break
        part = os.read(reading, 65_536)
        if not part:
            break
        first = first or time.monotonic()
        heard += part
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - first if first else 0.0
    heard += _rest(reading)
    os.close(reading)
    if order.death is not Death.REST_LIVES_ON:
        awaited(left)
    killed = os.WIFSIGNALED(status)
    code = os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
    said = printed.read_text(errors="replace") if printed.exists() else ""
    return Ended(killed, code, tuple(heard.decode().split("\n")[:-1]), seconds, said, left)


def _rest(pipe: int) -> bytes:
    heard = b""
    while part := os.read(pipe, 65_536):
        heard += part
    return heard


def _load(config: Path) -> None:
    """Import all of driftbot once, not in every child, and let it build what it keeps: models, statements."""
    for module in pkgutil.walk_packages(driftbot.__path__, "driftbot."):
        if not module.name.endswith("__main__") and "command_supervisor" not in module.name:
            importlib.import_module(module.name)
    settings = load_config(config)
    with Store.open(settings.store_url, Access.WRITE) as store, acting_module.acting(settings, store, _now, str):
        outlook(settings, store, _now())
        store.runs()
    gc.freeze()


def _now() -> datetime:
    return datetime.now(UTC)


def main(folder: Path, config: Path) -> None:
    """Carry out orders until there are no more."""
    _load(config)
    driftbot.forges.github.GitHub.__init__.__defaults__ = (0.0,)  # nothing is waited between two writes here
    effects.PAUSES = tuple(pause / HASTE for pause in effects.PAUSES)
    for line in sys.stdin:
        written = json.loads(line)
        order = Order(**{**written, "work": tuple(written["work"]), "death": Death(written["death"])})
        sys.stdout.write(json.dumps(asdict(carried_out(order, folder / "printed"))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
