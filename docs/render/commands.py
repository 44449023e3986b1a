"""The page of the command line: every command's real help text, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.render.markdown import block, page, table
from driftbot.cli.main import INTERRUPTED, USAGE, command_line
from driftbot.core.exit_code import ExitCode

WIDTH = 100
MEANINGS = {
    ExitCode.CLEAN: "Nothing drifts beyond what is waived, and no gap hides what the rules need.",
    ExitCode.BLIND: "Something that an enabled rule needs could not be read; it wins over drift.",
    ExitCode.DRIFT: "Drift at or above `--fail-on`, or a silence that is overdue.",
}
OF_EVERY_COMMAND = (
    (str(USAGE), "usage", "The command line was not understood."),
    (str(INTERRUPTED), "interrupted", "Ctrl-C; a night that had not ended is not in the store."),
)


def render() -> str:
    """The page."""
    return page(
        "Commands",
        "What `driftbot COMMAND --help` prints, and what a scan's exit code says.",
        "## Exit codes",
        table(
            ("code", "name", "meaning"),
            (*((str(int(code)), code.name.lower(), MEANINGS[code]) for code in ExitCode), *OF_EVERY_COMMAND),
        ),
        *(part for path, text in helps() for part in (f"## {' '.join(path)}", block("text", text))),
    )


def helps() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command's path (``driftbot``, ``rules``, ``lint``) with its help text, in the order of the help itself."""
    yield from _helps(command_line, ("driftbot",), None)


def _helps(
    command: click.Command, path: tuple[str, ...], parent: click.Context | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = command.context_class(command, info_name=path[-1], parent=parent, **settings)
    with context:
        yield path, command.get_help(context)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                if child is not None and not child.hidden:
                    yield from _helps(child, (*path, name), context)
