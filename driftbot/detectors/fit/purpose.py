"""Purpose: alerts that are not about a distribution at all, and what the names in an expression say of its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from driftbot.core.quantity import Unit
from driftbot.detectors.fit.threshold import EXACT, Part, Threshold
from driftbot.promql.condition import Comparison, Condition, Join

_WORD = re.compile(r"[A-Za-z]+|\d+")
_DEAD_MAN = re.compile(r"watch ?dog|dead ?man|heart ?beat|snitch|always ?(?:on|fir)", re.IGNORECASE)
_STATES = frozenset(
    {"up", "success", "successful", "ready", "healthy", "connected", "online", "alive", "active", "enabled", "status"}
    | {"state", "condition", "leader", "primary", "synced", "available"}
)
_TROUBLE = re.compile(
    r"error|fail|oom|panic|crash|restart|evict|drop|reject|denied|timeout|unavailable|unhealthy|corrupt|lost|miss"
    r"|exception|abort|conflict|throttl|retr(?:y|ies)|dead|kill|invalid|violation|discard|overrun|fault|bad",
    re.IGNORECASE,
)
_SERVER_ERRORS = re.compile(r"=~?\s*\"[^\"]*5(?:\.\.|xx|\\\\?d|\[0-9\])", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:increase|changes|resets|count_over_time|idelta|delta|count)\b")
_PERCENT = frozenset({"percent", "percentage", "pct"})
_RATIOS = frozenset({"ratio"})
_SHARES = _RATIOS | frozenset({"utilization", "utilisation", "usage", "availability"})
_MILLISECONDS, _TIMES = frozenset({"milliseconds", "ms", "millis"}), frozenset({"latency", "duration"})
_BYTES = frozenset({"bytes", "byte"})

PER_CENT, PER_MILLE, BINARY = 100.0, 1000.0, 1024.0
_IN_BYTES = tuple(1.0 / factor for factor in (BINARY, PER_MILLE, BINARY**2, BINARY**3))


def part_of(joins: Sequence[Join], all_joins: Sequence[Sequence[Join]]) -> Part:
    """What a condition is to its alert, from its own joins and those of all conditions of the alert."""
    if Join.UNLESS in joins:
        return Part.SUPPRESSING
    if len(all_joins) == 1:
        return Part.ALONE
    joined = any(join is not Join.OR for each in all_joins for join in each)
    return Part.JOINED if joined else Part.ALTERNATIVE


def left_alone(alert: str, condition: Condition, part: Part) -> str:
    """Why nothing can be asked of the condition's distribution; empty where something can.

    Dead man's switches fire by design; what asks for presence, absence, a state or the very first event of a kind has a
    threshold that no distribution can move.
    """
    if _DEAD_MAN.search(alert) or condition.caveat.startswith("a constant"):
        return "a dead man's switch: it fires by design"
    if condition.comparison in {Comparison.PRESENT, Comparison.ABSENT}:
        return f"it asks whether something is {condition.comparison}"
    if condition.threshold is None or not math.isfinite(condition.threshold):
        return "what it is compared with is no constant"
    if condition.caveat:
        return condition.caveat
    if part is Part.SUPPRESSING:
        return "it keeps the alert from firing, and makes none fire"
    return _of_event(condition, condition.threshold)


def _of_event(condition: Condition, threshold: float) -> str:
    words = _words(condition)
    if words & _STATES and (condition.comparison in EXACT or threshold in {0.0, 1.0}):
        return "it asks for a state"
    first = (condition.comparison, threshold) in {(Comparison.ABOVE, 0.0), (Comparison.NOT_EQUAL, 0.0)}
    one = (condition.comparison, threshold) in {(Comparison.AT_LEAST, 1.0), (Comparison.EQUAL, 1.0)}
    if first or (one and (_COUNTED.search(condition.measured) or _is_trouble(condition))):
        return "it fires at the first event"
    return ""


def threshold_of(condition: Condition, part: Part, hold: float, keep_firing: float) -> Threshold:
    """The threshold of a condition that is not left alone, with what its names tell; durations in seconds."""
    assert condition.threshold is not None
    return Threshold(
        comparison=condition.comparison,
        value=condition.threshold,
        hold=hold,
        keep_firing=keep_firing,
        part=part,
        low=0.0 if condition.unit is Unit.RATIO else -math.inf,
        high=_highest(condition),
        factors=_unit_factors(condition),
        rare=_counts_trouble(condition),
    )


def _counts_trouble(condition: Condition) -> bool:
    """Whether it counts what should not happen, so that quiet data mean nothing."""
    return bool(_COUNTED.search(condition.measured)) or _is_trouble(condition)


def _is_trouble(condition: Condition) -> bool:
    named = any(_TROUBLE.search(metric) for metric in condition.metrics)
    return named or bool(_TROUBLE.search(condition.measured) or _SERVER_ERRORS.search(condition.measured))


def _highest(condition: Condition) -> float:
    """What the measured side cannot go beyond, as far as unit and names tell; infinite where they do not.

    What is only likely is said only where the threshold lies below it. (A ratio of CPU time to time can be more than 1:
    whether it ever was is for the samples to say.)
    """
    threshold, words = condition.threshold or 0.0, _words(condition)
    if condition.unit is Unit.RATIO or (condition.unit is None and words & _RATIOS):
        return 1.0
    if condition.unit is None and "/" in condition.measured and threshold <= 1.0:
        return 1.0
    percent = bool(words & (_PERCENT | _SHARES)) or bool(re.search(r"\b100\b", condition.measured))
    if percent and threshold <= PER_CENT:
        return 1.0 if threshold <= 1.0 else PER_CENT
    return math.inf


def _unit_factors(condition: Condition) -> tuple[float, ...]:
    """By which factors a threshold may be too large (below one: too small) for being in another usual unit.

    Percent are written for a ratio, a ratio for percent, milliseconds for seconds, mebibytes for bytes; none where the
    names do not tell what is measured.
    """
    match condition.unit:
        case Unit.RATIO:
            return (PER_CENT,)
        case Unit.BYTES:
            return _IN_BYTES
        case Unit.SECONDS | Unit.CORES:
            return (PER_MILLE,)
        case None:
            return _named_factors(condition)
    return ()


def _named_factors(condition: Condition) -> tuple[float, ...]:
    """The same by names alone; what a quotient or a number of observations is in, the names of its parts do not say."""
    words = _words(condition)
    if words & _PERCENT:
        return (1.0 / PER_CENT,)
    if words & _SHARES or "/" in condition.measured:
        return (PER_CENT, 1.0 / PER_CENT)
    if any(metric.endswith("_count") for metric in condition.metrics):
        return ()
    if words & _BYTES:
        return _IN_BYTES
    if words & _MILLISECONDS:
        return (1.0 / PER_MILLE,)
    return (PER_MILLE,) if "seconds" in words else (PER_MILLE, 1.0 / PER_MILLE) if words & _TIMES else ()


def _words(condition: Condition) -> frozenset[str]:
    return frozenset(word.lower() for metric in condition.metrics for word in _WORD.findall(metric))
