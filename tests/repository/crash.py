"""A process that is killed while it writes to git.

``python -m tests.repository.crash CLONE BOUNDARY OPERATION`` kills itself at a boundary of one operation;
``… CLONE`` publishes, repeats and closes over and over until somebody kills it.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from driftbot.repository.clone import Terms
from driftbot.repository.upstream import Upstream
from tests.repository.scene import BRANCH, KEY, change


def perform(upstream: Upstream, operation: str) -> None:
    if operation == "close":
        upstream.close(BRANCH, KEY)
    else:
        upstream.publish(change(upstream.fetch().base, f"timeout: {operation}s\n"))


def doomed(folder: Path, boundary: str, operation: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    perform(Upstream.open(folder, terms=Terms(boundary=die)), operation)


def endless(folder: Path) -> None:
    upstream = Upstream.open(folder)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in count(os.getpid() * 1000):
        perform(upstream, str(number))
        perform(upstream, str(number))
        if number % 4 == 3:
            perform(upstream, "close")


if __name__ == "__main__":
    clone, *rest = sys.argv[1:]
    if rest:
        doomed(Path(clone), *rest)
    else:
        endless(Path(clone))
