"""Derives how the running Alertmanager differs from its file: routes, receivers and inhibitions, setting by setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate, stated
from driftbot.core.fact import Fact, View, show
from driftbot.core.key import Key, ValueType

LOADED_OTHERWISE = "loaded_otherwise"

_COMPARED: Mapping[str, tuple[str, ...]] = {
    "route": (
        "receiver",
        "matchers",
        "continues",
        "group_by",
        "group_wait",
        "group_interval",
        "repeat_interval",
        "time_intervals",
    ),
    "receiver": ("integrations",),
    "inhibition": ("source", "target", "equal"),
}
_CLUSTER = "cluster"

KEYS = tuple(
    Key(
        kind,
        LOADED_OTHERWISE,
        ValueType.NAMES,
        "how what runs differs from the file, as `setting: file → running`, `not loaded` or `not in the file`; none"
        " where only one of both is a source, and not stated where one could not be read whole",
        None,
        PROVIDERS,
    )
    for kind in sorted(_COMPARED)
)


def routing_loaded(estate: Estate) -> Iterator[Fact]:
    """For every route, receiver and inhibition of an Alertmanager of which file and running configuration are read."""
    views = _views(estate)
    for kind, keys in sorted(_COMPARED.items()):
        for subject_id, facts in estate.of_kind(kind):
            place = subject_id.environment, facts[0].subject.label(_CLUSTER) or ""
            declared, running = (
                [fact for fact in facts if fact.view is view] for view in (View.DECLARED, View.EFFECTIVE)
            )
            if not (declared or running) or not estate.complete(subject_id.environment, kind):
                continue
            if len(views.get(place, ())) < 2:
                known = (*declared, *running)[0]
                yield computed(known.subject, LOADED_OTHERWISE, (), known.origin)
            elif not running:
                yield computed(declared[0].subject, LOADED_OTHERWISE, ("not loaded",), declared[0].origin)
            elif not declared:
                yield computed(running[0].subject, LOADED_OTHERWISE, ("not in the file",), running[0].origin)
            else:
                found = tuple(sorted(_differences(facts, keys)))
                yield computed(declared[0].subject, LOADED_OTHERWISE, found, declared[0].origin)


def _views(estate: Estate) -> dict[tuple[str, str], set[View]]:
    """The views in which each Alertmanager's routes are known, by environment and cluster."""
    found: dict[tuple[str, str], set[View]] = {}
    for subject_id, facts in estate.of_kind("route"):
        place = subject_id.environment, facts[0].subject.label(_CLUSTER) or ""
        found.setdefault(place, set()).update(
            fact.view for fact in facts if fact.view in (View.DECLARED, View.EFFECTIVE)
        )
    return found


def _differences(facts: tuple[Fact, ...], keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        declared, running = (stated(facts, view, key) for view in (View.DECLARED, View.EFFECTIVE))
        before, after = (None if fact is None else fact.value for fact in (declared, running))
        if before != after:
            yield f"{key}: {'none' if before is None else show(before)} → {'none' if after is None else show(after)}"


derivation = Derivation(KEYS, routing_loaded)
