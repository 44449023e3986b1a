"""The entry point: finds a command's module by its name and turns failures into sentences."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import click

import driftbot.cli
from driftbot import __version__
from driftbot.core.failure import Failure

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells report it."""
BLIND = 1
"""Exit code when driftbot could not do its work."""
USAGE = 64
"""Exit code for a command line that is not understood: sysexits.h's EX_USAGE, since click's 2 means drift here."""
_LONGEST_LINE = 4000
_NOT_COMMANDS = frozenset({"main"})
_TWO_WORDS = frozenset({"slack_sandbox"})
"""Commands whose name has a hyphen where their module has an underscore."""


class Commands(click.Group):
    """Commands that are imported when they are asked for, so that ``--version`` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, sorted; other modules with an underscore belong to a command."""
        return sorted(
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules(driftbot.cli.__path__)
            if module.name in _TWO_WORDS or (module.name not in _NOT_COMMANDS and "_" not in module.name)
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"driftbot.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command


@contextmanager
def _told_briefly(debug: bool) -> Iterator[None]:
    """A defect in driftbot itself is a sentence, too, unless somebody asks for its traceback."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, Failure, BrokenPipeError):
        raise
    except OSError as error:
        if debug:
            raise
        place = f"{error.filename}: " if error.filename else ""
        raise Failure(
            f"the system refused: {place}{error.strerror or error}",
            "Give room or rights and run again; `driftbot --debug …` shows where it happened.",
        ) from error
    except Exception as error:
        if debug:
            raise
        place = f"{type(error).__name__}: {error}"
        raise Failure(
            f"a defect in driftbot itself: {place}",
            "Run `driftbot --debug …` again and report what it prints.",
        ) from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `driftbot demo`, then `driftbot init` beside your own configuration.",
)
@click.version_option(__version__, message="driftbot %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of a defect in driftbot itself, for a bug report.")
@click.pass_context
def command_line(ctx: click.Context, debug: bool) -> None:
    """Find operational drift: hold what is configured and measured against lessons from incidents."""
    ctx.with_resource(_told_briefly(debug))


def _prepare_outputs() -> None:
    """Outputs that take everything: a character that their encoding lacks is replaced, a closed one swallows all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # what Python makes of a descriptor that was closed before it started
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        elif isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _shown(text: str) -> str:
    """The text line by line, without what a terminal would obey: names in it come from the estate."""
    from driftbot.report.harmless import harmless

    return "\n".join(harmless(line, _LONGEST_LINE) for line in text.split("\n"))


def main() -> None:
    """Run the command line; a failure is a sentence and the next step, never a traceback."""
    _prepare_outputs()
    try:
        sys.exit(command_line(standalone_mode=False) or 0)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; a night that had not ended is not in the store", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)  # whoever read the output has seen enough
    except OSError as error:
        click.echo(f"driftbot: the output cannot be written: {error.strerror}", err=True)
        sys.exit(BLIND)
    except Failure as failure:
        click.echo(f"driftbot: {_shown(str(failure))}", err=True)
        if failure.next_step:
            click.echo(f"  next: {_shown(failure.next_step)}", err=True)
        sys.exit(BLIND)
