"""Finds collectors, actions and notifiers: ours by walking the package, those of others by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
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
    offer = _Offer(COLLECTOR_GROUP, driftbot.collectors, "collector", Collector)
    return offer.by(lambda collector: collector.kind, "source kind")


@cache
def actions() -> Mapping[str, Action]:
    """Every action by name, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one name.
    """
    offer: _Offer[Action] = _Offer(ACTION_GROUP, driftbot.actions, "action", Action)  # type: ignore[type-abstract]
    return offer.by(lambda action: action.name, "name")


@cache
def notifiers() -> Mapping[str, Notifier]:
    """Every notifier by kind of channel, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one kind.
    """
    offer: _Offer[Notifier] = _Offer(NOTIFIER_GROUP, driftbot.notifiers, "notifier", Notifier)  # type: ignore[type-abstract]
    return offer.by(lambda notifier: notifier.kind, "channel kind")


@dataclass(frozen=True, slots=True)
class _Offer(Generic[Part]):
    """What a package of driftbot and an entry point group offer under one name in their modules."""

    group: str
    package: ModuleType
    name: str
    kind: type[Part]

    def by(self, called: Callable[[Part], str], what: str) -> Mapping[str, Part]:
        """All of them by what they are called, sorted; ``what`` says which of their names that is."""
        found: dict[str, Part] = {}
        for part in self._all():
            name = called(part)
            if name in found:
                raise Failure(f"two {self.name}s claim the {what} {name!r}", "Uninstall one of the two packages.")
            found[name] = part
        return dict(sorted(found.items()))

    def _all(self) -> Iterator[Part]:
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
