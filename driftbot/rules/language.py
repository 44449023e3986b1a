"""The rule language: the operators, functions, measures and macros that an expression may use, with their types.

A quantity's unit is a type of its own, so that CEL's checker refuses to compare seconds with bytes. Counts and ratios
are plain numbers to the eye and mix with bare numbers; every other unit is written with its constructor
(``duration("60d")``, ``bytes("512Mi")``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from driftbot.core.quantity import Unit
from driftbot.rules.detector_measure import DETECTOR_MEASURES, DetectorMeasure, Gives, Takes
from driftbot.rules.unit_arithmetic import RECIPROCALS, product_unit, quotient_unit

CONSTRUCTORS: dict[str, Unit] = {
    "duration": Unit.SECONDS,
    "bytes": Unit.BYTES,
    "cores": Unit.CORES,
    "ratio": Unit.RATIO,
    "per_second": Unit.PER_SECOND,
    "count": Unit.COUNT,
}
"""Functions of one literal text that make a quantity."""

MACROS = ("all", "exists", "filter", "map")
LOGIC = ("_&&_", "_||_", "!_", "_?_:_", "@not_strictly_false")
COMPARISONS = ("_<_", "_<=_", "_>_", "_>=_")
EQUALITIES = ("_==_", "_!=_")
QUESTIONS = ("known", "present", "explicit")
"""Functions about a value's readability: a named key (``known`` takes any expression)."""

WINDOW_MEASURES = ("max", "min", "mean", "median", "stddev", "sum", "first", "increase")
"""Measures of a series over a window that keep its unit."""

TEXT_TESTS = ("startsWith", "endsWith", "contains")

_PLAIN = ("count", "ratio")
_NUMBERS = ("int", "double")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One overload: the types of what it is called on and with (``quantity<~A>`` has a free unit), and of its result.

    ``target`` is set for members (``target.function(…)``).
    """

    function: str
    arguments: tuple[str, ...]
    result: str
    target: str = ""


def quantity(unit: str) -> str:
    """The CEL type of a quantity of the unit."""
    return f"quantity<{unit}>"


def series(unit: str) -> str:
    """The CEL type of a measured series of the unit."""
    return f"series<{unit}>"


@lru_cache(maxsize=1)
def declarations() -> tuple[Declaration, ...]:
    """Every overload of the language."""
    return (
        *_comparisons(),
        *_sums(),
        *_products(),
        *_quotients(),
        *_constructors(),
        *_questions(),
        *_measures(),
        *_lists(),
        *_texts(),
    )


def configuration(text: str, variables: Mapping[str, str]) -> str:
    """The part of the language that a text can use, and the variables (dotted name → type), as CEL's configuration.

    Nothing else exists for the checker. Functions that do not occur in the text are left out: an environment with all
    of them takes ten times as long to make. (JSON is YAML, and quicker to write.)
    """
    standard = {"include_macros": list(MACROS), "include_functions": [{"name": name} for name in LOGIC]}
    used = [overloads for name, overloads in _overloads().items() if _occurs(name, text)]
    named = [json.dumps({"name": name, **_typed(kind)}) for name, kind in variables.items()]
    return (
        f'{{"name": "driftbot", "stdlib": {json.dumps(standard)},'
        f' "functions": [{",".join(used)}], "variables": [{",".join(named)}]}}'
    )


def _occurs(function: str, text: str) -> bool:
    # The macros map and filter expand to sums of lists.
    macro = function == "_+_" and ("map" in text or "filter" in text)
    return macro or function.strip("_@]") in text


@lru_cache(maxsize=1)
def _overloads() -> dict[str, str]:
    functions: dict[str, list[dict[str, object]]] = {}
    for number, declared in enumerate(declarations()):
        overload: dict[str, object] = {
            "id": f"{declared.function} {number}",
            "args": [_typed(argument) for argument in declared.arguments],
            "return": _typed(declared.result),
        }
        if declared.target:
            overload["target"] = _typed(declared.target)
        functions.setdefault(declared.function, []).append(overload)
    return {name: json.dumps({"name": name, "overloads": found}) for name, found in functions.items()}


def _typed(name: str) -> dict[str, object]:
    """A type name as the configuration spells it; ``~A`` is a free parameter. Operators' names do not survive CEL's
    own short signatures (``_<_(int,int)``: mismatched brackets)."""
    if name.startswith("~"):
        return {"type_name": name[1:], "is_type_param": True}
    outer, bracket, inner = name.partition("<")
    if not bracket:
        return {"type_name": name}
    return {"type_name": outer, "params": [_typed(part) for part in inner[:-1].split(",")]}


def functions() -> tuple[str, ...]:
    """Names that can be called, sorted: for the nearest legal name."""
    named = {declared.function for declared in declarations() if declared.function.isidentifier()}
    return tuple(sorted(named | set(MACROS)))


def _call(function: str, *arguments: str, result: str) -> Declaration:
    return Declaration(function, arguments, result)


def _member(function: str, target: str, *arguments: str, result: str) -> Declaration:
    return Declaration(function, arguments, result, target)


_ANY = quantity("~A")


def _alike() -> Iterator[tuple[str, str]]:
    """Pairs that can be compared with each other."""
    yield _ANY, _ANY
    yield "instant", "instant"
    yield from product(_NUMBERS, _NUMBERS)
    for unit, number in product(_PLAIN, _NUMBERS):
        yield quantity(unit), number
        yield number, quantity(unit)


def _comparisons() -> Iterator[Declaration]:
    for function in COMPARISONS:
        yield from (_call(function, left, right, result="bool") for left, right in _alike())
    for function in EQUALITIES:
        pairs = (*_alike(), ("string", "string"), ("bool", "bool"))
        yield from (_call(function, left, right, result="bool") for left, right in pairs)


def _wider(left: str, right: str) -> str:
    return "int" if left == right == "int" else "double"


def _sums() -> Iterator[Declaration]:
    seconds = quantity("seconds")
    for function in ("_+_", "_-_"):
        yield _call(function, _ANY, _ANY, result=_ANY)
        yield _call(function, "instant", seconds, result="instant")
        for left, right in product(_NUMBERS, _NUMBERS):
            yield _call(function, left, right, result=_wider(left, right))
        for unit, number in product(_PLAIN, _NUMBERS):
            yield _call(function, quantity(unit), number, result=quantity(unit))
            yield _call(function, number, quantity(unit), result=quantity(unit))
    yield _call("_-_", "instant", "instant", result=seconds)
    yield _call("_+_", seconds, "instant", result="instant")
    yield _call("_+_", "list<~A>", "list<~A>", result="list<~A>")
    for negated in (_ANY, *_NUMBERS):
        yield _call("-_", negated, result=negated)


def _products() -> Iterator[Declaration]:
    for left, right in product(_NUMBERS, _NUMBERS):
        yield _call("_*_", left, right, result=_wider(left, right))
    for number in _NUMBERS:
        yield _call("_*_", number, _ANY, result=_ANY)
        yield _call("_*_", _ANY, number, result=_ANY)
    for left_unit, right_unit in product(Unit, Unit):
        result = product_unit(left_unit, right_unit)
        if result:
            yield _call("_*_", quantity(left_unit), quantity(right_unit), result=quantity(result))


def _quotients() -> Iterator[Declaration]:
    for left, right in product(_NUMBERS, _NUMBERS):
        if (left, right) != ("int", "int"):
            yield _call("_/_", left, right, result="double")
    for number in _NUMBERS:
        yield _call("_/_", _ANY, number, result=_ANY)
        for unit, result in RECIPROCALS.items():
            yield _call("_/_", number, quantity(unit), result=quantity(result))
    for left_unit, right_unit in product(Unit, Unit):
        quotient = quotient_unit(left_unit, right_unit)
        if quotient:
            yield _call("_/_", quantity(left_unit), quantity(right_unit), result=quantity(quotient))


def _constructors() -> Iterator[Declaration]:
    for name, unit in CONSTRUCTORS.items():
        yield _call(name, "string", result=quantity(unit))
    yield _call("timestamp", "string", result="instant")
    for name in ("min", "max"):
        yield _call(name, _ANY, _ANY, result=_ANY)


def _questions() -> Iterator[Declaration]:
    for name in QUESTIONS:
        yield _call(name, "~A", result="bool")


def _measures() -> Iterator[Declaration]:
    target = series("~A")
    for name in WINDOW_MEASURES:
        yield _member(name, target, "string", result=_ANY)
    yield _member("last", target, result=_ANY)
    yield _member("last", target, "string", result=_ANY)
    yield _member("quantile", target, "double", "string", result=_ANY)
    yield _member("count", target, "string", result=quantity("count"))
    yield _member("age", target, result=quantity("seconds"))
    yield _member("age", target, "string", result=quantity("seconds"))
    yield _member("rate", series("count"), "string", result=quantity("per_second"))
    yield _member("rate", series("seconds"), "string", result=quantity("ratio"))
    for name in ("time_until", "time_until_below"):
        yield from _limited(name, quantity("seconds"))
    for measure in DETECTOR_MEASURES.values():
        yield from _detected(measure)


def _limited(name: str, result: str) -> Iterator[Declaration]:
    yield _member(name, series("~A"), _ANY, "string", result=result)
    for unit, number in product(_PLAIN, _NUMBERS):
        yield _member(name, series(unit), number, "string", result=result)


def _detected(measure: DetectorMeasure) -> Iterator[Declaration]:
    result = _GIVEN[measure.gives]
    if measure.takes is Takes.LIMIT:
        yield from _limited(measure.name, result)
    else:
        label = ("string",) if measure.takes is Takes.LABEL else ()
        yield _member(measure.name, series("~A"), *label, "string", result=result)


_GIVEN = {
    Gives.SAME_UNIT: _ANY,
    Gives.RATIO: quantity("ratio"),
    Gives.SECONDS: quantity("seconds"),
    Gives.INSTANT: "instant",
    Gives.TEXT: "string",
}


def _lists() -> Iterator[Declaration]:
    yield _member("size", "list<~A>", result=quantity("count"))
    yield _call("@in", "string", "list<string>", result="bool")
    yield _call("@in", _ANY, f"list<{_ANY}>", result="bool")
    for unit, number in product(_PLAIN, _NUMBERS):
        yield _call("@in", quantity(unit), f"list<{number}>", result="bool")
    for name in ("sum", "max", "min"):
        yield _member(name, f"list<{_ANY}>", result=_ANY)
    for unit in _PLAIN:
        yield _member("product", f"list<{quantity(unit)}>", result=quantity(unit))


def _texts() -> Iterator[Declaration]:
    yield _call("_[_]", "map<string,string>", "string", result="string")
    for name in TEXT_TESTS:
        yield _member(name, "string", "string", result="bool")
