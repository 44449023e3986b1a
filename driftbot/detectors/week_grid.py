"""The week grid: how the columns of a panel lie in days and weeks (UTC), without copying more than once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.panel import Panel

HOUR, DAY = 3600.0, 86400.0
HOURS_A_DAY, DAYS_A_WEEK, HOURS_A_WEEK = 24, 7, 168
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class WeekGrid:
    """Columns as ``days`` × ``per_day`` slots; the panel's first column is the ``lead``-th slot of the first day."""

    per_day: int
    lead: int
    columns: int
    first_day: int
    """Days since 1970-01-01."""

    @classmethod
    def of(cls, panel: Panel) -> WeekGrid:
        """The grid of a panel.

        Raises:
            ValueError: the step is not a whole number of hours that divides a day.
        """
        hours = round(panel.step / HOUR)
        if hours < 1 or HOURS_A_DAY % hours or abs(hours * HOUR - panel.step) > 1e-6:
            raise ValueError(f"a panel's step of {panel.step:g} s does not divide a day into hours; give 3600 or 86400")
        day, rest = divmod(panel.start, DAY)
        return cls(HOURS_A_DAY // hours, int(rest // panel.step), int(panel.values.shape[1]), int(day))

    @property
    def days(self) -> int:
        """How many days the columns touch."""
        return -(-(self.lead + self.columns) // self.per_day)

    @cached_property
    def weekdays(self) -> Indices:
        """The weekday of each day; Monday is 0."""
        return (np.arange(self.days) + self.first_day + _EPOCH_WEEKDAY) % DAYS_A_WEEK

    @cached_property
    def slots(self) -> Indices:
        """For each column its slot of the week (0 to 7 × ``per_day``)."""
        places = np.arange(self.columns) + self.lead
        return self.weekdays[places // self.per_day] * self.per_day + places % self.per_day

    def laid(self, values: FloatArray) -> FloatArray:
        """(series, columns) as (series, days, slots of the day), NaN before the first column and after the last."""
        if not self.lead and self.days * self.per_day == self.columns:
            return values.reshape(len(values), self.days, self.per_day)
        out = np.full((len(values), self.days * self.per_day), np.nan)
        out[:, self.lead : self.lead + self.columns] = values
        return out.reshape(len(values), self.days, self.per_day)
