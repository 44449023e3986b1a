"""The table of directions: whether a change makes an alert page less, later or less loudly, or the opposite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.effect import Effect, Happening
from driftbot.alerts.severity import loudness
from driftbot.alerts.term import seconds

_OPPOSITE = {
    Direction.LOOSER: Direction.STRICTER,
    Direction.STRICTER: Direction.LOOSER,
    Direction.AMBIGUOUS: Direction.AMBIGUOUS,
}


def opposite(direction: Direction) -> Direction:
    """What the change the other way round is."""
    return _OPPOSITE[direction]


def of_effect(effect: Effect) -> tuple[Direction, str]:
    """The direction of what happens to the series that an expression gives, and why it is ambiguous."""
    fires = effect.happenings & {Happening.FEWER, Happening.MORE}
    if effect.because:
        return Direction.AMBIGUOUS, effect.because
    if len(fires) == 2:
        return Direction.AMBIGUOUS, "it can leave out series and bring in others"
    if not fires:
        return Direction.AMBIGUOUS, "it changes the value that is reported, not when it fires"
    return (Direction.LOOSER if Happening.FEWER in fires else Direction.STRICTER), ""


def of_hold(old: float, new: float) -> Iterator[Change]:
    """Another ``for``, in seconds: longer fires later and not at all for what passes sooner."""
    if old != new:
        direction = Direction.LOOSER if new > old else Direction.STRICTER
        yield Change(Aspect.HOLD, direction, seconds(old), seconds(new))


def of_keep_firing(old: float, new: float) -> Iterator[Change]:
    """Another ``keep_firing_for``, in seconds: shorter stops sooner."""
    if old != new:
        direction = Direction.LOOSER if new < old else Direction.STRICTER
        yield Change(Aspect.KEEP_FIRING, direction, seconds(old), seconds(new))


def of_severity(old: str, new: str) -> Iterator[Change]:
    """Another severity: lower by the order of usual names is less loud."""
    if old == new:
        return
    before, after = loudness(old), loudness(new)
    if before is None or after is None:
        because = "not both have a known place among severities" if old and new else "one of them states no severity"
        yield Change(Aspect.SEVERITY, Direction.AMBIGUOUS, old, new, because=because)
    elif before == after:
        because = "both are names of one level, and routes may tell them apart"
        yield Change(Aspect.SEVERITY, Direction.AMBIGUOUS, old, new, because=because)
    else:
        yield Change(Aspect.SEVERITY, Direction.LOOSER if after < before else Direction.STRICTER, old, new)


def of_routing(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    """Other labels (``name=value``): a route can send them anywhere."""
    if set(old) != set(new):
        gone, come = (", ".join(sorted({*ours} - {*theirs})) for ours, theirs in ((old, new), (new, old)))
        because = "labels decide who is told"
        yield Change(Aspect.ROUTING, Direction.AMBIGUOUS, gone, come, because=because)


def settled_within(found: list[Change]) -> list[Change]:
    """Changes of one condition, where those that hang together are ambiguous if they are not of one direction.

    Two selectors of a ratio that lose a matcher, one above and one below the line, say nothing one by one. A threshold
    says nothing about another measure.
    """
    measured = [change for change in found if change.aspect in _OF_MEASURE]
    if len({change.direction for change in measured}) > 1:
        because = "what else of the measured side changed works the other way"
        measured = [_doubted(change, because) for change in measured]
    another = any(change.aspect is Aspect.EXPRESSION and change.direction is Direction.AMBIGUOUS for change in measured)
    compared = [change for change in found if change.aspect not in _OF_MEASURE]
    if another:
        compared = [_doubted(change, "what is measured changed as well") for change in compared]
    return list(chain(measured, compared))


_OF_MEASURE = frozenset({Aspect.SELECTOR, Aspect.WINDOW, Aspect.EXPRESSION})


def _doubted(change: Change, because: str) -> Change:
    if change.direction is Direction.AMBIGUOUS:
        return change
    return Change(change.aspect, Direction.AMBIGUOUS, change.old, change.new, change.where, because)
