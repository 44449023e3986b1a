"""The past of a selector: since when nothing matches it, and whether that means anything. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

HOUR, DAY, WEEK = 3_600.0, 86_400.0, 604_800.0

HORIZONS = (90 * DAY, 30 * DAY, 7 * DAY)
"""How far back selectors are looked for (ours): a quarter, more than most servers keep; less where a server does not
answer about so long a time at once, as Mimir by its ``max_partial_query_length``."""

COARSE, FINE = 6 * HOUR, 300.0
"""Seconds between looks: first over the whole horizon (361 points at most), then within the step in which it went."""

LEAST_SIGHTINGS = 4
"""Coarse sightings (a day) that make a selector one that is usually there; fewer may be an event."""

LONGER_THAN_EVER = 2.0
"""By what factor tonight's silence must exceed every earlier one (ours): what is scaled down at night, runs at weekends
or exists only while something fails has been silent before, for about as long."""


class Fate(StrEnum):
    """What has become of the series of a selector.

    ``there``: it was seen within the last hours. ``gone``: it was there steadily and is not any more. ``rare``: it
    comes and goes, as what exists only while something fails. ``never``: not seen within the horizon, which says less:
    it may be waiting for its first failure.
    """

    THERE = "there"
    GONE = "gone"
    RARE = "rare"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Past:
    """A fate, and when it was last seen (Unix seconds; None where never): at ``last_seen`` or within a step after."""

    fate: Fate
    last_seen: float | None = None


_MOMENT = "%Y-%m-%d %H:%M UTC"
_SEEN = re.compile(r"; last seen (\d{4}-\d\d-\d\d \d\d:\d\d UTC)")


def told_of(text: str, through: str, reason: str, last_seen: float | None, kept: str) -> str:
    """The death of the selector ``text`` as a sentence, from which ``last_told`` reads when it was."""
    moment = "" if last_seen is None else datetime.fromtimestamp(last_seen, UTC).strftime(_MOMENT)
    return f"{text}{through}: {reason}; {f'last seen {moment}' if moment else f'not seen within {kept}'}"


def last_told(text: str, sentences: Iterable[str]) -> float | None:
    """When the selector was last seen as earlier nights told of its death (Unix seconds); None where none did."""
    for sentence in sentences:
        if sentence.startswith((f"{text}: ", f"{text}, ")) and (seen := _SEEN.search(sentence, len(text))):
            return datetime.strptime(seen[1], _MOMENT).replace(tzinfo=UTC).timestamp()
    return None


def past(sightings: Sequence[float], now: float, known_from: float, step: float = COARSE) -> Past:
    """The fate by sightings on a coarse grid that ends at ``now``; ``known_from`` is where the server's memory begins.

    All are Unix seconds, the sightings ascending.
    """
    if not len(sightings):
        return Past(Fate.NEVER)
    last = float(sightings[-1])
    if now - last <= step:
        return Past(Fate.THERE, last)
    steady = len(sightings) >= LEAST_SIGHTINGS and now - last > LONGER_THAN_EVER * _usual(sightings, known_from, step)
    return Past(Fate.GONE if steady else Fate.RARE, last)


def _usual(sightings: Sequence[float], known_from: float, step: float) -> float:
    """The longest silence that was no death, in seconds.

    What lived for less than a week was silent before it came as well. Where memory is shorter than a week it shows
    neither weekends nor jobs that run weekly: they are taken for usual.
    """
    first, last = float(sightings[0]), float(sightings[-1])
    earlier = max((after - before for before, after in pairwise(sightings)), default=0.0)
    if last - first < WEEK:
        earlier = max(earlier, first - known_from)
    if last - min(first, known_from) < WEEK:
        earlier = max(earlier, WEEK / LONGER_THAN_EVER)
    return earlier if earlier > step else 0.0
