"""Two trees of rule files compared: every alert that differs in meaning, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from driftbot.alerts.change import Aspect, Change, Direction
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.collectors.collector import placed
from driftbot.collectors.written_alert import WrittenAlert, read_rules, written_alert
from driftbot.core.alert_identity import pair_alerts
from driftbot.core.body import Body
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin

SOURCE = "alerts"
_WORST_FIRST = (Direction.LOOSER, Direction.AMBIGUOUS, Direction.STRICTER)


@dataclass(frozen=True, slots=True)
class PlacedAlert:
    """An alert of a tree, and where it stands as a person finds it."""

    alert: WrittenAlert
    origin: Origin

    @property
    def name(self) -> str:
        """What it is called."""
        return self.alert.sighting.alertname

    @property
    def meant(self) -> AlertDefinition | None:
        """What it says; None where that is not understood."""
        told = self.alert.version
        if told is None:
            return None
        return definition(self.name, told.expression, told.hold, told.keep_firing, told.severity, told.routing)


@dataclass(slots=True)
class AlertTree:
    """The alerts of a tree, its gaps by file, and each file's bytes (None where they could not be read).

    Files are named relative to the tree; only the places to be shown begin with ``root``.
    """

    root: str = "."

    alerts: list[PlacedAlert] = field(default_factory=list)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)

    def take(self, body: Body) -> None:
        """Read one file; what is no rule file is passed over."""
        self.files[body.locator] = None if body.problem else body.content
        if body.problem:
            self.gaps[body.locator] = [Gap(self._shown(Origin(SOURCE, body.locator)), body.problem)]
            return
        rules = read_rules(body, SOURCE)
        if rules.gaps:
            self.gaps[body.locator] = [Gap(self._shown(gap.origin), gap.reason) for gap in rules.gaps]
        for rule in rules.rules:
            if not rule.recording:
                alert = written_alert(rule, SOURCE, body.locator)
                self.alerts.append(PlacedAlert(alert, self._shown(rule.name.origin)))

    def _shown(self, origin: Origin) -> Origin:
        return replace(origin, locator=placed(Body(origin.locator), self.root).locator)


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


def read_alerts(bodies: Iterable[Body], root: str) -> AlertTree:
    """The alerts of all files, which stand below ``root``."""
    tree = AlertTree(root)
    for body in bodies:
        tree.take(body)
    return tree


def compare(old: AlertTree, new: AlertTree) -> TreeComparison:
    """Every alert that differs in meaning, followed by identity: moving or renaming one is no change.

    A file that both sides have alike differs in nothing, readable or not. What a file that cannot be read may hide is
    neither gone nor new.
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
    found += _born(old, new, pairs)
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


def _born(old: AlertTree, new: AlertTree, kept: Mapping[int, int]) -> Iterator[AlertChange]:
    for number, one in enumerate(new.alerts):
        if number not in kept and one.alert.sighting.locator not in old.gaps:
            yield AlertChange(None, one, (Change(Aspect.ALERT, Direction.STRICTER, "", one.name),))


def _sorted(found: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(found, key=lambda one: _WORST_FIRST.index(one.direction)))
