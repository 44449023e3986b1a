"""Results of detectors over blocks of series, gathered as one with a row for each subject of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from driftbot.detectors.lack import Lack
from driftbot.engine.column import Rows

Result = TypeVar("Result")


def gathered(length: int, parts: Sequence[tuple[Rows, Result]]) -> Result:
    """The results of blocks (arrays with a row a series) as one of ``length`` rows.

    A row that no block is about lacks samples: it has NaN, False and 0. What is no array is the first block's.
    """
    first = parts[0][1]
    whole = {field.name: getattr(first, field.name) for field in fields(first)}  # type: ignore[arg-type]
    for name, value in whole.items():
        if isinstance(value, np.ndarray):
            nothing = Lack.NO_SAMPLES if name == "lack" else None
            whole[name] = _scattered(length, [(rows, getattr(result, name)) for rows, result in parts], nothing)
    return type(first)(**whole)


def _scattered(
    length: int, parts: Sequence[tuple[Rows, NDArray[np.generic]]], nothing: float | None
) -> NDArray[np.generic]:
    pattern = parts[0][1]
    if nothing is None:
        nothing = np.nan if np.issubdtype(pattern.dtype, np.floating) else 0
    whole = np.full((length, *pattern.shape[1:]), nothing, dtype=pattern.dtype)
    for rows, values in parts:
        whole[rows] = values
    return whole
