"""The page of the rule language: every function that an expression may call, with the types it takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from docs.render.markdown import code, page, table
from driftbot.core.quantity import Unit
from driftbot.rules.language import (
    COMPARISONS,
    EQUALITIES,
    MACROS,
    Declaration,
    declarations,
)
from driftbot.rules.unit_arithmetic import product_unit, quotient_unit

SPOKEN = {"double": "number", "string": "text", "bool": "flag"}
INTRODUCTION = """\
What an expression of a rule may call. A quantity has a unit, and `A` stands for the same unit throughout a line; a
count and a ratio may also be a bare number. Everything else is an error when the rule is loaded."""


def render() -> str:
    """The page."""
    named = [one for one in declarations() if one.function.isidentifier()]
    return page(
        "Rule language",
        INTRODUCTION,
        "## On a value",
        _calls(one for one in named if one.target),
        "## Functions",
        _calls(one for one in named if not one.target),
        "## Operators",
        f"{code(*map(_operator, (*COMPARISONS, *EQUALITIES)))} compare two quantities of one unit or two instants; "
        f"{code(*map(_operator, EQUALITIES))} texts and flags as well. `+` and `-` take two quantities of one unit, an "
        "instant and a duration, and `-` two instants; `+` joins lists. `in` looks for a text in a list of texts.",
        "`&&`, `||`, `!` and `c ? a : b` are three-valued: a result is given only if it holds whatever the "
        "values are that could not be read.",
        "### Products of units",
        _matrix("×", product_unit),
        "### Quotients of units",
        _matrix("÷", quotient_unit),
        "A division by zero is unknown.",
        "## Over lists",
        f'CEL\'s macros {code(*MACROS)}, for example `self.names.exists(n, n.startsWith("web"))`.',
    )


def _calls(declared: Iterable[Declaration]) -> str:
    rows = sorted({(code(_call(one)), code(_spoken(one.result))) for one in declared if "int" not in one.arguments})
    return table(("call", "gives"), rows)


def _call(one: Declaration) -> str:
    target = f"{_spoken(one.target)}." if one.target else ""
    return f"{target}{one.function}({', '.join(map(_spoken, one.arguments))})"


def _spoken(kind: str) -> str:
    outer, bracket, inner = kind.replace("~", "").partition("<")
    return SPOKEN.get(outer, outer) + bracket + inner


def _operator(name: str) -> str:
    return name.strip("_")


def _matrix(corner: str, combine: Callable[[Unit, Unit], Unit | None]) -> str:
    rows = ((left, *(combine(left, right) or "" for right in Unit)) for left in Unit)
    return table((corner, *Unit), rows)
