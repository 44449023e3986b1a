"""What the alerts of one server have to see: their sights and those of the recording rules they rest on. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from driftbot.collectors.prometheus_scope import Scoped
from driftbot.promql.expression import NotPromQL, parse
from driftbot.promql.selector_text import selector_text
from driftbot.promql.sight import Look, Sight, looks, sight


@dataclass(frozen=True, slots=True)
class Watched:
    """An alert or a recording rule, and what it has to see."""

    rule: Scoped
    sight: Sight


@dataclass(frozen=True)
class Watching:
    """The alerts (or conditions), and the recording rules by the metric that they record."""

    alerts: tuple[Watched, ...]
    recorders: Mapping[str, tuple[Watched, ...]]

    @classmethod
    def of(cls, alerts: Sequence[Scoped], rules: Sequence[Scoped], key: str = "expression") -> Watching:
        """Alerts, by what they say under ``key``, and rules, as far as the expression could be read."""
        recorders: dict[str, list[Watched]] = defaultdict(list)
        for one in _watched(rules, "expression"):
            recorders[str(one.rule.value("rule.name") or "")].append(one)
        return cls(tuple(_watched(alerts, key)), {name: tuple(found) for name, found in recorders.items()})

    def texts(self) -> dict[str, Look]:
        """Every selector that an alert rests on, directly or through recording rules, as text, each once, sorted."""
        found: dict[str, Look] = {}
        waiting = [one.sight for one in self.alerts]
        entered: set[str] = set()
        while waiting:
            for look in looks(waiting.pop()):
                if look.fixed:
                    continue
                found.setdefault(text_of(look), look)
                metric = look.selector.metric
                if metric not in entered:
                    entered.add(metric)
                    waiting += [one.sight for one in self.recorders.get(metric, ())]
        return dict(sorted(found.items()))


@lru_cache(maxsize=50_000)
def text_of(look: Look) -> str:
    """The selector of a look as PromQL."""
    return selector_text(look.selector)


@lru_cache(maxsize=20_000)
def sight_of(expression: str) -> Sight:
    """What an expression has to see.

    Raises:
        NotPromQL: the parser does not know it.
    """
    return sight(parse(expression))


def _watched(rules: Sequence[Scoped], key: str) -> Iterator[Watched]:
    """Rules with their sights; what cannot be taken apart has no expression among the facts, and a gap there."""
    for one in rules:
        expression = one.value(key)
        if isinstance(expression, str):
            try:
                yield Watched(one, sight_of(expression))
            except NotPromQL:
                continue
