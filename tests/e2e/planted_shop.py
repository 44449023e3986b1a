"""A planted shop: ninety days of forty services, jobs and volumes on a real Prometheus, and what is wrong in it.

What a scan has to name stands in ``PLANTED``; everything else is fine, and anything told about it is a false notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from tests.e2e.planted_services import BEFORE, BETWEEN, DAY, HOUR, Measured, Service, Story, measured, samples_of
from tests.servers.remote_write import Samples, sample

FloatArray = NDArray[np.float64]

MEASURED_MEMORY = ("checkout", "search", "pricing")
AS_OF = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
"""The first night, a Monday; thirteen weeks are known then."""

DAYS_BEFORE, NIGHTS_AFTER = 91, 14
GI = 1024.0**3

_FINE = (
    *("accounts", "addresses", "adverts", "assets", "basket-view", "billing-view", "brands", "campaigns", "catalogue"),
    *("comments", "coupons", "currency", "delivery-slots", "exports", "favourites", "feeds", "filters", "gateway"),
    *("images", "invoices", "labels", "locales", "media", "menus", "offers", "pickup", "ratings", "returns", "sitemap"),
)

_TOLD = (
    Service("checkout", Story.CREEP, 0.31, 60, since=29.5),
    Service("search", Story.STEP, 0.16, 120, since=24.6),
    Service("pricing", Story.WENT_AWAY, 0.14, 90, since=36.4),
    Service("storefront", Story.CAMPAIGN, 0.21, 300, since=17.0),
    Service("orders", Story.BAD_DAY, 0.19, 35, since=12.0),
    Service("fraud", Story.RESTART, 0.33, 20, since=31.3),
    Service("wishlist", Story.YOUNG, 0.12, 15, since=4.2),
    Service("inventory", Story.ODD_ZONE, 0.34, 80, ("west-1", "west-2", "west-3", "west-4", "west-5"), since=4.6),
    Service("sessions", Story.FINE, 0.17, 200, ("west-1", "west-2", "west-3", "west-4"), since=33.8),
    Service("payments", Story.FINE, 0.36, 25, ("west-1", "west-2", "west-3"), since=28.1),
    Service("reviews", Story.FINE, 0.22, 12, since=30.0, releases=False),
)


def _fine(number: int, name: str) -> Service:
    story = Story.SHIFTS if number % 2 else Story.FINE
    return Service(name, story, 0.06 + 0.013 * number, 5.0 + 7 * number, since=27.1 + number * 0.29)


SERVICES = (*_TOLD, *(_fine(number, name) for number, name in enumerate(_FINE)))


@dataclass(frozen=True)
class Job:
    """A nightly job: minutes that it takes on the first night, growth a day, deadline (seconds), hour of its start."""

    name: str
    minutes: float
    growth: float
    deadline: float
    hour: int


JOBS = (
    Job("invoice-run", 94.0, 0.005, 108 * 60, 0),
    Job("stock-sync", 20.0, 0.0, 60 * 60, 1),
    Job("price-export", 31.0, 0.0, 90 * 60, 1),
    Job("search-reindex", 40.0, 0.0, 3_600_000, 0),
)
"""The last one's deadline was meant in milliseconds."""


def durations(job: Job, days: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Seconds of the runs on these days after the first night; one in a hundred is retried, Thursdays are longer."""
    usual = job.minutes * 60 * (1 + job.growth) ** days * np.where(np.floor(days) % 7 == 3, 1.04, 1.0)
    retried = np.where(rng.random(days.shape) < 0.01, rng.uniform(1.2, 1.5, days.shape), 1.0)
    found: FloatArray = usual * np.exp(0.03 * rng.standard_t(5, days.shape)) * retried
    return found


def exceeds_its_deadline(job: Job) -> float:
    """Days from the first night until it is as likely as not that a run has exceeded the deadline: the true median.

    It is that of 10,000 continuations, each to its first run beyond the deadline.
    """
    ahead = np.broadcast_to(np.arange(120.0), (10_000, 120))
    beyond = durations(job, ahead, np.random.default_rng(1000)) > job.deadline
    first = np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1.0, np.inf)
    return float(np.median(first))


@dataclass(frozen=True)
class Volume:
    """A volume: the share used ninety days before the first night and on it, and by how much a weekly purge frees."""

    claim: str
    first: float
    last: float
    purged: float = 0.0


VOLUMES = (
    Volume("data-orders-db-0", 0.46, 0.82),
    Volume("data-accounts-db-0", 0.51, 0.53),
    Volume("data-search-0", 0.55, 0.55, 0.12),
    Volume("data-media-0", 0.71, 0.64),
)


def hours() -> FloatArray:
    """All whole hours that are measured."""
    return AS_OF.timestamp() + HOUR * np.arange(-DAYS_BEFORE * 24, NIGHTS_AFTER * 24 + 1, dtype=np.float64)


def services() -> tuple[Measured, ...]:
    """Every service as it was measured."""
    return tuple(measured(service, hours(), AS_OF.timestamp(), seed) for seed, service in enumerate(SERVICES))


def measured_shop() -> Iterator[Samples]:
    """Every series of the shop's Prometheus."""
    rng = np.random.default_rng(11)
    for seed, one in enumerate(services()):
        yield from samples_of(one, seed)
    for job in JOBS:
        yield from _job(job, rng)
    for volume in VOLUMES:
        yield from _volume(volume, rng)
    yield from _memory(rng)
    yield from _cache(rng)


def _gauge(name: str, at: FloatArray, values: FloatArray | float, **labels: str) -> Samples:
    return sample(name, at - BEFORE + BETWEEN, values, **labels)


def _since(times: FloatArray) -> FloatArray:
    return (times - AS_OF.timestamp()) / DAY


def _job(job: Job, rng: np.random.Generator) -> Iterator[Samples]:
    """One run a night, kept for a day; three in a hundred are missing."""
    grid = hours()
    begins = np.arange(np.ceil(grid[0] / DAY) * DAY, grid[-1], DAY) + job.hour * HOUR
    runs = np.flatnonzero(rng.random(len(begins)) >= 0.03)
    taken = np.round(durations(job, np.floor(_since(begins)) + 1, rng))
    for begun, seconds in zip(begins[runs], taken[runs], strict=True):
        asked = grid[(grid - BEFORE + BETWEEN >= begun + seconds) & (grid < begun + seconds + DAY)]
        labels = {"namespace": "shop", "job_name": f"{job.name}-{int(begun // 60)}"}
        yield _gauge("kube_job_status_start_time", asked, begun, **labels)
        yield _gauge("kube_job_status_completion_time", asked, begun + seconds, **labels)


def _volume(volume: Volume, rng: np.random.Generator) -> Iterator[Samples]:
    at = hours()
    days = _since(at)
    share = volume.last + (volume.last - volume.first) / 90 * days + rng.normal(0, 0.002, len(at))
    share -= volume.purged * (1 - (days % 7) / 7)
    labels = {"namespace": "shop", "persistentvolumeclaim": volume.claim}
    yield _gauge("kubelet_volume_stats_used_bytes", at, np.round(200 * GI * np.minimum(share, 0.99)), **labels)
    yield _gauge("kubelet_volume_stats_capacity_bytes", at, 200 * GI, **labels)
    inodes = 0.2 + 0.0003 * days + rng.normal(0, 0.001, len(at))
    yield _gauge("kubelet_volume_stats_inodes_used", at, np.round(13e6 * inodes), **labels)
    yield _gauge("kubelet_volume_stats_inodes", at, 13e6, **labels)


def _memory(rng: np.random.Generator) -> Iterator[Samples]:
    at = hours()
    for name in MEASURED_MEMORY:
        used = 0.6 * GI * (1 + 0.05 * np.sin(2 * np.pi * at / DAY) + rng.normal(0, 0.02, len(at)))
        labels = {"namespace": "shop", "pod": f"{name}-6d4cf56db6-x7k2p", "container": name}
        yield _gauge("container_memory_working_set_bytes", at, used, **labels)


def _cache(rng: np.random.Generator) -> Iterator[Samples]:
    at = hours()
    times = np.stack([at - BEFORE, at - BEFORE + BETWEEN], axis=1).ravel()
    asked = 500 * (1 + 0.4 * np.sin(2 * np.pi * at / DAY))
    hits = np.clip(0.93 + rng.normal(0, 0.01, len(at)), 0, 1)
    for metric, rate in (
        ("redis_keyspace_hits_total", asked * hits),
        ("redis_keyspace_misses_total", asked * (1 - hits)),
    ):
        total = np.concatenate(([0.0], np.cumsum(rate * HOUR)))[:-1]
        yield sample(metric, times, np.stack([total, total + rate * BETWEEN], axis=1).ravel(), service="page-cache")


_CRONJOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {name}, namespace: shop}}
spec:
  schedule: "0 {hour} * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      activeDeadlineSeconds: {deadline}
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: {name}
              image: registry.shop.example/{name}:1.0.0
              resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 256Mi}}}}
"""


_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: {name}
          image: registry.shop.example/{name}:1.0.0
          resources: {{requests: {{cpu: 100m, memory: 512Mi}}, limits: {{memory: 1Gi}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}, namespace: shop}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app: {name}}}}}}}
"""


def manifests() -> str:
    """The jobs as they are declared, and the workloads whose memory is measured."""
    jobs = (_CRONJOB.format(name=job.name, hour=job.hour, deadline=int(job.deadline)) for job in JOBS)
    return "---\n".join((*jobs, *(_DEPLOYMENT.format(name=name) for name in MEASURED_MEMORY)))
