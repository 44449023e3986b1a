"""What stands outside of the estate and keeps count: a server that does jobs, and programs that do."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.fake import Reply, Request, fake_server

SLOW = 0.15
"""Seconds that the server takes for a request to ``/…/slow``: whoever asks meanwhile is told that nothing is done."""


@dataclass(frozen=True)
class Done:
    """Something that was done: to what, whether it was undone by it, and under which idempotency key."""

    name: str
    undone: bool
    key: str


@dataclass
class Deployer:
    """A server that does what it is asked once for each idempotency key, and says how it stands."""

    url: str = ""
    done: list[Done] = field(default_factory=list)
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        name, _, way = request.path.strip("/").partition("/")
        if request.method == "GET":
            return Reply(200, {"state": "done" if self.stands(name) else "waiting"})
        with self._lock:
            self._busy += 1
        try:
            time.sleep(SLOW if way == "slow" else 0.0)
            self._do(Done(name, request.method == "DELETE", request.headers.get("Idempotency-Key", "")))
        finally:
            with self._lock:
                self._busy -= 1
        return Reply(200)

    def stands(self, name: str) -> bool:
        """Whether the last that was done to it was not undoing."""
        mine = [one for one in self.done if one.name == name]
        return bool(mine) and not mine[-1].undone

    def settle(self) -> None:
        """Return once nothing is under way."""
        while self._busy:
            time.sleep(0.005)

    def _do(self, wanted: Done) -> None:
        with self._lock:
            if wanted not in self.done:
                self.done.append(wanted)


@contextmanager
def deployer() -> Iterator[Deployer]:
    """A running server."""
    state = Deployer()
    with fake_server(state.answer) as server:
        state.url = server.url
        yield state


LEDGER = "ledger"
PROGRAMS = ("act", "undo", "check", "refuse")
_ACT = """#!/bin/sh
echo "$1 {word} $DRIFTBOT_KEY" >> "{ledger}"
"""
_CHECK = """#!/bin/sh
last=none
while read -r name word key; do if test "$name" = "$1"; then last=$word; fi; done < "{ledger}"
test "$last" = do
"""


def write_programs(folder: Path) -> None:
    """Programs that write into a ledger what they did, each in one write; ``refuse`` does nothing and says so."""
    folder.mkdir(parents=True)
    ledger = folder / LEDGER
    ledger.touch()
    texts = {
        "act": _ACT.format(word="do", ledger=ledger),
        "undo": _ACT.format(word="undo", ledger=ledger),
        "check": _CHECK.format(ledger=ledger),
        "refuse": "#!/bin/sh\nexit 7\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def done_by_programs(folder: Path) -> list[Done]:
    """What the programs did, in order."""
    lines = (folder / LEDGER).read_text().splitlines()
    found = (re.fullmatch(r"(\S+) (do|undo) ?(\S*)", line) for line in lines)
    return [Done(one[1], one[2] == "undo", one[3]) for one in found if one is not None]
