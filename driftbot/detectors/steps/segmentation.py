"""Segmentation: the best division of a series into pieces that are constant or lie on a straight line, found exactly.

The division minimises the squared deviations of the whitened points, in units of the noise, plus a price for each
change and a further one for each slope: the optimal partitioning of Jackson et al. (IEEE Signal Process. Lett. 12
(2005), 105-108), for all rows at once. That a piece may be a line is what keeps a ramp from being told as a staircase.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.steps.step import Flags, Places
from driftbot.detectors.steps.whitening import Whitened

LEAST_POINTS = 6
"""Points of the shortest constant piece: fewer are a burst, which the filter took away. Ours."""

LEAST_LINE = 12
"""Points of the shortest piece with a slope. Ours."""

SLOPE_PRICE = 14.0
"""What a slope costs, in units of the noise: less than a change, which has a place besides a height. Ours."""

_CHUNK = 128
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a series: the columns from ``first`` up to before ``last``, and the line fitted to it.

    ``level`` is the line's height at its ``middle`` (column), ``slope`` its rise a column; the variances are theirs,
    and ``left_over`` is the sum of squares that it leaves. All are in units of the noise.
    """

    first: int
    last: int
    middle: float
    level: float
    slope: float
    level_variance: float
    slope_variance: float
    left_over: float

    @property
    def sloped(self) -> bool:
        """Whether it is a line rather than a constant."""
        return self.slope_variance > 0

    def at(self, column: float) -> float:
        """The height of the line."""
        return self.level + self.slope * (column - self.middle)

    def scaled(self, by: float) -> Piece:
        """The same piece in another unit of the noise."""
        return Piece(
            self.first,
            self.last,
            self.middle,
            by * self.level,
            by * self.slope,
            by**2 * self.level_variance,
            by**2 * self.slope_variance,
            by**2 * self.left_over,
        )

    def variance_at(self, column: float) -> float:
        """The variance of that height."""
        return self.level_variance + self.slope_variance * (column - self.middle) ** 2


def partition(points: Whitened, price: float, cuts: Places | None = None) -> list[list[Piece]]:
    """For each row its pieces in order, none where there are too few points; ``price`` is what a change costs.

    Pieces begin at any column, or at those of ``cuts`` (rows, places; sorted, above zero) only: the work falls with the
    square of their number.
    """
    found: list[list[Piece]] = []
    for first in range(0, len(points.y), _CHUNK):
        rows = slice(first, first + _CHUNK)
        sums = _Sums.of(points.rows(rows))
        ends = _ends(sums, None if cuts is None else cuts[rows])
        found.extend(_traced(sums, ends, *_best(sums if cuts is None else sums.at(ends), price)))
    return found


def _ends(sums: _Sums, cuts: Places | None) -> Places:
    rows, columns = len(sums.points), sums.points.shape[1] - 1
    if cuts is None:
        return np.broadcast_to(np.arange(columns + 1), (rows, columns + 1))
    return np.concatenate((np.zeros((rows, 1), np.int64), cuts, np.full((rows, 1), columns)), axis=1)


def fitted(pieces: list[Piece], columns: int) -> FloatArray:
    """The height of the lines at each column; zero where there is no piece."""
    out = np.zeros(columns)
    for piece in pieces:
        out[piece.first : piece.last] = piece.level + piece.slope * (np.arange(piece.first, piece.last) - piece.middle)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Running sums of products, from which any piece's fit follows: level × level, level × time, time × time,
    level × y, time × y, y × y. ``points`` is (rows, columns + 1), the other two are (6, rows, places)."""

    points: FloatArray
    running: FloatArray
    opening: FloatArray
    """What to add to the running sums at a piece's end: its first point alone, less all sums up to and with it."""

    @classmethod
    def of(cls, points: Whitened) -> _Sums:
        running = _running(_products(points.y, points.level, points.time))
        return cls(_running(points.there), running, _products(*points.alone) - running[..., 1:])

    def at(self, ends: Places) -> _Sums:
        """The sums for pieces that begin and end at these columns (rows, places) only."""
        return _Sums(
            np.take_along_axis(self.points, ends, axis=1),
            np.take_along_axis(self.running, ends[None], axis=2),
            np.take_along_axis(self.opening, ends[None, :, :-1], axis=2),
        )

    def of_piece(self, row: int, first: int, last: int) -> list[float]:
        """The six sums of one piece."""
        sums: list[float] = (self.running[:, row, last] + self.opening[:, row, first]).tolist()
        return sums


def _products(y: FloatArray, level: FloatArray, time: FloatArray) -> FloatArray:
    return np.stack((level * level, level * time, time * time, level * y, time * y, y * y))


def _running(part: FloatArray) -> FloatArray:
    out = np.zeros((*part.shape[:-1], part.shape[-1] + 1))
    np.cumsum(part, axis=-1, out=out[..., 1:])
    return out


Links = NDArray[np.int32]


def _best(sums: _Sums, price: float) -> tuple[Links, Flags]:
    """For each end of a piece where the best piece that ends there begins, and whether it has a slope."""
    rows, columns = len(sums.points), sums.points.shape[1] - 1
    row = np.arange(rows)
    pieces = _Pieces(sums)
    cost = np.full((columns + 1, rows), np.inf)
    cost[0] = -price
    before = np.zeros((rows, columns + 1), dtype=np.int32)
    sloped = np.zeros((rows, columns + 1), dtype=np.bool_)
    for last in range(1, columns + 1):
        total, gain = pieces.ending(last)
        total += cost[:last]
        at = np.argmin(total, axis=0)
        cost[last], before[:, last], sloped[:, last] = total[at, row] + price, at, gain[at, row] > 0
    before[~np.isfinite(cost.T)] = -1
    return before, sloped


class _Pieces:
    """All pieces that end before a column, one end after the other.

    Arrays are (places, rows), so that what belongs to one end lies together, and their memory is used again.
    """

    def __init__(self, sums: _Sums) -> None:
        self._points = np.ascontiguousarray(sums.points.T)
        self._running = np.ascontiguousarray(sums.running.transpose(0, 2, 1))
        self._opening = np.ascontiguousarray(sums.opening.transpose(0, 2, 1))
        self._work = np.empty_like(self._opening)
        self._product = np.empty_like(self._opening[0])
        self._short_of_a_line = self._short_of_a_piece = 0

    def ending(self, last: int) -> tuple[FloatArray, FloatArray]:
        """What each piece up to before column ``last`` leaves unexplained, and what a slope explains of it."""
        work, product = self._work[:, :last], self._product[:last]
        ll, lt, tt, ly, ty, yy = np.add(self._opening[:, :last], self._running[:, last, None], out=work)
        np.maximum(ll, _TINY, out=ll)
        yy -= np.multiply(ly, np.divide(ly, ll, out=product), out=product)
        share = np.divide(lt, ll, out=ll)
        ty -= np.multiply(share, ly, out=product)
        tt -= np.multiply(share, lt, out=product)
        gain = np.square(ty, out=ty)
        gain /= np.maximum(tt, _TINY, out=tt)
        gain -= SLOPE_PRICE
        np.maximum(gain, 0.0, out=gain)
        self._short_of_a_line, short = self._short(self._short_of_a_line, last, LEAST_LINE)
        gain[self._short_of_a_line :][short] = 0.0
        yy -= gain
        self._short_of_a_piece, short = self._short(self._short_of_a_piece, last, LEAST_POINTS)
        yy[self._short_of_a_piece :][short] = np.inf
        return yy, gain

    def _short(self, place: int, last: int, least: int) -> tuple[int, Flags]:
        """The first place, at or after one, from which a piece of some row has too few points, and which have."""
        enough = self._points[last] - least
        while place < last and (self._points[place] <= enough).all():
            place += 1
        return place, self._points[place:last] > enough


def _traced(sums: _Sums, ends: Places, before: Links, sloped: Flags) -> list[list[Piece]]:
    found = []
    for row in range(len(before)):
        pieces: list[Piece] = []
        last = before.shape[1] - 1
        while last > 0 and before[row, last] >= 0:
            first = int(before[row, last])
            columns = int(ends[row, first]), int(ends[row, last])
            pieces.append(_piece(sums, row, *columns, sloped=bool(sloped[row, last])))
            last = first
        found.append(pieces[::-1])
    return found


def _piece(sums: _Sums, row: int, first: int, last: int, *, sloped: bool) -> Piece:
    ll, lt, tt, ly, ty, yy = sums.of_piece(row, first, last)
    centre = (sums.points.shape[1] - 2) / 2
    middle, level = lt / ll, ly / ll
    if not sloped:
        return Piece(first, last, middle + centre, level, 0.0, 1 / ll, 0.0, yy - level * ly)
    along, across = tt - lt * middle, ty - middle * ly
    left_over = yy - level * ly - across**2 / along
    return Piece(first, last, middle + centre, level, across / along, 1 / ll, 1 / along, left_over)
