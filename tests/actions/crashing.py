"""Performs or undoes an ``edit_file`` step and dies: ``python -m tests.actions.crashing ROOT WHAT BOUNDARY``.

The step's intent is read from standard input.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from driftbot.actions.edit_file import action
from driftbot.core.remedy import Step
from tests.actions.estate import Estate


def main(root: str, what: str, boundary: str) -> None:
    def die(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    step = Step("edit_file", "file", "{}", sys.stdin.read(), "")
    tools = Estate(Path(root)).tools(die)
    if what == "perform":
        action.perform(step, "key", tools)
    else:
        action.undo(step, "", "key", tools)


if __name__ == "__main__":
    main(*sys.argv[1:])
