"""Whether the configuration allows a command: the program, each of its arguments, the folder, the file itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import re2

from driftbot.actions.run_command_options import RESERVED_VARIABLE, AllowedCommand, RunCommandOptions
from driftbot.actions.secrets_masked import Secrets
from driftbot.credential import CredentialMissing
from driftbot.edits.edit import Refused

LONGEST_ARGUMENT = 131_072
"""Bytes of one argument that Linux takes (MAX_ARG_STRLEN in execve(2))."""


def allowed_command(argv: Sequence[str], options: RunCommandOptions) -> AllowedCommand:
    """The entry of the configuration that allows to run this. Pure.

    Raises:
        Refused: there is none.
    """
    of_program = [one for one in options.commands if one.program == argv[0]]
    if not of_program:
        legal = ", ".join(sorted({one.program for one in options.commands})) or "none is named"
        raise Refused(f"{argv[0]!r} may not be run; acting.reach.run_command.commands names what may be ({legal})")
    found = next((one for one in of_program if _takes(one, argv[1:])), None)
    if found is None:
        shown = " ".join(repr(one) for one in argv[1:])
        raise Refused(f"{argv[0]} may not be run with {shown or 'no arguments'}; see acting.reach.run_command.commands")
    return found


def _takes(command: AllowedCommand, arguments: Sequence[str]) -> bool:
    further = len(arguments) - len(command.arguments)
    if further < 0 or (further and command.further is None):
        return False
    patterns = [*command.arguments, *([command.further or ""] * further)]
    return all(_matches(pattern, one) for pattern, one in zip(patterns, arguments, strict=True))


def _matches(pattern: str, argument: str) -> bool:
    if "\0" in argument or len(argument.encode("utf-8", "surrogatepass")) >= LONGEST_ARGUMENT:
        return False
    if argument.startswith("-") and not pattern.removeprefix("\\").startswith("-"):
        return False
    try:
        return re2.fullmatch(pattern, argument) is not None
    except UnicodeEncodeError:
        return False


def sound_program(path: str) -> None:
    """Nothing where the program is one that only its owner and group can change.

    Raises:
        Refused: it is none.
    """
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        raise Refused(f"{path} cannot be run: {error.strerror}") from None
    if not stat.S_ISREG(mode) or not os.access(path, os.X_OK):
        raise Refused(f"{path} is no program that driftbot may run")
    if mode & stat.S_IWOTH:
        raise Refused(f"{path} is not run: everybody may write to it (chmod o-w)")


def folder_below(root: Path, folder: str) -> Path:
    """The folder, links followed.

    Raises:
        Refused: it is none, or lies outside of the root.
    """
    try:
        found, top = (root / folder).resolve(strict=True), root.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise Refused(f"the folder {folder!r} cannot be used: {getattr(error, 'strerror', None) or error}") from None
    if not found.is_dir() or not found.is_relative_to(top):
        raise Refused(f"the folder {folder!r} is no folder below the one of driftbot.yaml")
    return found


def environment_of(command: AllowedCommand, key: str) -> tuple[Mapping[str, str], Secrets]:
    """The program's whole environment, and what of it must not be shown.

    Raises:
        Refused: a place that the configuration names holds no secret.
    """
    handed_on = {name: os.environ[name] for name in command.environment if name in os.environ}
    try:
        secrets = {name: place.read() for name, place in command.secrets.items()}
    except CredentialMissing as error:
        raise Refused(str(error)) from None
    return {**handed_on, **secrets, RESERVED_VARIABLE: key}, Secrets.of(list(secrets.values()))
