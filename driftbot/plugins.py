"""Finds collectors, actions and notifiers: ours by walking the package, those of others by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Generic, TypeVar

import driftbot.actions
import driftbot.collectors
import driftbot.notifiers
from driftbot.actions.action import Action
from driftbot.collectors.collector import Collector
from driftbot.core.failure import Failure
from driftbot.notifiers.notifier import Notifier

COLLECTOR_GROUP = "driftbot.collectors"
"""Entry point group under which another package offers a module with a ``collector``."""

ACTION_GROUP = "driftbot.actions"
"""Entry point group under which another package offers a module with an ``action``."""

NOTIFIER_GROUP = "driftbot.notifiers"
"""Entry point group under which another package offers a module with a ``notifier``."""

Part = TypeVar("Part")


@cache
def collectors() -> Mapping[str, Collector]:
    """Every collector by kind, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one kind.
    """
    found: dict[str, Collector] = {}
    for collector in _Offer(COLLECTOR_GROUP, driftbot.collectors, "collector", Collector).all():
        if collector.kind in found:
            raise Failure(
                f"two collectors claim the source kind {collector.kind!r}", "Uninstall one of the two packages."
            )
        found[collector.kind] = collector
    return dict(sorted(found.items()))


@cache
def actions() -> Mapping[str, Action]:
    """Every action by name, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one name.
    """
    found: dict[str, Action] = {}
    offer: _Offer[Action] = _Offer(ACTION_GROUP, driftbot.actions, "action", Action)  # type: ignore[type-abstract]
    for action in offer.all():
        if action.name in found:
            raise Failure(f"two actions claim the name {action.name!r}", "Uninstall one of the two packages.")
        found[action.name] = action
    return dict(sorted(found.items()))


@cache
def notifiers() -> Mapping[str, Notifier]:
    """Every notifier by kind of channel, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one kind.
    """
    found: dict[str, Notifier] = {}
    offer: _Offer[Notifier] = _Offer(NOTIFIER_GROUP, driftbot.notifiers, "notifier", Notifier)  # type: ignore[type-abstract]
    for notifier in offer.all():
        if notifier.kind in found:
            raise Failure(
                f"two notifiers claim the channel kind {notifier.kind!r}", "Uninstall one of the two packages."
            )
        found[notifier.kind] = notifier
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class _Offer(Generic[Part]):
    """What a package of driftbot and an entry point group offer under one name in their modules."""

    group: str
    package: ModuleType
    name: str
    kind: type[Part]

    def all(self) -> Iterator[Part]:
        yield from self._built_in()
        for entry in sorted(entry_points(group=self.group), key=lambda entry: entry.name):
            yield self._load(entry)

    def _built_in(self) -> Iterator[Part]:
        for module in pkgutil.iter_modules(self.package.__path__):
            loaded = importlib.import_module(f"{self.package.__name__}.{module.name}")
            part = getattr(loaded, self.name, None)
            if isinstance(part, self.kind):
                yield part

    def _load(self, entry: EntryPoint) -> Part:
        place = f"plugin {entry.name!r} ({entry.value})"
        try:
            loaded = entry.load()
        except Exception as error:  # a plugin is foreign code: whatever it raises is its failure, not ours
            raise Failure(f"{place} cannot be imported: {error}", "Update or uninstall the package.") from error
        part = getattr(loaded, self.name, loaded)
        if not isinstance(part, self.kind):
            raise Failure(
                f"{place} offers no {self.name}", f"It must name a module with {_article(self.name)} `{self.name}`."
            )
        return part


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"
