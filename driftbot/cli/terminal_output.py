"""Printing: tables where a terminal can show them, plain text elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from driftbot.report.console import Terminal
    from driftbot.report.outline import Outline


def terminal() -> Terminal | None:
    """What standard output can show; None where it is no terminal. ``NO_COLOR`` (no-color.org) is heeded."""
    if not sys.stdout.isatty():
        return None
    from driftbot.report.console import Terminal

    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Terminal(shutil.get_terminal_size().columns, colors=not plain)


def show(told: Outline) -> None:
    """Print an outline."""
    from driftbot.report.render import present

    click.echo(present(told, terminal()), nl=False)
