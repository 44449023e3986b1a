"""Peers of the change points: what others find in the same series, with the settings their users meet first.

Otava with its defaults; ruptures' BinSeg and PELT (least squares) on z-scores with a penalty of 3 log n, and its
KernelCPD (rbf, its median heuristic) with that penalty and with log n, the best of 1, 1.5, 2 and 3 log n for
it on a seed below 100 of ``steps.py`` at 2 and 3 %; river's ADWIN and Page-Hinkley with their defaults on z-scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from driftbot.core.series import FloatArray

Finder = Callable[[FloatArray], list[int]]
OTAVA = "otava"


def peers() -> dict[str, Finder]:
    """The peers by name.

    Raises:
        ImportError: this is not the environment that ``make peers`` makes.
    """
    import ruptures
    from otava.analysis import compute_change_points
    from river.drift import ADWIN, PageHinkley

    def kernel(share: float) -> Finder:
        def found(values: FloatArray) -> list[int]:
            if np.ptp(values) == 0:
                return []  # Its bandwidth would be zero.
            fitted = ruptures.KernelCPD(kernel="rbf", min_size=2).fit(_scored(values))
            return list(fitted.predict(pen=share * math.log(len(values)))[:-1])

        return found

    def least_squares(algorithm: type) -> Finder:
        return lambda values: list(
            algorithm(model="l2", min_size=2, jump=1).fit(_scored(values)).predict(pen=3 * math.log(len(values)))[:-1]
        )

    def online(detector: type) -> Finder:
        def found(values: FloatArray) -> list[int]:
            watching, places = detector(), []
            for place, value in enumerate(_scored(values).tolist()):
                watching.update(value)
                if watching.drift_detected:
                    places.append(place)
            return places

        return found

    return {
        OTAVA: lambda values: [point.index for point in compute_change_points(values.tolist())[0]],
        "KernelCPD, log n": kernel(1.0),
        "KernelCPD, 3 log n": kernel(3.0),
        "BinSeg": least_squares(ruptures.Binseg),
        "PELT": least_squares(ruptures.Pelt),
        "ADWIN": online(ADWIN),
        "Page-Hinkley": online(PageHinkley),
    }


def _scored(values: FloatArray) -> FloatArray:
    spread = float(values.std())
    scored: FloatArray = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return scored
