"""Demand: the series and the costly facts that the enabled rules ask for; nothing else is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from driftbot.core.fact import Fact

FEWEST_SAMPLES = 12
"""Samples that the shortest window of a key gets at least, unless no rule asks for so fine a step.

Ours: the engine knows a window only if no hole in it is longer than 0.6 of it (``engine.block.LONGEST_HOLE``). At a
twelfth of the window six samples in a row may be missing before that is so, and a quantile still has ranks to choose
from.
"""


@dataclass(frozen=True, slots=True, order=True)
class SeriesNeed:
    """A series key of a kind of subject, the longest window (seconds) asked for, and the step (seconds) for all."""

    kind: str
    key: str
    window: float
    step: float
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class FactNeed:
    """A key of a kind of subject whose facts are read only on demand, and the rules that name it."""

    kind: str
    key: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class MarkerNeed:
    """A kind of subject next to whose series markers are wanted, and how far back (seconds)."""

    kind: str
    window: float
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be measured so that the enabled rules can be judged.

    ``about`` are the facts of the inventory where ``facts`` asks for more about its subjects, else nothing;
    ``mute`` are the sources that tell of the inventory and answer no demand.
    """

    series: tuple[SeriesNeed, ...] = ()
    facts: tuple[FactNeed, ...] = ()
    about: tuple[Fact, ...] = ()
    mute: frozenset[str] = frozenset()
    markers: tuple[MarkerNeed, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.series or self.facts or self.markers)

    @property
    def marked_for(self) -> float:
        """How far back (seconds) markers are asked for, of any subject, as one's speak of others; 0: not at all."""
        return max((need.window for need in self.markers), default=0.0)

    def keys_of(self, kind: str) -> frozenset[str]:
        """The keys of a kind of subject whose facts are asked for."""
        return frozenset(need.key for need in self.facts if need.kind == kind)

    @classmethod
    def of(
        cls,
        series: Iterable[SeriesNeed] = (),
        facts: Iterable[FactNeed] = (),
        about: Iterable[Fact] = (),
        markers: Iterable[MarkerNeed] = (),
    ) -> Demand:
        """One need a key: the longest window, a step for all windows, all rules that ask. Markers likewise, by kind.

        The step is that of the longest window, so that a rule about an hour does not make another's month a matter of
        40,000 samples; finer only as far as the shortest window needs for ``FEWEST_SAMPLES``, and never finer than the
        finest that was asked for.
        """
        wanted: dict[tuple[str, str], list[SeriesNeed]] = {}
        for need in series:
            wanted.setdefault((need.kind, need.key), []).append(need)
        asked: dict[tuple[str, str], set[str]] = {}
        for one in facts:
            asked.setdefault((one.kind, one.key), set()).update(one.rules)
        costly = tuple(FactNeed(*place, tuple(sorted(rules))) for place, rules in sorted(asked.items()))
        return cls(
            tuple(sorted(map(_together, wanted.values()))),
            costly,
            tuple(about) if costly else (),
            markers=_marked(markers),
        )


def _marked(needs: Iterable[MarkerNeed]) -> tuple[MarkerNeed, ...]:
    """One need a kind: the longest window and all rules that ask."""
    wanted: dict[str, list[MarkerNeed]] = {}
    for need in needs:
        wanted.setdefault(need.kind, []).append(need)
    return tuple(
        MarkerNeed(
            kind, max(need.window for need in alike), tuple(sorted({rule for need in alike for rule in need.rules}))
        )
        for kind, alike in sorted(wanted.items())
    )


def _together(needs: Sequence[SeriesNeed]) -> SeriesNeed:
    """One need of a key for all of them."""
    longest = max(needs, key=lambda need: (need.window, -need.step))
    enough = min(need.window for need in needs) / FEWEST_SAMPLES
    finest = min(need.step for need in needs)
    rules = tuple(sorted({rule for need in needs for rule in need.rules}))
    return replace(longest, step=max(finest, min(longest.step, enough)), rules=rules)
