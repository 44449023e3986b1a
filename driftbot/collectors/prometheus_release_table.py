"""The table of what ran in which version: short runs over a long grid, so that only what is there is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from driftbot.collectors.prometheus_grid import Table
from driftbot.collectors.prometheus_matrix import Matrix
from driftbot.core.fact import Origin
from driftbot.core.series import Series
from driftbot.core.subject import Subject
from driftbot.signals.release import APART
from driftbot.signals.signal import SOURCE_LABEL

Points = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Points of the grid, and how many ran there."""


@dataclass(slots=True)
class RunningTable(Table):
    """Counts of what ran, sparse: versions come and go, and a dense row each would weigh a hundred times as much."""

    counts: dict[Subject, list[Points]] = field(default_factory=dict)

    def take(self, matrix: Matrix, points: range) -> None:
        """Enter an answer to the question for these points of the grid."""
        for one in matrix.series:
            subject = self.signal.subject_of({SOURCE_LABEL: self.source, **one.labels}, self.environment)
            if subject is None:
                self.nameless.add(", ".join(f"{name}={value}" for name, value in sorted(one.labels.items())))
                continue
            index = np.rint((one.times - self.grid.start) / self.grid.step)
            fits = (index >= points.start) & (index < points.stop) & (one.values > 0)
            entered = index[fits].astype(np.int32), one.values[fits].astype(np.float32)
            self.counts.setdefault(subject, []).append(entered)

    def series(self, origin: Origin) -> Iterator[Series]:
        """What ran, a series each version, sorted; several series of one version are summed."""
        for subject in sorted(self.counts):
            parts = self.counts.pop(subject)
            index, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
            if not len(index):
                continue
            running = np.concatenate([part[1] for part in parts])
            values = np.bincount(place, running, len(index)).astype(np.float64)
            times = self.grid.start + index.astype(np.float64) * self.grid.step
            yield Series(subject, self.signal.key, times, values, origin)

    def notes(self) -> Iterator[str]:
        """What a person should know about the answers."""
        if self.nameless:
            example = min(self.nameless) or "no labels at all"
            named = " or ".join(filter(None, self.signal.subject.split(APART)))
            yield f"{len(self.nameless)} series carry no {named} and were left out, e.g. {example}"
