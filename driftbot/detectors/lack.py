"""What a series lacks so that nothing can be said about it: the honest answer instead of a poor one."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Lacks = NDArray[np.int8]
"""One ``Lack`` a series."""


class Lack(IntEnum):
    """Why there is no answer; ``NOTHING_LACKS`` where there is one."""

    NOTHING_LACKS = 0
    NO_SAMPLES = 1
    TOO_SHORT = 2
    TOO_SPARSE = 3
    STALE = 4
    COUNTER = 5
    UNIT_CHANGED = 6

    @property
    def sentence(self) -> str:
        """The reason, for people; empty where nothing lacks."""
        return _SENTENCES[self]


_SENTENCES = {
    Lack.NOTHING_LACKS: "",
    Lack.NO_SAMPLES: "there are no samples in the window",
    Lack.TOO_SHORT: "the samples span less than two weeks",
    Lack.TOO_SPARSE: "there are samples on too few days",
    Lack.STALE: "there are no samples of the last seven days",
    Lack.COUNTER: "it only rises and starts again near zero, as a counter does; its rate has to be measured",
    Lack.UNIT_CHANGED: "its values changed by the factor between two units",
}
