"""What a detector found, as a sentence that a person can check by eye: levels, change with its interval, since when."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from driftbot.core.marker import Marker
from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.engine.answers import BreachAnswer, DriftAnswer, Levels, PeerAnswer, ReleaseAnswer, StepAnswer
from driftbot.engine.scene import Scene
from driftbot.rules import expression as ex

BESIDE = 6 * 3600.0
"""Seconds between a step and a marker that nobody can tell apart: a step is placed to within some hours."""

MOST_TIMES = 1e6
"""Change from which on nobody counts its digits."""

if TYPE_CHECKING:
    from driftbot.detectors.drift.drift import Drifts


def found_by_detector(scene: Scene, node: ex.Measure, line: int) -> str:
    """What lies behind the value of a detector's measure for the subject in that line."""
    row, unit = int(scene.rows[line]), node.unit or Unit.COUNT
    match scene.answer(node):
        case Levels() as levels:
            return _level(levels, row, unit)
        case DriftAnswer() as answer:
            return _drift(answer, row, unit)
        case StepAnswer() as answer:
            return _step(answer, row, unit)
        case BreachAnswer() as answer:
            return _breach(answer, row, unit)
        case PeerAnswer() as answer:
            return _apart(answer, row)
        case ReleaseAnswer() as answer:
            return _after_release(answer, row, scene.table.detections.markers_of(row))
    return ""


def _level(levels: Levels, row: int, unit: Unit) -> str:
    level = _quantity(levels.level[row], unit)
    return f"usual level {level}, from which it strays by {levels.spread[row]:.2%}; season taken out"


def _drift(answer: DriftAnswer, row: int, unit: Unit) -> str:
    drifts, level = answer.drifts, _quantity(answer.levels.level[row], unit)
    if not drifts.told[row]:
        return f"no drift beyond what is usual; level {level}"
    up = drifts.total[row] > 0.0
    parts = [_a_day(drifts, row)]
    if drifts.releases[row] > 0 and not math.isnan(drifts.per_release[row]):
        number, moved = int(drifts.releases[row]), int(drifts.moved[row])
        pace = f"{share(drifts.per_release[row])} per release over the last {number} releases"
        parts.insert(0 if drifts.by_release[row] else 1, f"{pace}, {moved} of {number} {direction(up, unit)}")
    return f"{'; '.join(parts)}; since {day(drifts.since[row])}; level now {level}"


def _a_day(drifts: Drifts, row: int) -> str:
    interval = f"80 %: {share(drifts.per_day_low[row])} to {share(drifts.per_day_high[row])}"
    return f"{share(drifts.per_day[row])} a day ({interval})"


def _step(answer: StepAnswer, row: int, unit: Unit) -> str:
    steps = answer.steps
    if not steps.told[row]:
        return f"no step that lasts; level {_quantity(answer.levels.level[row], unit)}"
    levels = f"from {_quantity(steps.before[row], unit)} to {_quantity(steps.after[row], unit)}"
    parts = [levels, moment(steps.at[row]), _beside(answer.causes[row], float(steps.at[row]))]
    if answer.causes[row] is None and answer.unread[row]:
        parts.append("but not all that was changed could be read")
    if math.isfinite(steps.change[row]):
        parts.insert(1, f"{share(steps.change[row])} (80 %: {share(steps.low[row])} to {share(steps.high[row])})")
    return ", ".join(parts)


def _beside(cause: Marker | None, at: float) -> str:
    if cause is None:
        return "nothing noted beside it"
    seconds = abs(at - cause.at)
    if seconds <= BESIDE:
        return f"beside {cause}"
    apart = format_quantity(Quantity(3600.0 * round(seconds / 3600.0), Unit.SECONDS))
    if cause.at - cause.late_by - BESIDE <= at < cause.at:
        return f"beside {cause}, which was first seen {apart} later"
    when = "before" if at < cause.at else "after"
    return f"{apart} {when} {cause}"


def _breach(answer: BreachAnswer, row: int, unit: Unit) -> str:
    found, limit = answer.breaches, _quantity(answer.limits.values[row], unit)
    days = found.passed.shape[1]
    chance = f"limit {limit}: {found.probability[row]:.0%} within {days}d"
    earliest, median, latest = (float(times[row]) for times in (found.earliest_in, found.median_in, found.latest_in))
    if math.isinf(earliest):
        return chance
    middle, ends = f"as likely as not {_within(median, days)}", [_within(earliest, days), _within(latest, days)]
    return f"{chance}; {middle} (80 %: {' to '.join(dict.fromkeys(ends))})"


def _within(seconds: float, days: int) -> str:
    if math.isinf(seconds):
        return f"beyond {days}d"
    return f"in {format_quantity(Quantity(seconds, Unit.SECONDS))}"


def _apart(answer: PeerAnswer, row: int) -> str:
    from driftbot.detectors.peers.peers import Differs

    apart = answer.apart
    peers = int(np.count_nonzero(answer.groups == answer.groups[row])) - 1
    if not apart.told[row]:
        return f"as usual among its {peers} peers"
    interval = (
        f"{share(apart.ratio[row] - 1.0)} (80 %: {share(apart.low[row] - 1.0)} to {share(apart.high[row] - 1.0)})"
    )
    differing = Differs(int(apart.differs[row])).name.lower()
    if apart.newcomer[row]:
        return f"new, and its {differing} is {interval} from that of its {peers} peers"
    return f"its {differing} moved by {interval} against its {peers} peers in the last {apart.days[row]:.0f} days"


def _after_release(answer: ReleaseAnswer, row: int, markers: tuple[Marker, ...]) -> str:
    found = answer.found
    at = float(found.release[row])
    name = min(markers, key=lambda marker: abs(marker.at - at), default=None)
    interval = (
        f"{share(found.ratio[row] - 1.0)} (80 %: {share(found.low[row] - 1.0)} to {share(found.high[row] - 1.0)})"
    )
    told = "" if found.told[row] else ", no more than is usual" if found.lasts[row] else ", and it went away again"
    return f"{interval} at equal hours of the week since {name or 'the release'}, {moment(at)}{told}"


def share(change: float) -> str:
    """A relative change, signed and in per cent: 0.014 is +1.4%, 60 is +6,000%; from nothing it is endless."""
    if abs(change) >= 9.995 and math.isfinite(change):
        return f"{100.0 * change:+,.0f}%" if abs(change) < MOST_TIMES else f"{100.0 * change:+.0e}%"
    return f"{100.0 * change:+.2g}%" if abs(change) < 0.1 else f"{100.0 * change:+.3g}%"


def direction(up: bool, unit: Unit) -> str:
    """In which direction a series of the unit moves: work that takes longer is slower."""
    if unit is Unit.SECONDS:
        return "slower" if up else "faster"
    return "higher" if up else "lower"


def day(at: float) -> str:
    """A moment's date (UTC)."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def moment(at: float) -> str:
    """A moment to the hour (UTC)."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _quantity(value: float, unit: Unit) -> str:
    return format_quantity(Quantity(float(value), unit))
