"""Finds collectors: those of the package by walking it, those of other packages by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

import driftbot.collectors
from driftbot.collectors.collector import Collector
from driftbot.core.failure import Failure

COLLECTOR_GROUP = "driftbot.collectors"
"""Entry point group under which another package offers a module with a ``collector``."""


@cache
def collectors() -> Mapping[str, Collector]:
    """Every collector by kind, sorted.

    Raises:
        Failure: a plugin cannot be imported, or two plugins claim one kind.
    """
    found: dict[str, Collector] = {}
    for collector in (*_built_in(), *_offered_by_others()):
        if collector.kind in found:
            raise Failure(
                f"two collectors claim the source kind {collector.kind!r}", "Uninstall one of the two packages."
            )
        found[collector.kind] = collector
    return dict(sorted(found.items()))


def _built_in() -> Iterator[Collector]:
    for module in pkgutil.iter_modules(driftbot.collectors.__path__):
        loaded = importlib.import_module(f"{driftbot.collectors.__name__}.{module.name}")
        collector = getattr(loaded, "collector", None)
        if isinstance(collector, Collector):
            yield collector


def _offered_by_others() -> Iterator[Collector]:
    for entry in sorted(entry_points(group=COLLECTOR_GROUP), key=lambda entry: entry.name):
        yield _load(entry)


def _load(entry: EntryPoint) -> Collector:
    place = f"plugin {entry.name!r} ({entry.value})"
    try:
        loaded = entry.load()
    except Exception as error:  # a plugin is foreign code: whatever it raises is its failure, not ours
        raise Failure(f"{place} cannot be imported: {error}", "Update or uninstall the package.") from error
    collector = getattr(loaded, "collector", loaded)
    if not isinstance(collector, Collector):
        raise Failure(f"{place} offers no collector", "It must name a module with a `collector`.")
    return collector
