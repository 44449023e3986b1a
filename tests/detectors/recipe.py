"""Recipes: series of known shape, as the cases in ``fixtures/detectors/threshold_fit`` write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.series import FloatArray

CASES = Path(__file__).parents[2] / "fixtures" / "detectors" / "threshold_fit"
START = 1_790_985_600.0
"""2026-10-03 00:00 UTC, a Saturday."""
STEP, DAY, HOUR = 60.0, 86400.0, 3600.0


@dataclass(frozen=True)
class Case:
    """An alert, the series of its metric, and the verdict on it."""

    name: str
    about: str
    expression: str
    hold: float
    keep_firing: float
    verdict: str
    stable: bool
    series: tuple[Mapping[str, Any], ...]
    days: float
    suggested: tuple[float, float] | None

    def values(self, seed: int = 0, days: float = 0.0) -> FloatArray:
        """A row a series, a column a minute."""
        times = np.arange(int((days or self.days) * DAY / STEP)) * STEP
        return np.array([made(recipe, times, np.random.default_rng([seed, row])) for row, recipe in self.rows()])

    def rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The recipes with their numbers; ``copies`` of one are several series."""
        copied = (recipe for recipe in self.series for _ in range(int(recipe.get("copies", 1))))
        yield from enumerate(copied)


def cases() -> list[Case]:
    """Every case, sorted by name."""
    return [_read(path) for path in sorted(CASES.glob("*.yaml"))]


def _read(path: Path) -> Case:
    written = yaml.safe_load(path.read_text())
    return Case(
        name=path.stem,
        about=written.pop("about"),
        expression=written.pop("expr"),
        hold=_seconds(written.pop("for", "0s")),
        keep_firing=_seconds(written.pop("keep_firing_for", "0s")),
        verdict=written.pop("verdict"),
        stable=written.pop("stable", True),
        series=tuple(written.pop("series")),
        days=float(written.pop("days", 30)),
        suggested=tuple(written.pop("suggested")) if "suggested" in written else None,
    )


def _seconds(text: str) -> float:
    return parse_quantity(text, Unit.SECONDS).value


def made(recipe: Mapping[str, Any], times: FloatArray, random: np.random.Generator) -> FloatArray:
    """One series: a level with what a recipe adds to it, all in the unit of the metric.

    ``daily`` is the amplitude of a sine over the day, ``spread`` that of normal noise, ``skew`` the sigma of log-normal
    noise, ``trend`` what is added by the end, ``square`` a rectangle of ``[period, length, height]`` minutes,
    ``weekly`` an hour of the week with its height, ``incident`` a ``[day, hours, height]``, ``events`` single samples
    of ``[a day, height]``, ``missing`` the share of the time at the start without samples, and ``least``/``most`` cut.
    """
    values = np.full(len(times), float(recipe["level"]))
    values += recipe.get("daily", 0.0) * np.sin(2 * np.pi * times / DAY)
    values += np.linspace(0.0, recipe.get("trend", 0.0), len(times))
    values += recipe.get("spread", 0.0) * random.normal(size=len(times))
    if "skew" in recipe:
        values *= np.exp(recipe["skew"] * random.normal(size=len(times)))
    if "square" in recipe:
        period, length, height = recipe["square"]
        values[(times / 60.0) % period < length] += height
    if "weekly" in recipe:
        hour, height = recipe["weekly"]
        values[(times / HOUR).astype(int) % 168 == hour] += height
    if "incident" in recipe:
        day, hours, height = recipe["incident"]
        values[(times >= day * DAY) & (times < day * DAY + hours * HOUR)] += height
    if "events" in recipe:
        a_day, height = recipe["events"]
        values[random.random(len(times)) < a_day * STEP / DAY] += height
    if "missing" in recipe:
        values[: int(recipe["missing"] * len(times))] = np.nan
    return np.clip(values, recipe.get("least", -np.inf), recipe.get("most", np.inf))
