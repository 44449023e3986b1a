"""Differences: where two terms differ, found by going through both at once, each with its effect on the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from driftbot.alerts.change import Aspect
from driftbot.alerts.effect import FEWER, HIGHER, LONGER, LOWER, MORE, NONE, SHORTER, Effect, lifted, unsure
from driftbot.alerts.label_matcher import NotAMatcher
from driftbot.alerts.label_space import no_alert_can
from driftbot.alerts.meaning import unscaled
from driftbot.alerts.term import (
    COMMUTATIVE,
    Aggregated,
    Called,
    Number,
    Operation,
    Repeated,
    Said,
    Selected,
    Term,
    parts,
    seconds,
    skeleton,
    spelled,
)
from driftbot.core.quantity import format_number
from driftbot.promql.comparison import TURNED, Comparison, Limit
from driftbot.promql.selector import Matcher
from driftbot.promql.selector_text import matcher_text

ANOTHER = "what is measured is something else"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two terms differ; ``where`` is the measured side of the comparison it belongs to, if known."""

    aspect: Aspect
    old: str
    new: str
    effect: Effect
    where: str = ""


def differences(old: Term, new: Term) -> tuple[Difference, ...]:
    """Every difference in meaning, in the order of the text; none where both mean the same."""
    if old == new:
        return ()
    if isinstance(old, Operation) and isinstance(new, Operation):
        return tuple(_of_operations(old, new))
    match old, new:
        case Number(), Number():
            return (_of_numbers(old, new),)
        case Selected(), Selected() if old.metric == new.metric:
            return tuple(_of_selectors(old, new))
        case Called(), Called() if old.function == new.function and len(old.arguments) == len(new.arguments):
            return tuple(_inside(old, new))
        case Aggregated(), Aggregated() if old.operator == new.operator and len(parts(old)) == len(parts(new)):
            return (*_named(old.grouping, new.grouping, "it groups by other labels"), *_inside(old, new))
        case Repeated(), Repeated() if old.moment == new.moment:
            return (*_of_windows(old, new), *_inside(old, new))
    return _of_filters(old, new) or (_replaced(old, new),)


def _inside(old: Term, new: Term) -> Iterator[Difference]:
    """What differs in the parts, with its effect on the whole; proved for the old and for the new surroundings."""
    for position, (ours, theirs) in enumerate(zip(parts(old), parts(new), strict=True)):
        for found in differences(ours, theirs):
            yield replace(found, effect=lifted(found.effect, old, position) | lifted(found.effect, new, position))


def _replaced(old: Term, new: Term) -> Difference:
    return Difference(Aspect.EXPRESSION, spelled(old), spelled(new), unsure(ANOTHER))


def _named(old: str, new: str, because: str) -> tuple[Difference, ...]:
    return () if old == new else (Difference(Aspect.EXPRESSION, old, new, unsure(because)),)


def _of_numbers(old: Number, new: Number) -> Difference:
    effect = HIGHER if new.value > old.value else LOWER if new.value < old.value else unsure("it is no number")
    return Difference(Aspect.EXPRESSION, format_number(old.value), format_number(new.value), effect)


def _of_windows(old: Repeated, new: Repeated) -> Iterator[Difference]:
    if old.window != new.window:
        yield _window(old.window, new.window)
    if old.step != new.step:
        steps = [f"step {step or 'of the server'}" for step in (old.step, new.step)]
        yield Difference(Aspect.WINDOW, steps[0], steps[1], unsure("other steps see other values"))


def _window(old: float, new: float) -> Difference:
    return Difference(Aspect.WINDOW, seconds(old), seconds(new), LONGER if new > old else SHORTER)


def _of_selectors(old: Selected, new: Selected) -> Iterator[Difference]:
    if bool(old.window) is not bool(new.window):
        yield _replaced(old, new)
        return
    if old.window != new.window:
        yield _window(old.window, new.window)
    yield from _named(old.moment, new.moment, "it looks at another time")
    effect = _of_choice(old, new)
    if effect is not None:
        gone = [matcher_text(one) for one in old.matchers if one not in new.matchers]
        come = [matcher_text(one) for one in new.matchers if one not in old.matchers]
        if old.alternatives != new.alternatives:
            gone, come = [spelled(old)], [spelled(new)]
        yield Difference(Aspect.SELECTOR, ", ".join(gone), ", ".join(come), effect)


def _of_choice(old: Selected, new: Selected) -> Effect | None:
    """What other matchers do to the series; None where both choose the same."""
    if (old.matchers, old.alternatives) == (new.matchers, new.alternatives):
        return None
    if old.alternatives or new.alternatives:
        return unsure("alternatives choose other series")
    narrower, wider = _within(new.matchers, old.matchers), _within(old.matchers, new.matchers)
    if narrower and wider:
        return None
    if any(one.label == "le" for one in {*old.matchers} ^ {*new.matchers}):
        return unsure("other buckets of a histogram are read")
    if narrower or wider:
        return FEWER if narrower else MORE
    return unsure("other series are chosen, neither all of the old ones nor only these")


def _within(inner: tuple[Matcher, ...], outer: tuple[Matcher, ...]) -> bool:
    """Whether it is proved that all that the inner matchers choose is chosen by the outer ones."""
    try:
        return not outer or no_alert_can(inner, (outer,))
    except NotAMatcher:
        return False


def _of_operations(old: Operation, new: Operation) -> Iterator[Difference]:
    old, new = _facing(old, new)
    if old.compares and new.compares and old.returns_bool is new.returns_bool:
        yield from _of_comparisons(old, new)
    elif (old.operator, old.returns_bool) != (new.operator, new.returns_bool):
        yield from _of_filters(old, new) or (_replaced(old, new),)
    else:
        yield from _named(old.matching, new.matching, "its sides are matched by other labels")
        yield from _inside(old, new)


def _facing(old: Operation, new: Operation) -> tuple[Operation, Operation]:
    """Both with the sides that belong together on the same side, where their order does not matter."""
    turns = new.operator in COMMUTATIVE or new.operator in TURNED
    settled = new.compares and (isinstance(new.right, Number) or isinstance(old.right, Number))
    if not turns or settled:
        return old, new
    straight = (skeleton(old.left) == skeleton(new.left)) + (skeleton(old.right) == skeleton(new.right))
    crossed = (skeleton(old.left) == skeleton(new.right)) + (skeleton(old.right) == skeleton(new.left))
    straight += 2 * ((old.left == new.left) + (old.right == new.right))
    crossed += 2 * ((old.left == new.right) + (old.right == new.left))
    return (old, _turned(new)) if crossed > straight else (old, new)


def _turned(operation: Operation) -> Operation:
    swap = {"group_left": "group_right", "group_right": "group_left"}
    matching = " ".join(swap.get(word, word) for word in operation.matching.split(" "))
    operator = TURNED.get(operation.operator, operation.operator)
    return replace(operation, operator=operator, left=operation.right, right=operation.left, matching=matching)


def _of_comparisons(old: Operation, new: Operation) -> Iterator[Difference]:
    where = new.said.measured if new.said else spelled(new.left)
    yield from _named(old.matching, new.matching, "its sides are matched by other labels")
    if old.said and new.said and not _alike(old, new) and skeleton(old.left) != skeleton(new.left):
        yield from _of_authors(old.said, new.said)
        return
    effect = _as_value(_of_limits(old, new), new)
    if old.operator != new.operator:
        told = _operator(old, new), _operator(new, old)
        yield Difference(Aspect.COMPARISON, *told, effect, where)
    if old.limit and new.limit:
        if old.right != new.right:
            yield Difference(Aspect.THRESHOLD, _limit(old, new), _limit(new, old), effect, where)
        yield from _inside(old, replace(new, right=old.right))
    elif _by_factors(old, new):
        if any(unscaled(ours) != unscaled(theirs) for ours, theirs in zip(parts(old), parts(new), strict=True)):
            yield replace(_of_factors(old, new), where=where)
    else:
        yield from _inside(old, new)


def _of_limits(old: Operation, new: Operation) -> Effect:
    """What operator and number do together; between two that are measured, the operator alone."""
    before, after = (Limit(Comparison(one.operator), 0.0) for one in (old, new))
    if old.limit and new.limit:
        before, after = old.limit, new.limit
    if before.within(after):
        return MORE
    if after.within(before):
        return FEWER
    return unsure("it holds for other values")


def _as_value(effect: Effect, comparison: Operation) -> Effect:
    """With ``bool`` a comparison that holds less often is 0 more often, and drops nothing."""
    if not comparison.returns_bool:
        return effect
    return {FEWER: LOWER, MORE: HIGHER}.get(effect, effect)


def _of_authors(old: Said, new: Said) -> Iterator[Difference]:
    """What two authors wrote who measure different things in different units: their numbers are only numbers."""
    for aspect, before, after in (
        (Aspect.EXPRESSION, old.measured, new.measured),
        (Aspect.COMPARISON, old.operator, new.operator),
        (Aspect.THRESHOLD, old.threshold, new.threshold),
    ):
        if before != after:
            yield Difference(aspect, before, after, unsure(ANOTHER), new.measured)


def _by_factors(old: Operation, new: Operation) -> bool:
    """Whether two metrics are compared, and only constant factors and summands differ."""
    return old != new and all(
        unscaled(ours)[0] == unscaled(theirs)[0] for ours, theirs in zip(parts(old), parts(new), strict=True)
    )


def _of_factors(old: Operation, new: Operation) -> Difference:
    effect = NONE
    for found in _inside(_with_factors(old), _with_factors(new)):
        effect |= found.effect
    right = old.right != new.right
    said = [spelled(one.right if right else one.left) for one in (old, new)]
    return Difference(Aspect.THRESHOLD, said[0], said[1], effect)


def _with_factors(operation: Operation) -> Operation:
    """Both sides with a factor and a summand, so that one that is not written meets one that is."""
    written = []
    for side in parts(operation):
        measured, scale, shift = unscaled(side)
        written.append(Operation("+", Number(shift), Operation("*", Number(scale), measured)))
    return replace(operation, left=written[0], right=written[1])


def _alike(one: Operation, other: Operation) -> bool:
    """Whether both authors wrote the measured side with the same factors, so that their own words can be compared."""
    if one.said is None or other.said is None:
        return False
    return (one.said.scale, one.said.shift) == (other.said.scale, other.said.shift)


def _operator(one: Operation, other: Operation) -> str:
    return one.said.operator if one.said and _alike(one, other) else one.operator


def _limit(one: Operation, other: Operation) -> str:
    return one.said.threshold if one.said and _alike(one, other) else spelled(one.right)


def _of_filters(old: Term, new: Term) -> tuple[Difference, ...]:
    """A comparison put around what was there already, or taken away."""
    for inner, outer, effect in ((old, new, FEWER), (new, old, MORE)):
        if isinstance(outer, Operation) and outer.compares and outer.left == inner and outer.said:
            told = f"{outer.said.operator} {outer.said.threshold}"
            found = ("present", told) if inner is old else (told, "present")
            unfiltered = outer.returns_bool or (outer.said.scale, outer.said.shift) != (1.0, 0.0)
            known = unsure(ANOTHER) if unfiltered else effect
            return (Difference(Aspect.COMPARISON, *found, known, outer.said.measured),)
    return ()
