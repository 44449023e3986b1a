"""What the shop's Prometheus measured: seeded, coarse (every six hours), in the metrics that exporters really have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tests.servers.remote_write import Samples, sample

FloatArray = NDArray[np.float64]

HOUR, DAY = 3600.0, 86400.0
EVERY = 6 * HOUR
MI, GI = 1024.0**2, 1024.0**3
BUCKETS = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0)
"""Istio's, in milliseconds, thinned."""

# Samples lie so shortly before each whole six hours that a query at that time, and at no other, sees them: a gauge
# once, a counter twice for its rate.
GAUGE, COUNTER = (-90.0,), (-270.0, -90.0)


@dataclass(frozen=True)
class Workload:
    """A workload's pods, what they use (share of the limit at first and at last), and how long they take to start."""

    name: str
    pods: tuple[str, ...]
    limit: float
    used: tuple[float, float]
    start: float = 0.0

    @property
    def namespace(self) -> str:
        """Where it runs."""
        return "data" if self.name in ("cart-store", "orders-db", "inventory-db") else "shop"


def deployment(
    name: str, hashes: str, suffixes: str, limit: float, used: tuple[float, float], start: float
) -> Workload:
    """A Deployment: pods are named by the hashes of its replica set and their own."""
    return Workload(name, tuple(f"{name}-{hashes}-{suffix}" for suffix in suffixes.split()), limit, used, start)


WORKLOADS = (
    deployment("storefront", "6d8f9c7b5d", "x2k4z 9wq7m c5tvh l8rzn", GI, (0.44, 0.47), 31),
    deployment("catalogue", "7c9d6b5f84", "4hs9k tzv6x b2wqn 8mgkd", GI, (0.52, 0.55), 38),
    deployment("search", "59c7d8f6bc", "v7xkd 2zqwn h6tml", 2 * GI, (0.71, 0.93), 44),
    deployment("pricing", "84bd5c9f7d", "k2wzh 7vtqx n9cml", 768 * MI, (0.48, 0.56), 23),
    deployment("inventory", "6b7f9d8c54", "zq4wk t8xvn m2hcd", 512 * MI, (0.42, 0.44), 19),
    deployment("accounts", "7d5c8b9f66", "w9kzt x4vqn c7hml", 768 * MI, (0.50, 0.53), 27),
    deployment("cart", "5f8c9d7b6d", "h4xzk q8wvt n2cml", 512 * MI, (0.38, 0.40), 14),
    deployment("checkout", "9c6d7f8b5b", "t7zkx v2wqn l9hcm d4ksn", GI, (0.49, 0.52), 33),
    deployment("payments", "6f7b8c9d5c", "k8zwt", 768 * MI, (0.45, 0.47), 29),
    deployment("fraud", "78c9d6f5b4", "x6qvz w3ktn", 1536 * MI, (0.61, 0.66), 52),
    deployment("orders", "5d9c8f7b6b", "z4wkt q7xvn h2cml", 768 * MI, (0.43, 0.46), 26),
    deployment("shipping", "8b6d7c9f54", "v9xkz t5wqn", 512 * MI, (0.35, 0.36), 17),
    deployment("notifications", "6c5d9b8f7c", "q2zkw x8vtn", 256 * MI, (0.41, 0.43), 9),
    Workload("cart-store", ("cart-store-0", "cart-store-1", "cart-store-2"), 4 * GI, (0.50, 0.57)),
    Workload("orders-db", ("orders-db-0", "orders-db-1"), 8 * GI, (0.62, 0.63)),
    Workload("inventory-db", ("inventory-db-0", "inventory-db-1"), 4 * GI, (0.55, 0.55)),
)

AUTOSCALED: Mapping[str, tuple[int, Sequence[int]]] = {
    "storefront": (8, (5, 4, 8, 8)),
    "cart": (9, (4, 3, 7, 6)),
    "orders": (10, (4, 3, 6, 7)),
}
"""The most replicas, and how many run at midnight, six, noon and eighteen o'clock."""

CALLS: Mapping[tuple[str, str], float] = {
    ("storefront", "catalogue"): 410,
    ("storefront", "search"): 320,
    ("storefront", "accounts"): 350,
    ("storefront", "cart"): 140,
    ("storefront", "checkout"): 1700,
    ("catalogue", "pricing"): 90,
    ("catalogue", "inventory"): 170,
    ("inventory", "inventory-db"): 60,
    ("cart", "cart-store"): 18,
    ("checkout", "cart"): 150,
    ("checkout", "payments"): 1350,
    ("checkout", "orders"): 330,
    ("payments", "fraud"): 240,
}
"""The slowest hundredth in the worst hours, in milliseconds. Nobody measures the orders' database."""

JOBS: Mapping[str, tuple[float, float, float]] = {
    "invoice-run": (1 * HOUR, 62 * 60, 106 * 60),
    "stock-sync": (15 * 60, 8 * 60, 9 * 60),
    "search-reindex": (3.5 * HOUR, 88 * 60, 95 * 60),
}
"""When it starts, and how many seconds it takes ninety days ago and now. The settlement report has never finished."""

VOLUMES: Mapping[str, tuple[float, float, float]] = {
    "data-orders-db-0": (200 * GI, 0.35, 0.84),
    "data-orders-db-1": (200 * GI, 0.33, 0.71),
    "data-inventory-db-0": (50 * GI, 0.41, 0.44),
    "data-inventory-db-1": (50 * GI, 0.41, 0.44),
    "data-cart-store-0": (20 * GI, 0.22, 0.24),
    "data-cart-store-1": (20 * GI, 0.21, 0.22),
    "data-cart-store-2": (20 * GI, 0.23, 0.24),
}
"""Capacity, and the share used ninety days ago and now."""


ANSWERS: Mapping[str, tuple[float, float, int]] = {
    "pricing": (160, 0.018, 37),
    "catalogue": (210, 0.0, 61),
}
"""What the slowest hundredth takes in milliseconds, by what part each weekly release makes it slower, and the number of
the last release."""

RELEASED = 2 * DAY + 15 * HOUR
"""How long before the recording the last release of those was."""

RENAMED_DAYS_AGO = 19
"""When a release of the orders called the length of their queue otherwise."""


def measured_shop(as_of: datetime) -> Iterator[Samples]:
    """Every series of the shop's Prometheus, the last ninety days before ``as_of``."""
    random = np.random.default_rng(20261116)
    times = np.arange(as_of.timestamp() - 90 * DAY, as_of.timestamp() + 1, EVERY)
    times = np.floor(times / EVERY) * EVERY
    yield from _memory(times, random)
    yield from _starts(times, random)
    yield from _autoscalers(times)
    yield from _calls(times, random)
    yield from _jobs(times, random)
    yield from _volumes(times)
    yield from _alerted(as_of.timestamp(), random)
    yield from _answers(times, as_of.timestamp() - RELEASED, random)


def _gauge(name: str, times: FloatArray, values: FloatArray | float, **labels: str) -> Samples:
    return sample(name, times + GAUGE[0], values, **labels)


def _way(times: FloatArray, first: float, last: float) -> FloatArray:
    return first + (last - first) * (times - times[0]) / (times[-1] - times[0])


def _rhythm(times: FloatArray) -> FloatArray:
    """0 in the small hours, 1 in the evening."""
    return 0.5 - 0.5 * np.cos((times / DAY + 0.25) * 2 * np.pi)


def _memory(times: FloatArray, random: np.random.Generator) -> Iterator[Samples]:
    for workload in WORKLOADS:
        for number, pod in enumerate(workload.pods):
            share = _way(times, *workload.used) * (0.97 if number else 1.0) - 0.02 * (1 - _rhythm(times))
            used = np.round(workload.limit * (share + random.normal(0, 0.002, len(times))), -5)
            labels = {"namespace": workload.namespace, "pod": pod, "container": workload.name}
            yield _gauge("container_memory_working_set_bytes", times, used, **labels)


def _starts(times: FloatArray, random: np.random.Generator) -> Iterator[Samples]:
    """A release every five days: new pods are asked about four and a half minutes after they started."""
    for offset, workload in enumerate(workload for workload in WORKLOADS if workload.start):
        for number, at in enumerate(times[offset % 20 :: 20]):
            labels = {"namespace": workload.namespace, "pod": _pod_of_release(workload.name, number)}
            begun = at - 270.0
            ready = begun + np.round(workload.start * (1 + abs(random.normal(0, 0.06))), 1)
            yield _gauge("kube_pod_start_time", np.array([at]), begun, **labels)
            yield _gauge("kube_pod_status_ready_time", np.array([at]), ready, **labels)


def _pod_of_release(name: str, number: int) -> str:
    letters = "bcdfghjklmnpqrstvwxz"
    return f"{name}-{letters[number % 20] * 2}7c9d6b5f-{letters[-number % 20] * 2}4kz"


def _autoscalers(times: FloatArray) -> Iterator[Samples]:
    hour = ((times % DAY) / EVERY).astype(int)
    for name, (most, by_hour) in AUTOSCALED.items():
        labels = {"namespace": "shop", "horizontalpodautoscaler": name}
        running = np.array(by_hour, dtype=float)[hour]
        yield _gauge("kube_horizontalpodautoscaler_status_current_replicas", times, running, **labels)
        yield _gauge("kube_horizontalpodautoscaler_spec_max_replicas", times, float(most), **labels)
        target = {"scaletargetref_kind": "Deployment", "scaletargetref_name": name}
        yield _gauge("kube_horizontalpodautoscaler_info", times, 1.0, **labels, **target)


def _calls(times: FloatArray, random: np.random.Generator) -> Iterator[Samples]:
    for (caller, callee), worst in CALLS.items():
        slow = worst * (0.55 + 0.45 * _rhythm(times)) * (1 - abs(random.normal(0, 0.03, len(times))))
        labels = {
            "reporter": "source",
            "source_workload": caller,
            "source_canonical_service": caller,
            "destination_canonical_service": callee,
        }
        yield from _histogram("istio_request_duration_milliseconds_bucket", times, slow, labels)


def _answers(times: FloatArray, released: float, random: np.random.Generator) -> Iterator[Samples]:
    """Two services that are released weekly: one a little slower each time, one as it always was."""
    for name, (first, slower, number) in ANSWERS.items():
        since = np.floor((times - released) / (7 * DAY)).astype(int)
        level = first * (1 + slower) ** (since - since[0])
        slow = level * (0.92 + 0.16 * _rhythm(times)) * (1 + 0.02 * random.standard_t(3, len(times)))
        yield from _histogram("http_request_duration_seconds_bucket", times, slow, {"service": name}, unit=1000.0)
        for release in np.unique(since):
            runs = times[since == release]
            yield _gauge("app_build_info", runs, 1.0, service=name, version=f"1.{number + 1 + release}.0")


def _histogram(
    name: str, times: FloatArray, slow: FloatArray, labels: Mapping[str, str], unit: float = 1.0
) -> Iterator[Samples]:
    """Buckets of 10,000 requests whose 99th percentile, as Prometheus interpolates it, is ``slow``.

    ``slow`` is in milliseconds, and so are the bounds, unless ``unit`` says how many of them make one of the metric's.
    """
    bounds = np.array((0.0, *BUCKETS))
    upper = np.searchsorted(bounds, slow)
    inside = (slow - bounds[upper - 1]) / (bounds[upper] - bounds[upper - 1])
    for place, bound in enumerate((*BUCKETS, np.inf), start=1):
        below = np.clip(0.99 - 0.008 * inside - 0.12 * (upper - 1 - place), 0.02, 1.0)
        above = 0.99 + 0.008 * (1 - inside)
        share = np.where(place < upper, below, np.where(place == upper, above, 1.0))
        counted = np.round(10_000 * share)
        both = np.concatenate([times + COUNTER[0], times + COUNTER[1]])
        values = np.concatenate([np.zeros(len(times)), counted])
        order = np.argsort(both)
        le = "+Inf" if np.isinf(bound) else f"{bound / unit:g}"
        yield sample(name, both[order], values[order], **labels, le=le)


def _jobs(times: FloatArray, random: np.random.Generator) -> Iterator[Samples]:
    days = times[times % DAY == 0]
    for name, (hour, first, last) in JOBS.items():
        taken = np.round(_way(days, first, last) * (1 + random.normal(0, 0.012, len(days))))
        for day, seconds in zip(days, taken, strict=True):
            begun = day + hour
            asked = times[(times >= begun + seconds) & (times < begun + seconds + DAY)]
            if not len(asked):
                continue
            labels = {"namespace": "shop", "job_name": f"{name}-{int(begun // 60)}"}
            yield _gauge("kube_job_status_start_time", asked, begun, **labels)
            yield _gauge("kube_job_status_completion_time", asked, begun + seconds, **labels)


def _volumes(times: FloatArray) -> Iterator[Samples]:
    for name, (capacity, first, last) in VOLUMES.items():
        labels = {"namespace": "data", "persistentvolumeclaim": name}
        used = np.round(capacity * _way(times, first, last), -6)
        yield _gauge("kubelet_volume_stats_used_bytes", times, used, **labels)
        yield _gauge("kubelet_volume_stats_capacity_bytes", times, capacity, **labels)


def _alerted(now: float, random: np.random.Generator) -> Iterator[Samples]:
    """What two alerts are about: the orders' queue, which a release renamed, and the cart store's memory."""
    times = np.arange(now - 40 * DAY, now + 1, HOUR / 12)
    waiting = np.round(120 + 160 * _rhythm(times) + random.normal(0, 6, len(times)))
    before = times < now - RENAMED_DAYS_AGO * DAY
    yield _gauge("orders_waiting", times[before], waiting[before], namespace="shop", service="orders")
    yield _gauge("orders_queue_waiting", times[~before], waiting[~before], namespace="shop", service="orders")
    used = np.round(4 * GI * (0.52 + 0.1 * _rhythm(times) + random.normal(0, 0.004, len(times))), -6)
    yield _gauge("redis_memory_used_bytes", times, used, namespace="data", service="cart-store")
    yield _gauge("redis_memory_max_bytes", times, 4 * GI, namespace="data", service="cart-store")
