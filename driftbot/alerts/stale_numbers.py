"""Prose that names another threshold than the alert has: the number was changed and the sentence was not."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.alerts.definition import AlertDefinition
from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.expression_number import ExpressionNumbers, expression_numbers, is_of_time, is_share_of_time
from driftbot.alerts.prose_number import Bound, Dimension, ProseNumber, prose_numbers
from driftbot.alerts.standing import standing_alerts
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit, format_number
from driftbot.promql.condition import Comparison, Condition

TOLERANCE = 0.015
"""How far a number in prose may be rounded (33% for a third)."""

_RHETORICAL = {Dimension.PERCENT: frozenset({0.0, 100.0}), Dimension.PLAIN: frozenset({0.0, 1.0})}
_TIMES = (1.0, 60.0, 3600.0, 86400.0)
_WHOLE = 100.0
"""No share of anything, as a ratio or in percent, is compared with more."""

_GROWTH = 3.0
"""Above 1 and up to here a number compared may be a growth: 1.2 is 20% more (ours)."""

_NEIGHBOURS = {
    Bound.AT_LEAST: {Comparison.ABOVE: 1.0},
    Bound.ABOVE: {Comparison.AT_LEAST: -1.0},
    Bound.AT_MOST: {Comparison.BELOW: -1.0},
    Bound.BELOW: {Comparison.AT_MOST: 1.0},
}
_SAID_UPWARD = frozenset({Bound.ABOVE, Bound.AT_LEAST})

STALE_NUMBERS = Key(
    "alert",
    "stale_numbers",
    ValueType.NAMES,
    "numbers of its prose that are neither a threshold (or its complement) nor another number of the definition, each"
    " with what it should be; durations count only where a time is what the alert compares",
    None,
    PROVIDERS,
)


def stale_numbers(alert: AlertDefinition, prose: str) -> tuple[str, ...]:
    """The bounds that the prose states and the alert does not have, in words, sorted."""
    stated = list(prose_numbers(prose))
    if not stated:
        return ()
    numbers = expression_numbers(alert)
    if not any(each.threshold for each in numbers.bounds):
        return ()
    told = [one for one in stated if _comparable(one, numbers)]
    explained = [one for one in told if _explained(one, numbers)]
    stale = [one for one in told if one not in explained]
    named = {one.dimension for one in explained if _names_a_bound(one, numbers)}
    return tuple(sorted({_worded(one, numbers) for one in stale if one.firm or one.dimension not in named}))


def _comparable(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    """Whether the alert compares what the number counts at all."""
    match one.dimension:
        case Dimension.DURATION:
            return numbers.of_time or (numbers.extrapolates and not one.firm)
        case Dimension.PLAIN if one.bound is not Bound.EITHER:
            upward = one.bound in _SAID_UPWARD
            same_way = any((each.comparison.upward) is upward for each in numbers.bounds)
            return same_way and one.value not in _RHETORICAL[Dimension.PLAIN]
        case Dimension.PERCENT if not any(abs(each.threshold or 0.0) <= _WHOLE for each in numbers.bounds):
            # 58981.5 files can be 90% of what is allowed.
            return False
    return one.value not in _RHETORICAL.get(one.dimension, ())


def _explained(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    """Whether something of the definition is what the number can mean."""
    if one.dimension is Dimension.DURATION and any(_near(one, each / one.scale) for each in numbers.durations):
        return True
    otherwise = (_is_the_neighbour, _is_a_rate, _is_milliseconds_a_second)
    return any(_says(one, value) for value in numbers.plain) or any(explains(one, numbers) for explains in otherwise)


def _names_a_bound(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    return any(_says(one, each.threshold) for each in numbers.bounds if each.threshold)


def _says(one: ProseNumber, value: float) -> bool:
    """Whether the number in prose can mean this number of the expression."""
    return any(_near(one, meant) for meant in _meanings(one, value))


def _meanings(one: ProseNumber, value: float) -> Iterator[float]:
    """The value in the unit of the prose, as whoever wrote the expression may have counted it."""
    size = abs(value)
    yield size
    match one.dimension:
        case Dimension.PERCENT:
            yield from (size * 100, 100 - size * 100) if size <= 1 else (100 - size,)
            if 1 < size <= _GROWTH:
                yield from (size * 100, (size - 1) * 100)
        case Dimension.DURATION:
            yield from (size * counted / one.scale for counted in (1e-9, 1e-6, 1e-3, *_TIMES))
        case Dimension.BYTES:
            yield from (size * bits / unit for unit in _byte_units(one.scale) for bits in (1.0, 8.0, 0.125))
        case Dimension.PLAIN:
            yield size / one.scale
            yield from (size * 100, 1 - size) if size <= 1 else ()


def _is_the_neighbour(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    """Whether it is the next whole number, told by the other kind of comparison: ``at least 5`` is ``> 4``."""
    pairs = _NEIGHBOURS.get(one.bound, {})
    neighbours = {number + pairs[comparison] for comparison, number in numbers.compared if comparison in pairs}
    return one.dimension is Dimension.PLAIN and one.value * one.scale in neighbours


def _is_milliseconds_a_second(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    """Whether it is a share of time as a percentage: 100 ms a second are 10%."""
    shares = [each.threshold or 0.0 for each in numbers.bounds if is_share_of_time(each)]
    return one.dimension is Dimension.PERCENT and any(_near(one, share / 10) for share in shares)


def _byte_units(scale: float) -> Iterator[float]:
    """What a unit of bytes may be worth, counted in bytes or in one of the units below it."""
    while scale >= 1:
        power = round(len(str(int(scale))) / 3)
        yield from (scale, 1024.0**power)
        scale /= 1000


def _is_a_rate(one: ProseNumber, numbers: ExpressionNumbers) -> bool:
    """Whether it is a threshold a second, told a minute, an hour, a day, or over the window."""
    if one.dimension is not Dimension.PLAIN:
        return False
    periods = {60.0, 3600.0, 86400.0} | {window for each in numbers.bounds for window in each.windows}
    rates = [each.threshold or 0.0 for each in numbers.bounds]
    return any(_near(one, abs(rate) * period / one.scale) for rate in rates for period in periods)


def _near(one: ProseNumber, meant: float) -> bool:
    """Whether the number is what is meant, rounded as it is written."""
    return abs(one.value - meant) <= min(TOLERANCE * one.value, 0.5 * 10.0**-one.decimals) + 1e-9


def _worded(one: ProseNumber, numbers: ExpressionNumbers) -> str:
    bounds = [each for each in numbers.bounds if each.threshold]
    timed = [each for each in bounds if one.dimension is Dimension.DURATION and is_of_time(each)]
    written = sorted({_in_words(one, each) for each in timed or bounds})
    return f"“{one.phrase}”: the threshold is {' or '.join(written)}"


def _in_words(one: ProseNumber, condition: Condition) -> str:
    """The threshold as the prose would say it."""
    value = condition.threshold or 0.0
    if one.dimension is Dimension.PERCENT:
        percent = value * 100 if abs(value) <= 1 else value
        turned = one.bound is not Bound.EITHER and (one.bound in _SAID_UPWARD) is not (condition.comparison.upward)
        return f"{100 - percent if turned else percent:.6g}%"
    if one.dimension is Dimension.DURATION and condition.unit is Unit.SECONDS:
        return str(Quantity(value, Unit.SECONDS))
    if one.dimension is Dimension.BYTES and condition.unit is Unit.BYTES:
        return str(Quantity(value, Unit.BYTES))
    return format_number(value)


def _derive(estate: Estate) -> Iterator[Fact]:
    for alert in standing_alerts(estate):
        stale = stale_numbers(alert.definition, alert.prose)
        yield computed(alert.subject, STALE_NUMBERS.name, stale, alert.prose_at)


derivation = Derivation((STALE_NUMBERS,), _derive)
