"""A judge of edits that shares nothing with the editor: PyYAML for files, the parser's own trees for expressions.

It imports nothing of driftbot. A file before and after an edit is compared value by value as PyYAML's pure Python
loader constructs it; of the one expression that differs, the two trees are walked side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import promql_parser
import yaml
from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    MatrixSelector,
    NumberLiteral,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
)


class Wrong(AssertionError):
    """An edit changed something that it was not meant to change, or did not change what it was."""


@dataclass(frozen=True)
class Difference:
    """One value that is not the same: where it is, and what it was and is."""

    path: tuple[str | int, ...]
    old: Any
    new: Any


def differences(before: bytes, after: bytes) -> list[Difference]:
    """All values that differ between two YAML files, keys that came or went included."""
    return list(_differ((), _loaded(before), list(yaml.load_all(after, yaml.SafeLoader))))


@lru_cache(maxsize=4)
def _loaded(content: bytes) -> list[Any]:
    return list(yaml.load_all(content, yaml.SafeLoader))


def _differ(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Difference]:
    if type(old) is not type(new):
        yield Difference(path, old, new)
    elif isinstance(old, dict):
        if list(old) != list(new):
            yield Difference(path, list(old), list(new))
        else:
            for key in old:
                yield from _differ((*path, str(key)), old[key], new[key])
    elif isinstance(old, list):
        if len(old) != len(new):
            yield Difference(path, len(old), len(new))
        for index, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from _differ((*path, index), one, other)
    elif old != new:
        yield Difference(path, old, new)


def check_threshold(before: bytes, after: bytes, old: float, new: float) -> None:
    """Refuse an edit of anything but one constant of one expression, or to anything but the new value."""
    found = differences(before, after)
    if len(found) != 1 or found[0].path[-1] != "expr":
        raise Wrong(f"{len(found)} values differ: {found}")
    check_expression(found[0].old, found[0].new, old, new)


def check_expression(before: str, after: str, old: float, new: float) -> None:
    """Refuse a change of an expression that is not this one constant to that one."""
    changed = list(_compare(_parsed(before), _parsed(after)))
    if len(changed) != 1:
        raise Wrong(f"{len(changed)} constants differ: {before!r} → {after!r}: {changed}")
    was, now = changed[0]
    if not (_close(was, old) and _close(now, new)):
        raise Wrong(f"{was} → {now}, but {old} → {new} was meant: {before!r} → {after!r}")


def check_one_line(before: bytes, after: bytes) -> None:
    """Refuse an edit of more than one line, and of a line's end."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    changed = [(one, other) for one, other in zip(old, new, strict=False) if one != other]
    if len(old) != len(new) or len(changed) != 1:
        raise Wrong(f"{len(changed)} lines changed, {len(old)} lines became {len(new)}")
    if re.search(rb"[\r\n]*$", changed[0][0])[0] != re.search(rb"[\r\n]*$", changed[0][1])[0]:  # type: ignore[index]
        raise Wrong("the line ends otherwise")


def _close(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=1e-11)


_GROUPED = re.compile(r"(?<![\w.])\d+(?:_\d+)+(?![\w.])")


def _parsed(text: str) -> Any:
    return promql_parser.parse(_GROUPED.sub(lambda match: match[0].replace("_", ""), text))


def _compare(old: Any, new: Any) -> Iterator[tuple[float, float]]:
    """The constants that differ.

    Raises:
        Wrong: the trees differ in anything else.
    """
    numbers = _number(old), _number(new)
    if numbers[0] is not None and numbers[1] is not None:
        if not _close(numbers[0], numbers[1]) and not (math.isnan(numbers[0]) and math.isnan(numbers[1])):
            yield numbers[0], numbers[1]
        return
    if type(old) is not type(new) or _own(old) != _own(new):
        raise Wrong(f"{old.prettify()!r} became {new.prettify()!r}")
    below = _below(old), _below(new)
    if len(below[0]) != len(below[1]):
        raise Wrong(f"{old.prettify()!r} became {new.prettify()!r}")
    for one, other in zip(*below, strict=True):
        yield from _compare(one, other)


_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "atan2"})


def _number(node: Any) -> float | None:
    """The value of a constant, by Python's own arithmetic."""
    match node:
        case NumberLiteral():
            return float(node.val)
        case ParenExpr():
            return _number(node.expr)
        case UnaryExpr():
            inner = _number(node.expr)
            return None if inner is None else -inner
        case BinaryExpr() if str(node.op) in _ARITHMETIC:
            left, right = _number(node.lhs), _number(node.rhs)
            return None if left is None or right is None else _applied(str(node.op), left, right)
    return None


def _applied(operator: str, left: float, right: float) -> float | None:
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "%":
                return math.fmod(left, right)
            case "^":
                return math.pow(left, right)
            case _:
                return math.atan2(left, right)
    except (ArithmeticError, ValueError):
        return None


def _below(node: Any) -> list[Any]:
    match node:
        case BinaryExpr():
            return [node.lhs, node.rhs]
        case AggregateExpr():
            return [node.expr, *([node.param] if node.param is not None else [])]
        case Call():
            return list(node.args)
        case ParenExpr() | UnaryExpr() | SubqueryExpr():
            return [node.expr]
    return []


def _own(node: Any) -> str:
    """What a node says beside its children."""
    match node:
        case BinaryExpr():
            return f"{node.op} {node.modifier}"
        case AggregateExpr():
            return f"{node.op} {_labels(node.modifier)}"
        case Call():
            return str(node.func.name)
        case SubqueryExpr():
            return f"{node.range} {node.step} {node.offset} {node.at}"
        case ParenExpr() | UnaryExpr():
            return ""
        case MatrixSelector():
            return f"{node.range} {node.vector_selector.prettify()}"
    return str(node.prettify())


def _labels(modifier: Any) -> str:
    return "" if modifier is None else f"{modifier.type} {sorted(modifier.labels)}"
