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
    NO_LIMIT = 20
    LIMIT_PASSED = 21
    LIMIT_IN_ANOTHER_UNIT = 22
    NO_PEERS = 7
    GROUP_DIVIDED = 8
    NO_RELEASE = 9
    RELEASE_TOO_YOUNG = 10

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
    Lack.NO_PEERS: "fewer than three members of its group have samples to compare with",
    Lack.GROUP_DIVIDED: "half of its group differs from the other half, so nobody can say which one is odd",
    Lack.NO_RELEASE: "there is no release in the window",
    Lack.RELEASE_TOO_YOUNG: "the last release has less than a day of samples after it at hours known from before",
    Lack.NO_LIMIT: "there is no limit that it could reach",
    Lack.LIMIT_PASSED: "most of its values have always been beyond the limit, so that can be no real limit",
    Lack.LIMIT_IN_ANOTHER_UNIT: "the limit and the values differ by the factor between two units",
}
