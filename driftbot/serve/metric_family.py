"""Metric families of the Prometheus text format: one value, or one a label set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX = "driftbot_"

LabelValues = TypeVar("LabelValues", bound=tuple[str, ...])


def gauge(name: str, told: str, value: float | datetime | None) -> Metric:
    """One value that goes up and down; a time is told in Unix seconds, and what is not known (None) has no sample."""
    family = GaugeMetricFamily(PREFIX + name, told)
    if value is not None:
        family.add_metric((), _number(value))
    return family


def gauges(
    name: str, told: str, labels: tuple[str, ...], values: Mapping[LabelValues, float | datetime | None]
) -> Metric:
    """A value for every label set."""
    family = GaugeMetricFamily(PREFIX + name, told, labels=labels)
    for label_values, value in values.items():
        if value is not None:
            family.add_metric(label_values, _number(value))
    return family


def counters(name: str, told: str, labels: tuple[str, ...], values: Mapping[LabelValues, float]) -> Metric:
    """A value that only rises for every label set; its samples end with ``_total``."""
    family = CounterMetricFamily(PREFIX + name, told, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family


def _number(value: float | datetime) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
