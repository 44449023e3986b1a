"""Suggestions: another threshold that the evidence speaks for."""

from __future__ import annotations

import math

import numpy as np

from driftbot.detectors.fit.levels import Levels

SELDOM = 1.0
"""Firings a week that a suggested threshold of a noisy alert would have had at most."""

LONG_ENOUGH = 3.5
"""Weeks of samples without which nothing stricter is suggested: a month with its end."""

ROOM, ROOM_TIMES = 3.0, 0.5
"""Spreads, and share of the way from median to top, that a stricter threshold keeps beyond the highest held."""


def noisy_suggestion(levels: Levels) -> float | None:
    """The nearest looser threshold of an alert that fires by routine at which it would have fired seldom; else None."""
    held = levels.worst[~np.isnan(levels.worst)]
    spread = 0.0 if math.isnan(levels.spread) else levels.spread
    tops = [*np.quantile(held, (0.99, 0.999)), levels.top, levels.top + spread, levels.peak + spread]
    levels_tried = sorted({outward(levels, float(top)) for top in tops if top > levels.limit})
    for limit in levels_tried:
        if limit < levels.ceiling and levels.firings_a_week(limit) <= SELDOM:
            return _value(levels, limit)
    return None


def quiet_suggestion(levels: Levels) -> float | None:
    """A stricter threshold for one out of reach, well beyond all that was held; None without a month's samples."""
    if levels.weeks < LONG_ENOUGH or math.isnan(levels.spread):
        return None
    room = max(ROOM * levels.spread, ROOM_TIMES * (levels.top - levels.centre))
    limit = outward(levels, levels.top + room)
    return _value(levels, limit) if levels.top < limit < min(levels.limit, levels.ceiling) else None


def outward(levels: Levels, limit: float) -> float:
    """The limit to two significant digits of its distance from the centre of what was seen, away from it."""
    away = limit - levels.centre
    if away <= 0.0 or not math.isfinite(away):
        return limit
    scale = 10.0 ** (math.floor(math.log10(away)) - 1)
    return math.ceil(round(limit / scale, 6)) * scale


def _value(levels: Levels, limit: float) -> float:
    return float(f"{levels.sign * limit:.6g}")
