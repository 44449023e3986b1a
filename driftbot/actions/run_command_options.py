"""Which programs may be run: ``acting.reach.run_command``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated

import re2
from pydantic import AfterValidator, Field, StringConstraints

from driftbot.actions.strict import Strict
from driftbot.collectors.prometheus_options import Seconds
from driftbot.credential import Credential

RESERVED_VARIABLE = "DRIFTBOT_KEY"
"""The variable that holds the idempotency key."""


def _absolute(path: str) -> str:
    if not PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("write the program's absolute path, without `..`; nothing is looked up in PATH")
    return path


def _pattern(text: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
        raise ValueError(f"{text!r} is no regular expression of RE2: {reason}") from None
    return text


def _not_reserved(name: str) -> str:
    if name == RESERVED_VARIABLE:
        raise ValueError(f"{RESERVED_VARIABLE} is set by driftbot: it holds the idempotency key")
    return name


Pattern = Annotated[str, AfterValidator(_pattern)]
Variable = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100), AfterValidator(_not_reserved)
]


class AllowedCommand(Strict):
    """A program that may be run, and with which arguments.

    An argument that begins with a hyphen is taken only where its pattern begins with one: a name that comes from the
    estate cannot become an option.
    """

    program: Annotated[str, AfterValidator(_absolute), Field(description="absolute path of the program")]
    arguments: Annotated[
        tuple[Pattern, ...],
        Field(description="a regular expression (RE2) an argument, in order; each has to match the whole argument"),
    ] = ()
    further: Annotated[
        Pattern | None,
        Field(description="what any number of further arguments has to match; without it there are none"),
    ] = None
    environment: Annotated[
        tuple[Variable, ...],
        Field(description="variables of driftbot's own environment that are handed on; all others are not there"),
    ] = ()
    secrets: Annotated[
        Mapping[Variable, Credential],
        Field(description="variables whose value is a secret: {env: NAME} or {file: path}"),
    ] = {}
    longest: Annotated[Seconds, Field(gt=0, le=1_200, description="when it is ended at the latest")] = 300.0
    output_bytes: Annotated[
        int, Field(ge=1_024, le=16_777_216, description="how much of its output is kept; the rest is dropped and told")
    ] = 65_536


class RunCommandOptions(Strict):
    """Which programs may be run; a program may stand here several times, with other arguments each."""

    commands: Annotated[tuple[AllowedCommand, ...], Field(description="the programs")] = ()
