"""Durations as Prometheus reads them (``1h30m``), written in the manner of another."""

from __future__ import annotations

import math
import re

_MILLISECONDS = {
    "y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1,
}  # fmt: skip
_PART = re.compile(r"(\d+)(ms|[ywdhms])")
_SELDOM = frozenset({"y", "w"})
"""Units that are written only where the author did: 10 days are ``10d``, not ``1w3d``."""

_LONGEST = 2**63 // 1_000_000
"""Milliseconds: Go counts a duration's nanoseconds in 64 bits, which is 292 years."""

_MOST = 999_999
"""Of one unit: beyond it nobody reads the number, and some parsers count no further than 32 bits."""


def spell_duration(seconds: float, like: str) -> str | None:
    """The duration in the units that ``like`` is written in, and smaller ones where it needs them.

    ``like`` may be a zero or a bare number, which has no units. None where Prometheus has no such duration: it is
    negative, longer than 292 years, or no whole number of milliseconds
    (https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations).
    """
    if not 0 <= seconds * 1000 <= _LONGEST:
        return None
    milliseconds = round(seconds * 1000)
    if not math.isclose(milliseconds, seconds * 1000, rel_tol=1e-12):
        return None
    if milliseconds == 0:
        return "0s"
    written = [unit for count, unit in _PART.findall(like) if int(count)]
    if len(written) == 1:
        count, rest = divmod(milliseconds, _MILLISECONDS[written[0]])
        if not rest and count <= _MOST:
            return f"{count}{written[0]}"
    return _composed(milliseconds, written)


def _composed(milliseconds: int, written: list[str]) -> str:
    largest = max((_MILLISECONDS[unit] for unit in written), default=_MILLISECONDS["d"])
    if milliseconds > _MOST * largest:
        largest = _MILLISECONDS["d"]
    parts = []
    for unit, size in _MILLISECONDS.items():
        if size <= largest and (unit not in _SELDOM or unit in written):
            count, milliseconds = divmod(milliseconds, size)
            parts += [f"{count}{unit}"] if count else []
    return "".join(parts)
