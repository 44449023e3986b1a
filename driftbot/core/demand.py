"""Demand: the series and the history that the enabled rules ask for; nothing else is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class SeriesNeed:
    """A series key of a kind of subject, the longest window (seconds) and the finest step (seconds) asked for."""

    kind: str
    key: str
    window: float
    step: float
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class HistoryNeed:
    """The changes of a key over a window (seconds)."""

    kind: str
    key: str
    window: float
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be measured so that the enabled rules can be judged."""

    series: tuple[SeriesNeed, ...] = ()
    history: tuple[HistoryNeed, ...] = ()

    @classmethod
    def of(cls, series: Iterable[SeriesNeed] = (), history: Iterable[HistoryNeed] = ()) -> Demand:
        """One need a key: the longest window, the finest step, all rules that ask."""
        merged: dict[tuple[str, str], SeriesNeed] = {}
        for need in series:
            known = merged.get((need.kind, need.key), need)
            merged[need.kind, need.key] = SeriesNeed(
                need.kind,
                need.key,
                max(known.window, need.window),
                min(known.step, need.step),
                tuple(sorted({*known.rules, *need.rules})),
            )
        past: dict[tuple[str, str], HistoryNeed] = {}
        for wish in history:
            before = past.get((wish.kind, wish.key), wish)
            rules = tuple(sorted({*before.rules, *wish.rules}))
            past[wish.kind, wish.key] = HistoryNeed(wish.kind, wish.key, max(before.window, wish.window), rules)
        return cls(tuple(sorted(merged.values())), tuple(sorted(past.values())))
