"""Charted series: what detectors saw of the subjects that get a chart, laid out and judged together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from driftbot.engine.column import Rows
from driftbot.engine.panels import Sheet, sheets

if TYPE_CHECKING:
    from driftbot.detectors.usual.baseline import Baselines
    from driftbot.engine.table import Table

MOST_CHARTED = 200
"""Findings of one rule that get charts; whoever has more looks at the rule first."""


@dataclass(frozen=True, slots=True, eq=False)
class Charted:
    """One series over the window of a chart, as a panel of one row, and what is usual for it."""

    sheet: Sheet
    usual: Baselines


class ChartedSeries:
    """The series of the first ``MOST_CHARTED`` of these rows; each key and window is laid out when first asked for."""

    def __init__(self, table: Table, rows: Rows) -> None:
        self._table = table
        self._rows = rows[:MOST_CHARTED]
        self._found: dict[tuple[str, float], dict[int, Charted]] = {}

    def of(self, key: str, window: float, row: int) -> Charted:
        """The series of a key of one of the rows, which has to have one, over a window (seconds)."""
        place = key, window
        if place not in self._found:
            self._found[place] = dict(self._laid_out(key, window))
        return self._found[place][row]

    def _laid_out(self, key: str, window: float) -> Iterator[tuple[int, Charted]]:
        from driftbot.detectors.usual.baseline import Baselines, baselines

        rows, series = self._table.detections.series_of(key)
        chosen = np.flatnonzero(np.isin(rows, self._rows))
        end = self._table.as_of
        for sheet in sheets(rows[chosen], [series[at] for at in chosen.tolist()], end - window, end):
            usual = baselines(sheet.panel)
            for line, row in enumerate(sheet.rows.tolist()):
                part = slice(line, line + 1)
                own = Baselines(*(getattr(usual, field.name)[part] for field in fields(usual)))
                panel = replace(sheet.panel, values=sheet.panel.values[part])
                yield row, Charted(Sheet(sheet.rows[part], panel), own)
