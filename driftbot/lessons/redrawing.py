"""Redrawn cases: series with growth, steps and noise drawn again with one of these changed, still a line to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from driftbot.core.marker import Cause
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, format_quantity, parse_quantity
from driftbot.core.series import Series
from driftbot.rules.case import Case, Drawn
from driftbot.rules.case_series import samples
from driftbot.rules.document import SeriesShape

REACHES = (0.25, 0.4, 0.75, 1.1, 2.2)
"""Shares of a window that a series is made to reach back."""

AGES = (0.3, 0.6, 0.8, 1.5)
"""Shares of a window that growth or a step is moved back to."""

SIZES = (-1.0, 0.1, 0.25, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0, 4.0)
"""What growth and steps are multiplied by."""

LONGEST = 400 * 86400.0
"""Seconds that a redrawn series reaches back at most."""


def redrawn(case: Case, windows: Sequence[float]) -> Iterator[Case]:
    """The case with each of its lively series changed in one or two ways; ``windows`` (seconds) are what rules name."""
    releases = np.array([one.at for one in case.snapshot.markers if one.cause is Cause.RELEASE], np.float64)
    for key, drawn in case.written.shapes.items():
        variants = {shape.model_dump_json(): shape for shape in _variants(drawn.shape, windows)}
        variants.pop(drawn.shape.model_dump_json(), None)
        for shape in variants.values():
            try:
                times, values = samples(shape, drawn.unit, case.snapshot.as_of.timestamp(), releases)
            except ValueError:
                continue
            yield _with(case, key, Drawn(shape, drawn.unit, replace(drawn.series, times=times, values=values)))


def is_lively(case: Case, series: Series) -> bool:
    """Whether the series was drawn from more than a line: thinned or bent it would be another matter for a detector."""
    drawn = case.written.shapes.get(series.key)
    return drawn is not None and drawn.shape.lively


def _with(case: Case, key: str, drawn: Drawn) -> Case:
    place = drawn.series.subject, key
    series = tuple(drawn.series if (one.subject, one.key) == place else one for one in case.snapshot.series)
    written = replace(case.written, shapes={**case.written.shapes, key: drawn})
    return replace(case, snapshot=replace(case.snapshot, series=series), written=written)


def _variants(shape: SeriesShape, windows: Sequence[float]) -> Iterator[SeriesShape]:
    if not shape.lively:
        return
    ages = [_duration(window * part) for window in windows for part in AGES if window * part <= LONGEST]
    for over in (_duration(window * part) for window in windows for part in REACHES if window * part <= LONGEST):
        yield shape.model_copy(update={"over": over})
    for changed in _grown(shape, ages):
        yield changed
    for changed in _stepped(shape, ages):
        yield changed
    if shape.noise is not None:
        yield from (shape.model_copy(update={"noise": _times(shape.noise, factor)}) for factor in (0.0, 3.0, 10.0))


def _grown(shape: SeriesShape, ages: Sequence[str]) -> Iterator[SeriesShape]:
    paces = {name: pace for name in ("growth", "per_release") if (pace := getattr(shape, name)) is not None}
    for name, pace in paces.items():
        for since in (shape.since, *ages):
            sizes = [{name: _times(pace, factor)} for factor in SIZES]
            yield from (shape.model_copy(update={"since": since, **size}) for size in ({}, *sizes))


def _stepped(shape: SeriesShape, ages: Sequence[str]) -> Iterator[SeriesShape]:
    for age, size in shape.steps.items():
        others = {at: part for at, part in shape.steps.items() if at != age}
        yield shape.model_copy(update={"steps": others})
        for moved in (age, *ages):
            for factor in (1.0, *SIZES):
                yield shape.model_copy(update={"steps": {**others, moved: _times(size, factor)}})


def _duration(seconds: float) -> str:
    """To the hour, as a person writes it."""
    return format_quantity(Quantity(3600.0 * max(round(seconds / 3600.0), 1), Unit.SECONDS))


def _times(written: str | float, factor: float) -> str:
    try:
        share = parse_quantity(written, Unit.RATIO).value
    except NotAQuantity:
        return str(written)
    return format_quantity(Quantity(share * factor, Unit.RATIO))
