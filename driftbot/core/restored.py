"""Values from their canonical JSON, strictly: what is unknown, missing or of another type is refused with its place."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def restored(kind: type[Value], text: str) -> Value:
    """The value of ``kind`` whose ``canonical`` text this is; spaces and the order of names do not matter.

    What has a default may be missing, so that what an older driftbot wrote can be read.

    Raises:
        ValueError: it is no JSON, or not such a value; with the place in it (``$.steps[0].action``).
    """
    try:
        document = json.loads(text, object_pairs_hook=_unambiguous, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("$: it is nested too deeply") from None
    shape: Any = kind
    value: Value = _reader(shape)(document, "$")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return document


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


Reader = Callable[[Any, str], Any]
"""Restores a value from its part of the document; the second argument is the place of that part."""


@cache
def _reader(kind: Any) -> Reader:
    """How values of a type are restored, worked out once: a plan of a large estate has a million of them."""
    if get_origin(kind) is UnionType:
        (inner,) = (option for option in get_args(kind) if option is not NoneType)
        return _optional(_reader(inner))
    if get_origin(kind) is tuple:
        return _tuple(_reader(get_args(kind)[0]))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    return _scalar(kind)


def _optional(inner: Reader) -> Reader:
    def read(document: Any, place: str) -> Any:
        return None if document is None else inner(document, place)

    return read


def _tuple(element: Reader) -> Reader:
    def read(document: Any, place: str) -> Any:
        entries = _checked(list, document, place)
        return tuple([element(entry, f"{place}[{index}]") for index, entry in enumerate(entries)])

    return read


def _dataclass(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    expected, needed = frozenset(readers), _needed(kind)

    def read(document: Any, place: str) -> Any:
        found = _checked(dict, document, place)
        if not (needed <= found.keys() <= expected):
            _refuse_names(found, needed, expected, place)
        return kind(**{name: inner(found[name], f"{place}.{name}") for name, inner in readers.items() if name in found})

    return read


def _refuse_names(document: dict[str, Any], needed: frozenset[str], expected: frozenset[str], place: str) -> None:
    for name in sorted(needed - document.keys()):
        raise ValueError(f"{place}: {name!r} is missing")
    for name in sorted(document.keys() - expected):
        raise ValueError(f"{place}: {name!r} is unknown")


def _needed(kind: Any) -> frozenset[str]:
    """What every version wrote: fields that were added since have a default."""
    missing = dataclasses.MISSING
    fields = (field for field in dataclasses.fields(kind) if (field.default, field.default_factory) == (missing,) * 2)
    return frozenset(field.name for field in fields)


def _scalar(kind: type[Any]) -> Reader:
    if kind is float:
        return _number
    if kind is timedelta:
        return lambda document, place: _span(_number(document, place), place)
    if kind is datetime:
        return lambda document, place: _instant(_checked(str, document, place), place)
    if issubclass(kind, StrEnum):
        return _enum(kind)
    return lambda document, place: _checked(kind, document, place)


def _enum(kind: type[StrEnum]) -> Reader:
    members = {str(member): member for member in kind}

    def read(document: Any, place: str) -> Any:
        member = members.get(_checked(str, document, place))
        if member is None:
            raise ValueError(f"{place}: {document!r} is none of {', '.join(kind)}")
        return member

    return read


def _checked(kind: type[Value], document: Any, place: str) -> Value:
    if type(document) is not kind:
        raise ValueError(f"{place}: {kind.__name__} is expected, not {type(document).__name__}")
    return document


def _number(document: Any, place: str) -> float:
    if type(document) not in (int, float):
        raise ValueError(f"{place}: a number is expected, not {type(document).__name__}")
    try:
        number = float(document)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{place}: the number is not finite")
    return number


def _span(seconds: float, place: str) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{place}: {seconds:g} seconds are no span of time") from None


def _instant(text: str, place: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{place}: {text!r} is no time") from None
    if time.tzinfo is None:
        raise ValueError(f"{place}: {text!r} has no time zone")
    return time.astimezone(UTC)
