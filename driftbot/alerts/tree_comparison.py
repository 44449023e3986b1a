"""Two trees of rule files compared: every alert that differs in meaning, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.comparison import changes
from driftbot.alerts.written import PlacedAlert, WrittenAlert
from driftbot.core.alert_identity import pair_alerts
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin

_WORST_FIRST = (Direction.LOOSER, Direction.AMBIGUOUS, Direction.STRICTER)


@dataclass(slots=True)
class AlertTree:
    """The alerts of a tree, its gaps by file, and each file's bytes (None where they could not be read).

    Files are named relative to the tree; only the places to be shown say where the tree stands.
    """

    alerts: list[PlacedAlert] = field(default_factory=list)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that differs: before, after (None: there was or is none) and how, the worst first."""

    before: PlacedAlert | None
    after: PlacedAlert | None
    changes: tuple[Change, ...]

    @property
    def here(self) -> PlacedAlert:
        """The alert as it is now, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def direction(self) -> Direction:
        """Looser if anything of it is, else ambiguous if anything is."""
        return self.changes[0].direction

    @property
    def order(self) -> tuple[int, Origin, str]:
        """The worst first, then by place."""
        return _WORST_FIRST.index(self.direction), self.here.origin, self.here.name


@dataclass(frozen=True, slots=True)
class TreeComparison:
    """What differs between two trees, the worst first; ``unread`` could not be compared.

    ``alerts`` is how many alerts the newer one has, ``alike`` how many unreadable files are alike on both.
    """

    changed: tuple[AlertChange, ...]
    unread: tuple[Gap, ...]
    alerts: int
    alike: int

    def count(self, direction: Direction) -> int:
        """How many alerts changed that way."""
        return sum(one.direction is direction for one in self.changed)


def compare(old: AlertTree, new: AlertTree) -> TreeComparison:
    """Every alert that differs in meaning, followed by identity: moving or renaming one is no change.

    A file that both sides have alike differs in nothing, readable or not. What a file that cannot be read may hide is
    neither gone nor new, and a new alert that is not understood is unread: it may never fire.
    """
    pairs = pair_alerts([one.alert.sighting for one in new.alerts], [one.alert.sighting for one in old.alerts])
    torn = {name for name in {*old.gaps, *new.gaps} if not _alike(name, old, new)}
    found, unread = [], [gap for tree in (old, new) for name in sorted(torn) for gap in tree.gaps.get(name, ())]
    for mine, other in pairs.items():
        before, after = old.alerts[other], new.alerts[mine]
        difference = _difference(before, after)
        if isinstance(difference, Gap):
            unread.append(difference)
        elif difference:
            found.append(AlertChange(before, after, difference))
    found += _gone(old, new, set(pairs.values()))
    born = tuple(_born(old, new, pairs))
    found += [_new(one) for one in born if one.meant is not None]
    unread += [Gap(one.origin, one.alert.why) for one in born if one.meant is None]
    alike = sum(_alike(name, old, new) for name in {*old.gaps, *new.gaps})
    return TreeComparison(
        tuple(sorted(found, key=lambda one: one.order)), tuple(dict.fromkeys(unread)), len(new.alerts), alike
    )


def _alike(name: str, old: AlertTree, new: AlertTree) -> bool:
    return old.files.get(name) is not None and old.files.get(name) == new.files.get(name)


def _difference(before: PlacedAlert, after: PlacedAlert) -> tuple[Change, ...] | Gap:
    if before.alert is after.alert:
        return ()
    was, means = before.meant, after.meant
    if was is None or means is None:
        same = _as_written(before.alert) == _as_written(after.alert)
        return () if same else Gap(after.origin, after.alert.why or f"it was not understood before: {before.alert.why}")
    return _sorted(changes(was, means))


def _as_written(alert: WrittenAlert) -> tuple[object, ...]:
    labels = [label for label in alert.sighting.labels if label[0] not in ("alertname", "group", "file")]
    return alert.written, labels


def _gone(old: AlertTree, new: AlertTree, kept: set[int]) -> Iterator[AlertChange]:
    for number, one in enumerate(old.alerts):
        if number not in kept and one.alert.sighting.locator not in new.gaps:
            yield AlertChange(one, None, (Change(Aspect.ALERT, Direction.LOOSER, one.name, ""),))


def _born(old: AlertTree, new: AlertTree, kept: Mapping[int, int]) -> Iterator[PlacedAlert]:
    for number, one in enumerate(new.alerts):
        if number not in kept and one.alert.sighting.locator not in old.gaps:
            yield one


def _new(alert: PlacedAlert) -> AlertChange:
    return AlertChange(None, alert, (Change(Aspect.ALERT, Direction.STRICTER, "", alert.name),))


def _sorted(found: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(found, key=lambda one: _WORST_FIRST.index(one.direction)))
