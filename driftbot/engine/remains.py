"""Remains: subjects that are gone and of which only derived facts still speak."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from driftbot.core.fact import Provenance, View
from driftbot.engine.column import Flags
from driftbot.engine.entries import Entries

Told = Mapping[tuple[str, View], Entries]
"""The facts of a table by key and view."""


def derived_only(told: Told, rows: int, seen: Collection[int]) -> Flags:
    """Per row, whether nobody told anything of it but what follows from other facts; ``seen`` are rows seen anyway."""
    own = np.zeros(rows, dtype=np.bool_)
    for (_, view), entries in told.items():
        if view is not View.APPROVED:
            stated = [fact.provenance is not Provenance.DERIVED for fact in entries.facts]
            own[entries.row_array()[np.array(stated, dtype=np.bool_)]] = True
    own[list(seen)] = True
    return ~own


def without(rows: Flags, told: Told, keys: Collection[str]) -> Flags:
    """Those of the rows of which no fact of these keys tells anything, an approval aside."""
    left = rows.copy()
    if left.any():
        for (key, view), entries in told.items():
            if key in keys and view is not View.APPROVED:
                left[entries.row_array()] = False
    return left
