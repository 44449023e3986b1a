"""Operators and functions of single values over columns: logic, comparisons, arithmetic, tests of texts."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from driftbot.engine.column import Column, Flags, both, either, flags, negated

_LOGIC: dict[str, Callable[..., Column]] = {"_&&_": both, "_||_": either, "!_": negated}
_COMPARED: dict[str, Callable[..., object]] = {
    "_<_": operator.lt, "_<=_": operator.le, "_>_": operator.gt, "_>=_": operator.ge,
    "_==_": operator.eq, "_!=_": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[..., object]] = {
    "_+_": operator.add, "_-_": operator.sub, "_*_": operator.mul, "_/_": operator.truediv, "-_": operator.neg,
}  # fmt: skip
_EXTREMES: dict[str, np.ufunc] = {"min": np.minimum, "max": np.maximum}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith, "endsWith": str.endswith, "contains": operator.contains,
}  # fmt: skip


def apply(function: str, columns: list[Column]) -> Column:
    """What an operator or function of single values makes of its arguments; unknown where one of them is."""
    if function in _LOGIC:
        return _LOGIC[function](*columns)
    known: Flags = np.logical_and.reduce([column.known for column in columns])
    values = [column.values for column in columns]
    if function in _COMPARED:
        return flags(np.asarray(_COMPARED[function](*values), dtype=np.bool_), known)
    if function in _EXTREMES:
        return Column(_EXTREMES[function](*values), known)
    if function in _TEXTS:
        test, (texts, parts) = _TEXTS[function], values
        return flags(np.fromiter(map(test, texts, parts), np.bool_, len(texts)), known)
    with np.errstate(all="ignore"):
        result = np.asarray(_ARITHMETIC[function](*values), dtype=np.float64)
    return Column(result, known & np.isfinite(result) & np.logical_and.reduce([np.isfinite(part) for part in values]))
