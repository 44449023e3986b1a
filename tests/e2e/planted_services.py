"""Forty measured services of a planted shop: season, weekends, heavy tails, gaps, releases; a few with a story.

Counters are sampled twice before each whole hour (270 and 90 s), gauges once (90 s): a query at that hour sees them,
and the rate over five minutes is exact. A service's counters rise for ever, but for a restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tests.servers.remote_write import Samples, sample

FloatArray = NDArray[np.float64]

HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
BEFORE, BETWEEN = 270.0, 180.0
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Story(StrEnum):
    """What happens to a service; ``SHIFTS`` is what happens to half of all that are fine."""

    FINE = "nothing"
    SHIFTS = "each second release makes it 2 to 5 % slower or faster, never more than 8 % away from the start"
    CREEP = "each weekly release makes it 1.5 % slower"
    STEP = "one release makes it 12 % slower, and so it stays"
    WENT_AWAY = "one release makes it 15 % slower; it is mended five days later"
    CAMPAIGN = "four days of a campaign: twice the traffic, a quarter slower"
    BAD_DAY = "one bad day: a half slower"
    RESTART = "its counters start again at zero, twice"
    YOUNG = "it is ten days old"
    ODD_ZONE = "one of its zones becomes slower than the others"


@dataclass(frozen=True)
class Service:
    """A service: its story, its level (seconds, for one request in a hundred), requests a second, and its zones.

    ``since`` is when its story begins, in days before the first night; releases are weekly, at its own hour.
    """

    name: str
    story: Story = Story.FINE
    level: float = 0.18
    traffic: float = 40.0
    zones: tuple[str, ...] = ("",)
    since: float = 30.0
    releases: bool = True


@dataclass(frozen=True)
class Measured:
    """A service hour by hour: seconds of one request in a hundred, by zone, and what was released when."""

    service: Service
    hours: FloatArray
    slow: Mapping[str, FloatArray]
    traffic: FloatArray
    seen: NDArray[np.bool_]
    versions: NDArray[np.str_]
    releases: tuple[tuple[float, str], ...] = field(default=())


def measured(service: Service, hours: FloatArray, now: float, seed: int) -> Measured:
    """The service over these whole hours (Unix seconds); ``now`` is the first night. Equal seeds, equal services."""
    rng = np.random.default_rng([20260602, seed])
    releases = _releases(service, hours, now)
    level = service.level * _level(service, hours, now, releases, rng)
    slow = {zone: level * _season(hours) * _noise(rng, len(hours)) for zone in service.zones}
    if service.story is Story.ODD_ZONE:
        slow[service.zones[1]] = slow[service.zones[1]] * np.where(hours >= now - service.since * DAY, 1.3, 1.0)
    busy = 1.0 + 0.5 * np.sin(2 * np.pi * (hours % DAY) / DAY)
    traffic = service.traffic * busy * np.where(_campaign(service, hours, now), 2.0, 1.0)
    seen = _seen(service, hours, now, rng)
    names = np.array([name for _at, name in releases])
    versions = names[np.searchsorted([at for at, _name in releases], hours, side="right") - 1]
    return Measured(service, hours, slow, traffic, seen, versions, releases)


def _releases(service: Service, hours: FloatArray, now: float) -> tuple[tuple[float, str], ...]:
    """Weekly; release 2.4.1 is the one that the story is about, ``since`` days before the first night."""
    at = now - service.since * DAY
    first = at - np.ceil((at - hours[0]) / WEEK) * WEEK
    if not service.releases:
        return ((float(first), "1.0.0"),)
    times = np.arange(first, hours[-1], WEEK)
    number = np.round((times - at) / WEEK).astype(int)
    names = [f"2.4.{1 + place}" if place >= 0 else f"2.3.{40 + place}" for place in number]
    named = list(zip(times.tolist(), names, strict=True))
    if service.story is Story.WENT_AWAY:
        named.append((at + 5 * DAY, "2.4.1-hotfix"))
    return tuple(sorted(named))


def _level(
    service: Service,
    hours: FloatArray,
    now: float,
    releases: tuple[tuple[float, str], ...],
    rng: np.random.Generator,
) -> FloatArray:
    times = np.array([at for at, _name in releases])
    done = np.searchsorted(times, hours, side="right") - 1
    since = now - service.since * DAY
    match service.story:
        case Story.SHIFTS:
            return _shifts(len(times), rng)[done]
        case Story.CREEP:
            crept: FloatArray = 1.015 ** done.astype(float)
            return crept
        case Story.STEP:
            return np.where(hours >= since, 1.12, 1.0)
        case Story.WENT_AWAY:
            return np.where((hours >= since) & (hours < since + 5 * DAY), 1.15, 1.0)
        case Story.CAMPAIGN:
            return np.where(_campaign(service, hours, now), 1.25, 1.0)
        case Story.BAD_DAY:
            return np.where((hours >= since) & (hours < since + DAY), 1.5, 1.0)
        case _:
            return np.ones(len(hours))


def _shifts(count: int, rng: np.random.Generator) -> FloatArray:
    level = np.ones(count)
    for number in range(1, count):
        away = level[number - 1] - 1.0
        sign = -np.sign(away) if abs(away) > 0.08 else rng.choice([-1.0, 1.0])
        moved = rng.random() < 0.5
        level[number] = level[number - 1] * (1.0 + sign * rng.uniform(0.02, 0.05) * moved)
    return level


def _campaign(service: Service, hours: FloatArray, now: float) -> NDArray[np.bool_]:
    since = now - service.since * DAY
    there: NDArray[np.bool_] = (hours >= since) & (hours < since + 4 * DAY)
    return there & (service.story is Story.CAMPAIGN)


def _season(hours: FloatArray) -> FloatArray:
    """A tenth more in the afternoon, a twentieth less at the weekend (the epoch began on a Thursday)."""
    daily = 1.0 + 0.1 * np.sin(2 * np.pi * (hours % DAY) / DAY)
    weekday = np.floor(hours / DAY + 3) % 7
    found: FloatArray = daily * np.where(weekday >= 5, 0.95, 1.0)
    return found


def _noise(rng: np.random.Generator, count: int) -> FloatArray:
    """4 % Student t3, 2 % AR(1) of 0.6, and 1 % outliers of 1.2 to 2."""
    slow = rng.normal(0.0, 0.02, count)
    for hour in range(1, count):
        slow[hour] += 0.6 * slow[hour - 1]
    outliers = np.where(rng.random(count) < 0.01, rng.uniform(1.2, 2.0, count), 1.0)
    found: FloatArray = np.maximum(1.0 + 0.04 * rng.standard_t(3, count) + slow, 0.3) * outliers
    return found


def _seen(service: Service, hours: FloatArray, now: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """3 % of the hours are missing, and 6 to 24 of them in a row every twenty days."""
    seen = rng.random(len(hours)) >= 0.03
    for first in range(0, len(hours), 20 * 24):
        begin = first + int(rng.integers(0, 19 * 24))
        seen[begin : begin + int(rng.integers(6, 25))] = False
    if service.story is Story.YOUNG:
        seen &= hours >= now - 10 * DAY
    return seen


def samples_of(one: Measured, seed: int) -> Iterator[Samples]:
    """Everything that Prometheus holds of a service: latency, errors, processor time, and which version runs."""
    rng = np.random.default_rng([7, seed])
    name, share = one.service.name, 1.0 / len(one.service.zones)
    for zone, slow in one.slow.items():
        labels = {"service": name, **({"zone": zone} if zone else {})}
        for place, bound in enumerate((*BUCKETS, np.inf)):
            within = one.traffic * share * _share(slow, place)
            le = "+Inf" if np.isinf(bound) else f"{bound:g}"
            yield _counter(one, "http_request_duration_seconds_bucket", within, **labels, code="200", le=le)
        failed = one.traffic * share * 0.002 * np.exp(rng.normal(0, 0.3, len(one.hours)))
        yield _counter(one, "http_request_duration_seconds_count", one.traffic * share - failed, **labels, code="200")
        yield _counter(one, "http_request_duration_seconds_count", failed, **labels, code="500")
    cost = 0.004 * np.exp(rng.normal(0, 0.05, len(one.hours)))
    yield _counter(one, "process_cpu_seconds_total", one.traffic * cost, service=name)
    for version in np.unique(one.versions[one.seen]):
        runs = one.seen & (one.versions == version)
        yield sample("app_build_info", one.hours[runs] - BEFORE + BETWEEN, 1.0, service=name, version=str(version))


def _share(slow: FloatArray, place: int) -> FloatArray:
    """The share of requests within a bucket such that Prometheus interpolates ``slow`` for 99 of 100."""
    bounds = np.array((0.0, *BUCKETS))
    upper = np.clip(np.searchsorted(bounds, slow), 1, len(BUCKETS))
    inside = np.minimum((slow - bounds[upper - 1]) / (bounds[upper] - bounds[upper - 1]), 1.0)
    below = np.clip(0.99 - 0.008 * inside - 0.12 * (upper - 2 - place), 0.02, 1.0)
    found: FloatArray = np.where(
        place < upper - 1, below, np.where(place == upper - 1, 0.99 + 0.008 * (1 - inside), 1.0)
    )
    return found


def _counter(one: Measured, metric: str, rate: FloatArray, **labels: str) -> Samples:
    total = np.concatenate(([0.0], np.cumsum(rate * HOUR)))[:-1] + 1.0
    if one.service.story is Story.RESTART:
        for at in (len(total) // 3, 2 * len(total) // 3):
            total[at:] -= total[at]
    both = np.stack([total, total + rate * BETWEEN], axis=1)[one.seen].ravel()
    times = np.stack([one.hours - BEFORE, one.hours - BEFORE + BETWEEN], axis=1)[one.seen].ravel()
    return sample(metric, times, both, **labels)
