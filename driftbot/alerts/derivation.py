"""What a derivation is: keys, and the function that states them from what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from driftbot.alerts.estate import Estate
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.key import Key
from driftbot.core.subject import Subject

PROVIDERS = ("alerts",)
"""Who delivers derived keys."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Keys that belong together. ``derive`` is pure, states facts by ``computed`` and leaves out what is not known."""

    keys: tuple[Key, ...]
    derive: Callable[[Estate], Iterable[Fact]]


def computed(subject: Subject, key: str, value: Value, origin: Origin) -> Fact:
    """A derived fact; ``origin`` is the place of the fact that it says most about."""
    return Fact(subject, key, value, View.OBSERVED, Provenance.DERIVED, origin)
