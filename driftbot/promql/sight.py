"""Sight: what an expression has to see so that it can speak at all, and what it still sees when some of it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from promql_parser import AggregateExpr, BinaryExpr, Call, Expr, MatrixSelector, ParenExpr, SubqueryExpr, UnaryExpr
from promql_parser import VectorSelector as Vector

from driftbot.promql.selector import Selector, selector_of

RATES = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"})
"""Functions that need several samples in their range to say anything."""

_SPEAKS_OF_ABSENCE = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """One place where series are read: ``window`` is how far back in all, subqueries included (0: the newest sample).

    ``rated`` is the range in seconds that a rate is taken over, 0 where none is or a subquery sets the distance of its
    samples. ``fixed`` says that ``@`` nails it to a time.
    """

    selector: Selector
    window: float = 0.0
    rated: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All parts are needed: a sum, a ratio, ``and``. Without parts nothing is needed, as for a constant."""

    parts: tuple[Sight, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One part is enough: ``or``."""

    parts: tuple[Sight, ...]


@dataclass(frozen=True, slots=True)
class Unless:
    """``kept`` is needed; without ``held_back`` the expression says more than it should."""

    kept: Sight
    held_back: Sight


@dataclass(frozen=True, slots=True)
class Absence:
    """``absent(…)``: it speaks where nothing is seen."""


Sight = Look | Every | Either | Unless | Absence


def sight(expression: Expr) -> Sight:
    """What the expression has to see."""
    return _sight(expression, 0.0, 0.0)


def looks(seen: Sight) -> Iterator[Look]:
    """Every place where it reads series, in the order of the text."""
    match seen:
        case Look():
            yield seen
        case Every() | Either():
            for part in seen.parts:
                yield from looks(part)
        case Unless():
            yield from looks(seen.kept)
            yield from looks(seen.held_back)


class State(StrEnum):
    """Whether anything is there to be seen."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Lost:
    """A look that sees nothing any more and is missed.

    ``held_back`` says that it stands to the right of ``unless``; ``through`` names the recording rules whose input it
    is, outermost first.
    """

    look: Look
    held_back: bool = False
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is lost of a sight; ``unsure`` says that more of it may be."""

    lost: tuple[Lost, ...] = ()
    unsure: bool = False

    @property
    def clear(self) -> bool:
        """Whether everything needed is surely there."""
        return not self.lost and not self.unsure


def outlook(seen: Sight, of: Callable[[Look], Outlook]) -> Outlook:
    """What is lost, given what is lost of each look."""
    match seen:
        case Look():
            return of(seen)
        case Every():
            return _together([outlook(part, of) for part in seen.parts])
        case Either():
            return best([outlook(part, of) for part in seen.parts if not _constant(part)])
        case Unless():
            right = outlook(seen.held_back, of)
            held_back = tuple(replace(lost, held_back=True) for lost in right.lost)
            return _together([outlook(seen.kept, of), replace(right, lost=held_back)])
    return Outlook()


def best(alternatives: list[Outlook]) -> Outlook:
    """The outlook where one alternative is enough: lost only if all are, unsure if no one is surely there."""
    if not alternatives or any(one.clear for one in alternatives):
        return Outlook()
    if any(not one.lost for one in alternatives):
        return Outlook(unsure=True)
    return _together(alternatives)


def _together(outlooks: list[Outlook]) -> Outlook:
    lost = dict.fromkeys(lost for one in outlooks for lost in one.lost)
    return Outlook(tuple(lost), any(one.unsure for one in outlooks))


def _constant(seen: Sight) -> bool:
    """Whether nothing is read: ``or vector(0)`` covers up what is lost, and does not replace it."""
    return not isinstance(seen, Absence) and not any(True for _ in looks(seen)) and not _absences(seen)


def _absences(seen: Sight) -> bool:
    match seen:
        case Absence():
            return True
        case Every() | Either():
            return any(_absences(part) for part in seen.parts)
        case Unless():
            return _absences(seen.kept)
    return False


def _sight(expression: Expr, window: float, rated: float) -> Sight:
    match expression:
        case Vector():
            return Look(selector_of(expression), window, rated, expression.at is not None)
        case MatrixSelector():
            reach = expression.range.total_seconds() if expression.range else 0.0
            return _sight(expression.vector_selector, window + reach, reach if rated else 0.0)
        case SubqueryExpr():
            reach = expression.range.total_seconds() if expression.range else 0.0
            return _sight(expression.expr, window + reach, 0.0)
        case ParenExpr() | UnaryExpr():
            return _sight(expression.expr, window, rated)
        case Call() if expression.func.name in _SPEAKS_OF_ABSENCE:
            return Absence()
        case Call():
            rates = 1.0 if expression.func.name in RATES else 0.0
            return Every(tuple(_sight(argument, window, rates) for argument in expression.args))
        case AggregateExpr():
            return _sight(expression.expr, window, 0.0)
        case BinaryExpr():
            sides = _sight(expression.lhs, window, 0.0), _sight(expression.rhs, window, 0.0)
            if str(expression.op) == "or":
                return Either(sides)
            return Unless(*sides) if str(expression.op) == "unless" else Every(sides)
    return Every()
