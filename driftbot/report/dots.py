"""A canvas of dots in braille patterns: two dots a column, four a row (Unicode 17.0, chapter 21.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray

ACROSS, UP = 2, 4
"""Dots of one character."""
_BLANK = 0x2800
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.int64)
"""The bit of each dot in its character, rows from the top."""


class Canvas:
    """Dots on ``rows`` times ``columns`` characters; places are parts of width and height."""

    def __init__(self, columns: int, rows: int) -> None:
        self._dots = np.zeros((rows * UP, columns * ACROSS), dtype=bool)

    def line(self, across: FloatArray, up: FloatArray) -> None:
        """Draw a line through these places; NaN in ``up`` interrupts it, a lonely place is one dot."""
        rows, columns = self._dots.shape
        x = np.clip(np.rint(across * (columns - 1)), 0, columns - 1)
        y = np.clip(np.rint((1.0 - up) * (rows - 1)), 0, rows - 1)
        known = ~np.isnan(y)
        self._dots[y[known].astype(int), x[known].astype(int)] = True
        for at in np.flatnonzero(known[:-1] & known[1:]):
            self._join((x[at], y[at]), (x[at + 1], y[at + 1]))

    def _join(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        steps = int(max(abs(end[0] - start[0]), abs(end[1] - start[1]))) + 1
        x, y = (np.rint(np.linspace(start[axis], end[axis], steps)).astype(int) for axis in (0, 1))
        self._dots[y, x] = True

    def cells(self) -> NDArray[np.bool_]:
        """Which characters have a dot, row by row from the top."""
        return np.asarray(self._blocks().any(axis=(1, 3)))

    def characters(self) -> list[list[str]]:
        """The braille pattern of every character, row by row from the top."""
        patterns = (self._blocks() * _BITS[None, :, None, :]).sum(axis=(1, 3)) + _BLANK
        return [[chr(pattern) for pattern in row] for row in patterns.tolist()]

    def _blocks(self) -> NDArray[np.bool_]:
        rows, columns = self._dots.shape
        return self._dots.reshape(rows // UP, UP, columns // ACROSS, ACROSS)
