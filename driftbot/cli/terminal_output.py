"""Printing: tables where a terminal can show them, plain text elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from driftbot.report.console import Terminal
    from driftbot.report.outline import Charset, Outline


def terminal() -> Terminal | None:
    """What standard output can show; None where it is no terminal. ``NO_COLOR`` (no-color.org) is heeded."""
    if not sys.stdout.isatty():
        return None
    from driftbot.report.console import Terminal

    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Terminal(shutil.get_terminal_size().columns, not plain, charset())


def charset() -> Charset:
    """Which characters standard output takes; the consoles of Linux and of dumb terminals have no more than ASCII."""
    from driftbot.report.outline import Charset

    takes_all = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    poor = sys.stdout.isatty() and os.environ.get("TERM") in ("linux", "dumb")
    return Charset.UNICODE if takes_all and not poor else Charset.ASCII


def called() -> str:
    """The command as it was called, to be called again: its name where the shell finds it, else its path."""
    name = Path(sys.argv[0]).name
    if name == "__main__.py":
        python = Path(sys.executable).name
        return f"{python if shutil.which(python) == sys.executable else sys.executable} -m driftbot"
    if not Path(sys.argv[0]).is_file():
        return "driftbot"  # run inside another program, which has no command line of ours
    return name if shutil.which(name) or os.sep not in sys.argv[0] else sys.argv[0]


def show(told: Outline) -> None:
    """Print an outline."""
    from driftbot.report.render import present

    click.echo(present(told, terminal(), charset()), nl=False)
