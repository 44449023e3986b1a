"""What a pydantic model refuses in a document, as problems with the place and the nearest legal name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from pydantic import BaseModel, ValidationError

from driftbot.core.rule import Problem
from driftbot.documents.node import Node, Shape
from driftbot.documents.settings_at import settings_at

_WORDLESS = frozenset({"missing", "model_type"})
"""Complaints whose value is not shown: there is none, or, where a mapping is expected, it may be a secret."""

_TOO_SHORT = "too_short"

_KEY = "[key]"
"""What pydantic puts behind a key that is refused itself."""

_WORDED = {"Credential": "no secret is written here but its place: write {env: NAME} or {file: path}"}
"""By the model that is wanted where something else stands: what to write."""

_SECRET = re.compile(r"user|pass|bearer|basic|header|token|secret|credential|authorization|api_?key", re.IGNORECASE)
"""Names of settings that may hold a secret, or stand above one: what is written there is never repeated."""

_USER = re.compile(r"://\S*@")


def problems_of(
    error: ValidationError, node: Node, model: type[BaseModel], discriminator: str = ""
) -> Iterator[Problem]:
    """Every complaint of a validation, each at the node it is about.

    ``discriminator`` is the setting that tells the members of a union apart, whose value pydantic puts into the path of
    a complaint though it is no part of the document.
    """
    schema = model.model_json_schema()
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == _TOO_SHORT and _follows(detail["loc"], (other["loc"] for other in details)):
            continue
        place = _in_document(detail["loc"], node, discriminator)
        if detail["type"] == "extra_forbidden":
            yield _unknown(node, place, settings_at(schema, detail["loc"][:-1]))
        else:
            yield _refused(node, place, detail["type"], _worded(detail), detail.get("input"))


def _in_document(place: Sequence[str | int], node: Node, discriminator: str) -> list[str | int]:
    """The place without the tags of unions, each of which follows the number of an entry."""
    found: list[str | int] = []
    for before, part in zip(("", *place), place, strict=False):
        told = nearest(node, found).get(discriminator) if isinstance(before, int) else None
        if told is None or told.shape is not Shape.SCALAR or told.text != part:
            found.append(part)
    return found


def _worded(detail: Mapping[str, Any]) -> str:
    """The complaint; pydantic names its own classes where a model is wanted."""
    wanted = _WORDED.get(detail.get("ctx", {}).get("class_name", ""))
    return wanted or str(detail["msg"]).removeprefix("Value error, ")


def _follows(place: tuple[str | int, ...], others: Iterable[tuple[str | int, ...]]) -> bool:
    """Whether a complaint about a list only follows from one about an entry: pydantic does not count bad entries."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in others)


def nearest(node: Node, place: Sequence[str | int]) -> Node:
    """The node at the place, or the last one on the way that is there; ``[key]`` behind a name is that key."""
    for part, after in zip_longest(place, place[1:]):
        child = node.key(part) if after == _KEY and isinstance(part, str) else node.get(part)
        if child is None:
            break
        node = child
    return node


def _refused(node: Node, place: Sequence[str | int], kind: str, message: str, value: Any) -> Problem:
    silent = kind in _WORDLESS or isinstance(value, dict | list) or any(_SECRET.search(str(part)) for part in place)
    shown = "" if silent else f" (it says {_harmless(value)!r})"
    return Problem(nearest(node, place).origin, f"{_name(place)}: {message}{shown}")


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
    return ".".join(str(part) for part in place if part != _KEY) or "the file"
