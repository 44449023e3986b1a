"""An expression put back to what it was, in the author's own words: only the constants that differ are replaced."""

from __future__ import annotations

from dataclasses import replace

from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.expression_constant import replace_threshold
from driftbot.edits.replacement import Replacement
from driftbot.promql.condition import Condition
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import ReadExpression, read_expression

LONGEST = 200
"""Characters of an expression that a refusal shows."""


def restore_expression(text: str, wanted: str) -> Replacement:
    """Replace the thresholds of ``text`` that differ from those of ``wanted`` (canonical form), and nothing else.

    Raises:
        Refused: the two differ in more than thresholds, or a constant cannot be replaced alone.
    """
    today, then = _read(text), _read(wanted)
    if not _alike(today.conditions, then.conditions):
        raise _too_different(wanted)
    restored = text
    for index, (now, before) in enumerate(zip(today.conditions, then.conditions, strict=True)):
        if now.threshold != before.threshold and before.threshold is not None:
            restored = replace_threshold(restored, index, before.threshold).apply(restored)
    if _read(restored).canonical != then.canonical:
        raise _too_different(wanted)
    return _difference(text, restored)


def _read(text: str) -> ReadExpression:
    try:
        return read_expression(text)
    except NotPromQL as error:
        raise Refused(f"the expression cannot be taken apart: {error}", Refusal.UNREADABLE) from None


def _alike(today: tuple[Condition, ...], then: tuple[Condition, ...]) -> bool:
    return tuple(map(_without_threshold, today)) == tuple(map(_without_threshold, then))


def _without_threshold(condition: Condition) -> Condition:
    return condition if condition.threshold is None else replace(condition, threshold=0.0)


def _too_different(wanted: str) -> Refused:
    reason = f"more than thresholds differs; restore by hand what was meant by `{_shortened(wanted)}`"
    return Refused(reason, Refusal.NOT_EDITED)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _difference(old: str, new: str) -> Replacement:
    """The shortest replacement that makes the new text of the old one."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    return Replacement(start, len(old) - tail, new[start : len(new) - tail])
