"""Values from their canonical JSON, strictly: what is unknown, missing or of another type is refused with its place."""

from __future__ import annotations

import dataclasses
import json
import math
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
    value: Value = _restored(kind, document, "$")
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


def _restored(kind: Any, document: Any, place: str) -> Any:
    if get_origin(kind) is UnionType:
        (inner,) = (option for option in get_args(kind) if option is not NoneType)
        return None if document is None else _restored(inner, document, place)
    if get_origin(kind) is tuple:
        element = get_args(kind)[0]
        entries = enumerate(_checked(list, document, place))
        return tuple(_restored(element, entry, f"{place}[{index}]") for index, entry in entries)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, _checked(dict, document, place), place)
    return _scalar(kind, document, place)


def _dataclass(kind: Any, document: dict[str, Any], place: str) -> Any:
    expected = _fields(kind)
    for name in sorted(_needed(kind) - document.keys()):
        raise ValueError(f"{place}: {name!r} is missing")
    for name in sorted(document.keys() - expected.keys()):
        raise ValueError(f"{place}: {name!r} is unknown")
    given = {name: hint for name, hint in expected.items() if name in document}
    return kind(**{name: _restored(hint, document[name], f"{place}.{name}") for name, hint in given.items()})


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


@cache
def _needed(kind: Any) -> frozenset[str]:
    """What every version wrote: fields that were added since have a default."""
    missing = dataclasses.MISSING
    fields = (field for field in dataclasses.fields(kind) if (field.default, field.default_factory) == (missing,) * 2)
    return frozenset(field.name for field in fields)


def _scalar(kind: type[Any], document: Any, place: str) -> Any:
    if kind is float:
        return _number(document, place)
    if kind is timedelta:
        return _span(_number(document, place), place)
    if kind is datetime:
        return _instant(_checked(str, document, place), place)
    if issubclass(kind, StrEnum):
        text = _checked(str, document, place)
        if text not in list(kind):
            raise ValueError(f"{place}: {text!r} is none of {', '.join(kind)}")
        return kind(text)
    return _checked(kind, document, place)


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
