"""Terms: an expression by its meaning, in which spelling, brackets, order of matchers and folded constants are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from driftbot.core.quantity import format_number
from driftbot.promql.comparison import COMPARISONS, Comparison, Limit
from driftbot.promql.selector import Matcher
from driftbot.promql.selector_text import matcher_text, quoted

ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "atan2"})
_DURATIONS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))
COMMUTATIVE = frozenset({"+", "*", "==", "!="})


@dataclass(frozen=True, slots=True)
class Number:
    """A constant, folded."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selector reads: ``window`` in seconds (0 for the newest value), ``moment`` its offset and ``@``."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    alternatives: tuple[tuple[Matcher, ...], ...] = ()
    window: float = 0.0
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A subquery: ``window`` in seconds, ``step`` as written (empty for the server's)."""

    of: Term
    window: float
    step: str = ""
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """A function and its arguments."""

    function: str
    arguments: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregated:
    """An aggregation; ``grouping`` is its ``by`` or ``without`` with the labels sorted."""

    operator: str
    of: Term
    grouping: str = ""
    parameter: Term | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """How its author wrote a comparison: measured side, operator, threshold (a number or what else stands there)."""

    measured: str
    operator: str
    threshold: str
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Operation:
    """Two terms and the operator between them; ``matching`` are ``on``, ``ignoring`` and ``group_…``, and ``bool``.

    A comparison with a constant has what is measured on its left and the number on its right, factors and summands of
    the measured side moved into the number: ``100 * (1 - x) > 90`` is ``x < 0.1``.
    """

    operator: str
    left: Term
    right: Term
    matching: str = ""
    returns_bool: bool = False
    said: Said | None = field(default=None, compare=False)

    @property
    def compares(self) -> bool:
        """Whether it is a comparison."""
        return self.operator in COMPARISONS

    @property
    def limit(self) -> Limit | None:
        """The comparison with its number; None where it is none, or with something that is measured."""
        if not self.compares or not isinstance(self.right, Number):
            return None
        return Limit(Comparison(self.operator), self.right.value)


Term = Number | Text | Selected | Repeated | Called | Aggregated | Operation


def parts(term: Term) -> tuple[Term, ...]:
    """The terms directly inside."""
    match term:
        case Repeated():
            return (term.of,)
        case Called():
            return term.arguments
        case Aggregated():
            return (term.of,) if term.parameter is None else (term.parameter, term.of)
        case Operation():
            return term.left, term.right
    return ()


def walk(term: Term) -> Iterator[Term]:
    """The term and all inside."""
    yield term
    for part in parts(term):
        yield from walk(part)


def seconds(value: float) -> str:
    """A duration as Prometheus writes it, to the millisecond."""
    left, told = round(abs(value) * 1000), ""
    for suffix, length in _DURATIONS:
        count, left = divmod(left, length)
        told += f"{count}{suffix}" if count else ""
    return ("-" if value < 0 else "") + (told or "0s")


def spelled(term: Term) -> str:
    """The term as text: equal for equal terms, whatever their authors wrote."""
    match term:
        case Number():
            return format_number(term.value)
        case Text():
            return quoted(term.value)
        case Selected():
            return _selected(term)
        case Repeated():
            return f"{spelled(term.of)}[{seconds(term.window)}:{term.step}]{_after(term.moment)}"
        case Called():
            return f"{term.function}({', '.join(spelled(one) for one in term.arguments)})"
        case Aggregated():
            return f"{term.operator}{_after(term.grouping)}({', '.join(spelled(one) for one in parts(term))})"
        case Operation():
            operator = f"{term.operator}{' bool' if term.returns_bool else ''}{_after(term.matching)}"
            return f"{_bracketed(term.left)} {operator} {_bracketed(term.right)}"


def skeleton(term: Term, numbers: bool = False) -> str:
    """The term without what is tuned: matchers, windows, moments, and unless ``numbers`` are wanted also those."""
    match term:
        case Number():
            return format_number(term.value) if numbers else "#"
        case Text():
            return "#"
        case Selected():
            return term.metric or ",".join(sorted({matcher.label for matcher in term.matchers}))
        case Called():
            return f"{term.function}({','.join(skeleton(one, numbers) for one in term.arguments)})"
        case Aggregated():
            return f"{term.operator}({','.join(skeleton(one, numbers) for one in parts(term))})"
        case Repeated():
            return f"{skeleton(term.of, numbers)}[:]"
        case Operation():
            return f"({skeleton(term.left, numbers)} {term.operator} {skeleton(term.right, numbers)})"


def metrics(term: Term) -> frozenset[str]:
    """The metrics that the term reads."""
    return frozenset(one.metric for one in walk(term) if isinstance(one, Selected) and one.metric)


def _selected(term: Selected) -> str:
    groups = (term.matchers, *term.alternatives)
    inner = " or ".join(", ".join(matcher_text(one) for one in group) for group in groups if group)
    window = f"[{seconds(term.window)}]" if term.window else ""
    return f"{term.metric}{'{' + inner + '}' if inner or not term.metric else ''}{window}{_after(term.moment)}"


def _after(text: str) -> str:
    return f" {text}" if text else ""


def _bracketed(term: Term) -> str:
    return f"({spelled(term)})" if isinstance(term, Operation) else spelled(term)
