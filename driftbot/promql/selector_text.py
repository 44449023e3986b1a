"""Selectors as PromQL text, with every value escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from driftbot.promql.selector import Match, Matcher, Selector

_PLAIN_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_PLAIN_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def selector_text(selector: Selector) -> str:
    """The selector as PromQL, as its author would write it; names beyond ASCII stand in quotes (Prometheus ≥ 3.0)."""
    plain = _PLAIN_METRIC.fullmatch(selector.metric) is not None
    named = () if plain or not selector.metric else (Matcher("__name__", Match.EQUAL, selector.metric),)
    groups = selector.alternatives or ((),)
    inside = " or ".join(_matchers((*named, *selector.matchers, *group)) for group in groups)
    return (selector.metric if plain else "") + (f"{{{inside}}}" if inside or not plain else "")


def with_only(selector: Selector, matchers: Iterable[Matcher]) -> Selector:
    """The selector with other matchers, and no alternatives."""
    return replace(selector, matchers=tuple(sorted(matchers)), alternatives=())


def matcher_text(matcher: Matcher) -> str:
    """One matcher as PromQL."""
    label = matcher.label if _PLAIN_LABEL.fullmatch(matcher.label) else quoted(matcher.label)
    return f"{label}{matcher.match}{quoted(matcher.value)}"


def quoted(text: str) -> str:
    """A string literal of PromQL, which reads escapes as Go and JSON do."""
    return json.dumps(text, ensure_ascii=False)


def _matchers(matchers: Iterable[Matcher]) -> str:
    return ",".join(matcher_text(matcher) for matcher in matchers)
