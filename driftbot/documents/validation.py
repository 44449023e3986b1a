"""What a pydantic model refuses in a document, as problems with the place and the nearest legal name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from driftbot.core.rule import Problem
from driftbot.documents.node import Node

_WORDLESS = frozenset({"missing", "model_type"})
"""Complaints whose value is not shown: there is none, or, where a mapping is expected, it may be a secret."""

_TOO_SHORT = "too_short"

_SECRET = re.compile(r"user|pass|bearer|basic|header|token|secret|credential|authorization|api_?key", re.IGNORECASE)
"""Names of settings that may hold a secret, or stand above one: what is written there is never repeated."""

_USER = re.compile(r"://\S*@")


def problems_of(
    error: ValidationError, node: Node, model: type[BaseModel], tags: Collection[str] = ()
) -> Iterator[Problem]:
    """Every complaint of a validation, each at the node it is about.

    ``tags`` are the names of a discriminated union's members, which pydantic puts into the path of a complaint though
    they are no part of the document.
    """
    names = sorted(_settings(model))
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == _TOO_SHORT and _follows(detail["loc"], (other["loc"] for other in details)):
            continue
        place = [part for part in detail["loc"] if not (isinstance(part, str) and part in tags)]
        if detail["type"] == "extra_forbidden":
            yield _unknown(node, place, names)
        else:
            yield _refused(node, place, detail["type"], detail["msg"], detail.get("input"))


def _follows(place: tuple[str | int, ...], others: Iterable[tuple[str | int, ...]]) -> bool:
    """Whether a complaint about a list only follows from one about an entry: pydantic does not count bad entries."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in others)


def nearest(node: Node, place: Sequence[str | int]) -> Node:
    """The node at the place, or the last one on the way that is there."""
    for part in place:
        child = node.get(part)
        if child is None:
            break
        node = child
    return node


def _refused(node: Node, place: Sequence[str | int], kind: str, message: str, value: Any) -> Problem:
    silent = kind in _WORDLESS or isinstance(value, dict | list) or any(_SECRET.search(str(part)) for part in place)
    shown = "" if silent else f" (it says {_harmless(value)!r})"
    return Problem(nearest(node, place).origin, f"{_name(place)}: {message.removeprefix('Value error, ')}{shown}")


def _harmless(value: Any) -> Any:
    """The value without the name and password of a URL."""
    return _USER.sub("://…@", value) if isinstance(value, str) else value


def _unknown(node: Node, place: Sequence[str | int], names: Sequence[str]) -> Problem:
    parent = nearest(node, place[:-1])
    key = parent.key(str(place[-1])) or parent
    near = difflib.get_close_matches(str(place[-1]), names, n=1)
    hint = f"did you mean {near[0]}?" if near else ""
    return Problem(key.origin, f"{_name(place)}: there is no such setting", hint)


def _name(place: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in place) or "the file"


def _settings(model: type[BaseModel]) -> set[str]:
    """All names of settings in the model and the models inside it."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}
