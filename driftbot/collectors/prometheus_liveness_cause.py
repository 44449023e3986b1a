"""The cause of a death: which part of a selector nothing matches any more. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from driftbot.promql.selector import Matcher, Selector
from driftbot.promql.selector_text import matcher_text, selector_text, with_only


class Culprit(StrEnum):
    """What of a selector has gone.

    ``metric``: the metric. ``matcher``: the metric is there, nothing of it has that label value. ``alone``: without
    that one matcher there would be something. ``together``: only all matchers together leave nothing.
    """

    METRIC = "metric"
    MATCHER = "matcher"
    ALONE = "alone"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Cause:
    """The culprit, and the matcher where it is one."""

    culprit: Culprit
    matcher: Matcher | None = None

    def told(self, selector: Selector) -> str:
        """In words."""
        matcher = matcher_text(self.matcher) if self.matcher else ""
        match self.culprit:
            case Culprit.METRIC:
                return "the metric is gone"
            case Culprit.MATCHER:
                return f"no {selector.metric or 'series'} has {matcher} any more"
            case Culprit.ALONE:
                return f"what the other matchers choose has no {matcher} any more"
        return "no series has all of its labels together any more"


def trials(selector: Selector) -> Iterator[Selector]:
    """The smaller selectors whose presence tells the cause: the bare metric, each matcher alone, each left out."""
    if selector.metric:
        yield with_only(selector, ())
    if not selector.alternatives and len(selector.matchers) > 1:
        for matcher in selector.matchers:
            yield with_only(selector, (matcher,))
            yield others(selector, matcher)


def others(selector: Selector, matcher: Matcher) -> Selector:
    """The selector without one matcher."""
    return with_only(selector, (one for one in selector.matchers if one != matcher))


def cause(selector: Selector, there: Callable[[str], bool | None]) -> Cause | None:
    """The cause, given whether anything matches the text of a smaller selector (None: not known); None: not known."""
    if selector.metric:
        bare = there(selector_text(with_only(selector, ())))
        if bare is not True:
            return Cause(Culprit.METRIC) if bare is False else None
    if selector.alternatives:
        return Cause(Culprit.TOGETHER)
    if len(selector.matchers) == 1:
        return Cause(Culprit.MATCHER, selector.matchers[0])
    alone = [there(selector_text(with_only(selector, (matcher,)))) for matcher in selector.matchers]
    if False in alone:
        return Cause(Culprit.MATCHER, selector.matchers[alone.index(False)])
    without = [there(selector_text(others(selector, matcher))) for matcher in selector.matchers]
    if None in alone or None in without:
        return None
    if without.count(True) == 1:
        return Cause(Culprit.ALONE, selector.matchers[without.index(True)])
    return Cause(Culprit.TOGETHER)
