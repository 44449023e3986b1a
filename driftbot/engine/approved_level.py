"""The level of a measured series as a value that people can approve: its baseline of the last weeks, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from driftbot.core.fact import Fact, Provenance, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.series import Series
from driftbot.core.subject import SubjectId
from driftbot.detectors.lack import Lack
from driftbot.detectors.usual.baseline import baselines
from driftbot.engine.panels import sheets

WINDOW = 28 * 86400.0
"""Seconds of samples that the level is of: four whole weeks, so that one odd week is outvoted."""

DIGITS = 4
"""Significant digits of an approved level: what a person reviews is no measurement to the nanosecond."""


@dataclass(frozen=True, slots=True)
class NoLevel:
    """A series that has no level to approve, and why."""

    subject: SubjectId
    key: str
    reason: str


def level_facts(series: Sequence[Series], unit: Unit, as_of: float) -> Iterator[Fact | NoLevel]:
    """The level (season taken out) of each series of one key over the four weeks to ``as_of`` (Unix seconds)."""
    rows = np.arange(len(series), dtype=np.int64)
    for sheet in sheets(rows, series, as_of - WINDOW, as_of):
        found = baselines(sheet.panel)
        for row, level, lack in zip(sheet.rows.tolist(), found.level.tolist(), found.lack.tolist(), strict=True):
            one = series[row]
            if lack != Lack.NOTHING_LACKS:
                yield NoLevel(one.subject.id, one.key, Lack(lack).sentence)
                continue
            value = Quantity(float(f"{level:.{DIGITS}g}"), unit)
            yield Fact(one.subject, one.key, value, View.OBSERVED, Provenance.DERIVED, one.origin)
