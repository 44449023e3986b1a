"""Effects: what a difference inside an expression does to its series and values, followed outwards to what fires.

Every step holds for all data, or the effect is not certain: counters, counts and sizes are not negative, a comparison
drops series, an aggregation of fewer series gives a lower count (and no result at all for none).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from driftbot.alerts.term import Aggregated, Called, Number, Operation, Repeated, Selected, Term
from driftbot.promql.comparison import Comparison, Limit


class Happening(StrEnum):
    """What can happen to what a term gives; ``LONGER`` and ``SHORTER`` only to how far back a selector looks."""

    FEWER = "fewer series"
    MORE = "more series"
    LOWER = "lower values"
    HIGHER = "higher values"
    LONGER = "a longer window"
    SHORTER = "a shorter window"


_REVERSE = {
    Happening.FEWER: Happening.MORE,
    Happening.MORE: Happening.FEWER,
    Happening.LOWER: Happening.HIGHER,
    Happening.HIGHER: Happening.LOWER,
    Happening.LONGER: Happening.SHORTER,
    Happening.SHORTER: Happening.LONGER,
}
_SERIES = frozenset({Happening.FEWER, Happening.MORE})
_VALUES = frozenset({Happening.LOWER, Happening.HIGHER})


@dataclass(frozen=True, slots=True)
class Effect:
    """All that may happen; ``because`` is set where that is not known."""

    happenings: frozenset[Happening] = frozenset()
    because: str = ""

    def __or__(self, other: Effect) -> Effect:
        return Effect(self.happenings | other.happenings, self.because or other.because)

    @property
    def reversed(self) -> Effect:
        """The effect of the opposite difference."""
        return Effect(frozenset(_REVERSE[one] for one in self.happenings), self.because)


NONE = Effect()
FEWER, MORE = Effect(frozenset({Happening.FEWER})), Effect(frozenset({Happening.MORE}))
LOWER, HIGHER = Effect(frozenset({Happening.LOWER})), Effect(frozenset({Happening.HIGHER}))
LONGER, SHORTER = Effect(frozenset({Happening.LONGER})), Effect(frozenset({Happening.SHORTER}))


def unsure(because: str) -> Effect:
    """An effect that nobody can tell without the data."""
    return Effect(because=because)


_KEEPING = frozenset(
    {"ceil", "floor", "round", "sqrt", "exp", "ln", "log2", "log10", "sgn", "deg", "rad", "clamp", "clamp_min"}
    | {"clamp_max", "sort", "sort_desc", "label_replace", "label_join", "avg_over_time", "max_over_time"}
    | {"min_over_time", "last_over_time", "sum_over_time", "quantile_over_time"}
)
"""Functions whose result is no lower for higher values."""

_OF_EACH = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets", "count_over_time", "timestamp"}
    | {"present_over_time", "stddev_over_time", "stdvar_over_time", "predict_linear", "holt_winters", "abs"}
    | {"double_exponential_smoothing", "histogram_quantile", "mad_over_time"}
)
"""Functions that give one series for each one, whose value does not follow that of its argument."""

ABSENT = frozenset({"absent", "absent_over_time"})
_QUANTILES = frozenset({"quantile_over_time", "histogram_quantile"})
_LONGER: dict[str, Effect] = {
    "max_over_time": HIGHER | MORE,
    "min_over_time": LOWER | MORE,
    "count_over_time": HIGHER | MORE,
    "changes": HIGHER | MORE,
    "resets": HIGHER | MORE,
    "increase": HIGHER | MORE,
    "present_over_time": MORE,
    "last_over_time": MORE,
    "absent_over_time": FEWER,
}
"""What a longer window does; a counter does not fall, so that it increases no less over more time."""

_WINDOW = "over another window the value can be higher or lower"
_NEGATIVE = "the values may be negative"


def lifted(effect: Effect, around: Term, position: int) -> Effect:
    """The effect on ``around`` of an effect on its part at ``position`` (as ``parts`` counts them)."""
    found = Effect(because=effect.because)
    for happening in effect.happenings:
        found |= _lifted(happening, around, position)
    return found


def _lifted(happening: Happening, around: Term, position: int) -> Effect:
    match around:
        case Called():
            return _through_call(happening, around, position)
        case Aggregated():
            return _through_aggregation(happening, around, position)
        case Operation():
            return _through_operation(happening, around, position)
        case Repeated():
            return _just(happening)
    return _just(happening)


def _just(happening: Happening) -> Effect:
    return Effect(frozenset({happening}))


def _through_call(happening: Happening, call: Called, position: int) -> Effect:
    if happening in {Happening.LONGER, Happening.SHORTER}:
        found = _longer(call, position)
        return found if happening is Happening.LONGER else found.reversed
    if call.function in ABSENT:
        return _just(_REVERSE[happening]) if happening in _SERIES else NONE
    if isinstance(call.arguments[position], Number):
        follows = call.function.startswith("clamp") or (call.function in _QUANTILES and position == 0)
        return _just(happening) if follows else unsure(f"{call.function}() is asked for something else")
    if happening in _SERIES and call.function in _KEEPING | _OF_EACH:
        return _just(happening)
    if happening in _VALUES and call.function in _KEEPING:
        return _just(happening)
    if happening in _VALUES and call.function == "timestamp":
        return NONE
    return unsure(f"what {call.function}() makes of {happening} depends on the data")


def _longer(call: Called, position: int) -> Effect:
    if call.function == "sum_over_time" and not_negative(call.arguments[position]):
        return HIGHER | MORE
    return _LONGER.get(call.function) or unsure(_WINDOW)


def _through_aggregation(happening: Happening, around: Aggregated, position: int) -> Effect:
    operator = around.operator
    if around.parameter is not None and position == 0:
        if operator == "quantile":
            return _just(happening)
        series = {Happening.HIGHER: MORE, Happening.LOWER: FEWER}.get(happening)
        chooses = operator in {"topk", "bottomk", "limitk"}
        return series if series and chooses else unsure(f"{operator} is asked for something else")
    if happening in _VALUES:
        if operator in {"count", "group"}:
            return NONE
        follows = operator in {"sum", "avg", "min", "max", "quantile"}
        return _just(happening) if follows else unsure(f"{operator} does not follow the values")
    found = _of_fewer(around)
    return found if happening is Happening.FEWER else found.reversed


def _of_fewer(around: Aggregated) -> Effect:
    """What fewer series inside do: none at all where none is left."""
    match around.operator:
        case "group":
            return FEWER
        case "count" | "max":
            return FEWER | LOWER
        case "min":
            return FEWER | HIGHER
        case "sum" if not_negative(around.of):
            return FEWER | LOWER
        case "sum":
            return unsure(f"a sum of fewer series can be higher or lower: {_NEGATIVE}")
    return unsure(f"{around.operator} over other series can be higher or lower")


def _through_operation(happening: Happening, around: Operation, position: int) -> Effect:
    if around.compares:
        return _through_comparison(happening, around, position)
    match around.operator:
        case "and":
            return _just(happening) if happening in _SERIES or position == 0 else NONE
        case "unless" if position == 1:
            return _just(_REVERSE[happening]) if happening in _SERIES else NONE
        case "or" if position == 0 and happening in _SERIES:
            return unsure("where the left of or has no series the right takes its place")
        case "unless" | "or":
            return _just(happening)
    return _just(happening) if happening in _SERIES else _through_arithmetic(happening, around, position)


def _through_arithmetic(happening: Happening, around: Operation, position: int) -> Effect:
    other = around.right if position == 0 else around.left
    mine = around.left if position == 0 else around.right
    match around.operator, position:
        case ("+", _) | ("-", 0):
            return _just(happening)
        case ("-", 1):
            return _just(_REVERSE[happening])
        case ("*", _) | ("/", 0) if not_negative(other):
            return _just(happening)
        case ("*", _) | ("/", 0) if isinstance(other, Number):
            return _just(_REVERSE[happening])
        case ("/", 1) if not_negative(other) and not_negative(mine):
            return _just(_REVERSE[happening])
    return unsure(f"{_NEGATIVE} beside {around.operator}")


def _through_comparison(happening: Happening, around: Operation, position: int) -> Effect:
    if happening in _SERIES:
        return _just(happening)
    if around.operator in {"==", "!="}:
        return unsure(f"{around.operator} holds for single values")
    rises = (happening is Happening.HIGHER) == (position == 0)
    holds_more = rises == Comparison(around.operator).upward
    if around.returns_bool:
        return HIGHER if holds_more else LOWER
    reported = _just(happening) if position == 0 else NONE
    return reported | (MORE if holds_more else FEWER)


_COUNTING = frozenset(
    {"rate", "irate", "increase", "count_over_time", "changes", "resets", "abs", "sqrt", "present_over_time", "time"}
    | {"stddev_over_time", "stdvar_over_time", "absent", "absent_over_time", "exp", "timestamp", "mad_over_time"}
)
_SIGN_KEEPING = frozenset(
    {"avg_over_time", "max_over_time", "min_over_time", "sum_over_time", "last_over_time", "ceil", "floor", "round"}
    | {"sort", "sort_desc", "label_replace", "label_join", "scalar", "vector"}
)
_NOT_NEGATIVE = Limit(Comparison.AT_LEAST, 0.0)
_COUNTERS = ("_total", "_count", "_bucket", "_bytes", "_info")


def not_negative(term: Term) -> bool:
    """Whether its values surely are at least zero, by what its functions give and by how metrics are named.

    Counters end with ``_total``, ``_count`` or ``_bucket``, sizes with ``_bytes``
    (https://prometheus.io/docs/practices/naming/).
    """
    match term:
        case Number():
            return term.value >= 0
        case Selected():
            return term.metric.endswith(_COUNTERS) or term.metric == "up"
        case Repeated():
            return not_negative(term.of)
        case Called():
            return _call_is_not_negative(term)
        case Aggregated():
            counts = term.operator in {"count", "group", "stddev", "stdvar"}
            return counts or (term.operator != "count_values" and not_negative(term.of))
        case Operation():
            return _operation_is_not_negative(term)
    return False


def _call_is_not_negative(call: Called) -> bool:
    if call.function in _COUNTING:
        return True
    if call.function == "clamp_min":
        return not_negative(call.arguments[1])
    if call.function == "quantile_over_time":
        return not_negative(call.arguments[1])
    return call.function in _SIGN_KEEPING and bool(call.arguments) and not_negative(call.arguments[0])


def _operation_is_not_negative(operation: Operation) -> bool:
    left, right = operation.left, operation.right
    if operation.compares:
        above = operation.limit is not None and operation.limit.within(_NOT_NEGATIVE)
        return operation.returns_bool or above or not_negative(left)
    if operation.operator in {"and", "unless"}:
        return not_negative(left)
    return operation.operator in {"+", "*", "/", "or"} and not_negative(left) and not_negative(right)
