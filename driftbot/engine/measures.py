"""Measures of series over windows: one function a measure, from a block to a number a row and which are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.engine.block import Block
from driftbot.engine.column import Flags

Statistic = tuple[FloatArray, Flags]


def maximum(block: Block) -> Statistic:
    """The largest sample."""
    return block.pick(block.ordered, block.counts - 1), block.enough


def minimum(block: Block) -> Statistic:
    """The smallest sample."""
    return block.ordered[:, 0], block.enough


def total(block: Block) -> Statistic:
    """The sum of the samples."""
    return block.filled.sum(axis=1), block.enough


def mean(block: Block) -> Statistic:
    """The arithmetic mean of the samples; it does not weigh them by time."""
    return block.filled.sum(axis=1) / block.counts, block.enough


def deviation(block: Block) -> Statistic:
    """The standard deviation of at least two samples, divided by n as in Prometheus' ``stddev_over_time``."""
    centre = block.filled.sum(axis=1) / block.counts
    squares = np.where(block.valid, (block.values - centre[:, None]) ** 2, 0.0)
    return np.sqrt(squares.sum(axis=1) / block.counts), block.enough & (block.counts > 1)


def median(block: Block) -> Statistic:
    """The middle sample."""
    return block.quantile(0.5), block.enough


def first(block: Block) -> Statistic:
    """The oldest sample of the window."""
    return block.values[:, 0], block.enough


def last(block: Block) -> Statistic:
    """The newest sample of the window; one is enough."""
    return block.pick(block.values, block.counts - 1), np.ones(len(block.rows), dtype=np.bool_)


def count(block: Block) -> Statistic:
    """How many samples the window has."""
    return block.counts.astype(np.float64), np.ones(len(block.rows), dtype=np.bool_)


def age(block: Block) -> Statistic:
    """Seconds since the newest sample."""
    return block.end - block.newest, np.ones(len(block.rows), dtype=np.bool_)


def increase(block: Block) -> Statistic:
    """How much a counter grew between its first and last sample; a fall is a restart from zero, as in Prometheus.

    Nothing is extrapolated to the edges of the window.
    """
    steps = np.diff(block.values, axis=1)
    grown = np.where(steps < 0, block.values[:, 1:], steps)
    return np.where(block.valid[:, 1:], grown, 0.0).sum(axis=1), block.enough & (block.counts > 1)


def rate(block: Block) -> Statistic:
    """The counter's growth per second between its first and last sample."""
    grown, known = increase(block)
    return grown / np.where(known, block.newest - block.times[:, 0], 1.0), known


def quantile(share: float) -> Callable[[Block], Statistic]:
    """The measure that is the quantile of the samples."""
    return lambda block: (block.quantile(share), block.enough)


MEASURES: dict[str, Callable[[Block], Statistic]] = {
    "max": maximum,
    "min": minimum,
    "mean": mean,
    "median": median,
    "stddev": deviation,
    "sum": total,
    "first": first,
    "last": last,
    "count": count,
    "age": age,
    "increase": increase,
    "rate": rate,
}
"""The measures that a rule names, without ``quantile`` (it has a share) and ``time_until`` (it has a limit)."""
