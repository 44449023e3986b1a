"""Faults of limits: numbers that cannot be the limit of what is measured, so that no forecast may be made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.unit_factor import BAND
from driftbot.detectors.lack import Lack, Lacks
from driftbot.detectors.medians import medians

MOST, MOST_EARLY = 0.5, 0.6
"""Shares of runs beyond a limit, in the window and in its first third, that nobody can have meant. Ours: what grows
into a limit within the window, if only it began below, is beyond it in less of the first third."""

FACTORS = np.array([1000.0, 1024.0, 3600.0, 86400.0, 1e6, 1024.0**2, 1e9, 1024.0**3])
"""Factors between usual units that no headroom explains. A minute's job with an hour's deadline is no mistake, so that
60 and 100 are not among them."""


def limit_faults(values: FloatArray, limits: FloatArray, steady: NDArray[np.bool_], *, rising: bool) -> Lacks:
    """What is wrong with each limit; ``values`` (series, days; NaN: missing) are turned so that it lies above.

    ``rising`` is False where they were negated. A limit a thousand times too high is only known to be one for what
    runs and ends: a disk or a sequence (``steady``) starts near empty, and so it is with free space and its floor.
    """
    lack = np.full(len(values), Lack.NOTHING_LACKS, dtype=np.int8)
    beyond = (values > limits[:, None]).astype(np.float64)
    beyond[~np.isfinite(values)] = np.nan
    since = np.nancumsum(np.isfinite(values), axis=1)
    early = since <= np.maximum(since[:, -1:] / 3.0, 1.0)
    lack[(_share(beyond) >= MOST) & (_share(np.where(early, beyond, np.nan)) >= MOST_EARLY)] = Lack.LIMIT_PASSED
    if rising:
        lack[_in_another_unit(values, limits) & ~steady] = Lack.LIMIT_IN_ANOTHER_UNIT
    else:
        lack[(limits > 0) & (values <= 0).any(axis=1) & ~(values > 0).any(axis=1)] = Lack.NO_LIMIT
    lack[~np.isfinite(limits)] = Lack.NO_LIMIT
    return lack


def _share(flags: FloatArray) -> FloatArray:
    counts = np.isfinite(flags).sum(axis=1)
    share: FloatArray = np.nansum(flags, axis=1) / np.maximum(counts, 1)
    return share


def _in_another_unit(values: FloatArray, limits: FloatArray) -> NDArray[np.bool_]:
    """Whether a limit, divided by a factor between units, would lie where limits lie (unit_factor.py)."""
    highest = np.fmax.reduce(values, axis=1, initial=-np.inf)
    usual = medians(values)
    right = (highest > 0) & (usual > 0) & (limits > 0) & np.isfinite(limits)
    with np.errstate(over="ignore"):
        times = np.where(right, limits, 0.0)[:, None] / (np.where(right, highest, 1.0)[:, None] * FACTORS)
    found: NDArray[np.bool_] = ((times >= BAND[0]) & (times <= BAND[1])).any(axis=1)
    return found
