"""Alerts as files write them: what makes them recognisable, what they ask, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.alerts.definition import AlertDefinition, of_version
from driftbot.core.fact import Origin
from driftbot.core.past import Version
from driftbot.core.sighting import Sighting


@dataclass(frozen=True, slots=True)
class WrittenAlert:
    """An alert of one content of a file.

    ``version`` is None where it is not understood, and ``why`` says so; ``written`` are its expression and durations as
    they stand there. Equal alerts of one file are one object.
    """

    sighting: Sighting
    version: Version | None
    why: str = ""
    written: tuple[str, str, str] = ("", "", "")


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
        return None if self.alert.version is None else of_version(self.name, self.alert.version)
