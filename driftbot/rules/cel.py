"""The one door to cel-expr-python: CEL's own parser and type checker; no expression is evaluated through it.

The language is CEL's grammar with the declarations of ``driftbot.rules.language`` in place of CEL's standard library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from driftbot.rules import checked_proto, language

LONGEST_EXPRESSION = 4000
"""Characters of an expression that are read."""

DEEPEST = 32
"""Levels of nesting that CEL's parser reads; a sum of more than so many terms is nested, too."""

_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What CEL has against an expression, in its own words; ``offset`` counts characters of the text from 0."""

    offset: int
    message: str


class Rejected(Exception):
    """CEL refused the expression; carries every complaint, in the order of the text."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        self.complaints = complaints
        super().__init__("; ".join(complaint.message for complaint in complaints))


def check(text: str, variables: Mapping[str, str]) -> Any:
    """Parse and type-check one expression.

    ``variables`` maps dotted names to CEL type names such as ``quantity<seconds>``. Returns the ``CheckedExpr`` message
    of CEL's ``checked.proto`` as declared in ``driftbot.rules.checked_proto``.

    Raises:
        Rejected: the text is no expression of the language, or its types do not agree.
    """
    refusal = _unreadable(text)
    if refusal:
        raise Rejected((refusal,))
    from cel_expr_python import cel

    # Types declared through the configuration only: cel.Type("quantity<seconds>") is not the type of that signature.
    configuration = cel.NewEnvConfigFromYaml(language.configuration(text, variables))
    try:
        checked = cel.NewEnv(config=configuration).compile(text)
    except RuntimeError as error:
        raise Rejected(_complaints(text, str(error))) from None
    try:
        return checked_proto.parse(checked.serialize())
    except DecodeError:
        raise Rejected((Complaint(0, "the expression is nested too deeply"),)) from None


def _unreadable(text: str) -> Complaint | None:
    """What has to be kept away from CEL: it raises a TypeError for lone surrogates instead of answering."""
    if not text.strip():
        return Complaint(0, "the expression is empty")
    if len(text) > LONGEST_EXPRESSION:
        return Complaint(
            LONGEST_EXPRESSION, f"the expression has {len(text)} characters; at most {LONGEST_EXPRESSION} are read"
        )
    for offset, character in enumerate(text):
        if "\ud800" <= character <= "\udfff" or character == "\0":
            return Complaint(offset, f"the character U+{ord(character):04X} is no text")
    return None


def _complaints(text: str, error: str) -> tuple[Complaint, ...]:
    if "recursion" in error:
        return (Complaint(0, f"the expression is nested more than {DEEPEST} levels deep"),)
    lines = text.split("\n")
    found = [
        Complaint(sum(len(before) + 1 for before in lines[: int(line) - 1]) + int(column) - 1, message)
        for line, column, message in _ERROR.findall(error)
    ]
    return tuple(found) or (Complaint(0, error),)
