"""Probes: how soon the kubelet notices that a container is not ready, not alive, or not started.

Defaults, and a written zero where it means the default: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe
(periodSeconds 10, timeoutSeconds 1, failureThreshold 3, successThreshold 1, initialDelaySeconds 0).
"""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import mapping, nobody_else
from driftbot.collectors.statement import Statement, Zero, number
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.documents.node import Node

PROBES = ("readiness", "liveness", "startup")
HANDLERS = {"httpGet": "http", "tcpSocket": "tcp", "grpc": "grpc", "exec": "exec"}

_TIMES = (
    ("period", "periodSeconds", 10, Zero.DEFAULT, "time between two tries"),
    ("timeout", "timeoutSeconds", 1, Zero.DEFAULT, "after which a try without an answer has failed"),
    ("initial_delay", "initialDelaySeconds", 0, Zero.ZERO, "after the container's start before the first try"),
)
_COUNTS = (
    ("failure_threshold", "failureThreshold", 3, "failed tries in a row that count as failure"),
    ("success_threshold", "successThreshold", 1, "good tries in a row that count as recovery"),
)


givers = nobody_else


def keys() -> Iterator[Key]:
    """What containers say about each of their probes; a probe exists where its ``handler`` is known."""
    for probe in PROBES:
        named = f"the {probe} probe"

        def key(name: str, type: ValueType, meaning: str, unit: Unit | None = None, probe: str = probe) -> Key:
            return Key("container", f"probe.{probe}.{name}", type, meaning, unit)

        yield key("handler", ValueType.TEXT, f"how {named} asks: http, tcp, grpc or exec")
        yield key("path", ValueType.TEXT, f"the path that {named} asks for")
        yield key("port", ValueType.TEXT, f"the port, by number or name, that {named} asks at")
        for name, _, default, _, meaning in _TIMES:
            yield key(name, ValueType.QUANTITY, f"{named}: {meaning} (default {default} s)", Unit.SECONDS)
        for name, _, default, meaning in _COUNTS:
            yield key(name, ValueType.QUANTITY, f"{named}: {meaning} (default {default})", Unit.COUNT)
        detection = f"{named}: longest time until a failure is noticed, period × failure threshold + timeout"
        yield key("detection_time", ValueType.QUANTITY, detection, Unit.SECONDS)
        budget = f"{named}: time a start may take, initial delay + period × failure threshold"
        yield key("budget", ValueType.QUANTITY, budget, Unit.SECONDS)


def state_probes(container: Node, say: Statement) -> None:
    """All that a container's probes say."""
    for probe in PROBES:
        node = mapping(container, f"{probe}Probe")
        if node is not None and node.members:
            _state(f"probe.{probe}", node, say)


def _state(key: str, probe: Node, say: Statement) -> None:
    field = next((field for field in HANDLERS if field in probe.members), None)
    if field is None:
        say.doubt(probe, f"{key}: none of {', '.join(HANDLERS)} (a patch?)")
        return
    handler = probe.members[field].value
    say.state(f"{key}.handler", HANDLERS[field], handler)
    say.text(f"{key}.path", handler, "path", default="/" if field == "httpGet" else None)
    say.text(f"{key}.port", handler, "port")
    times = {
        name: say.quantity(f"{key}.{name}", Unit.SECONDS, probe, field, default, zero)
        for name, field, default, zero, _ in _TIMES
    }
    counts = {
        name: say.quantity(f"{key}.{name}", Unit.COUNT, probe, field, default, Zero.DEFAULT)
        for name, field, default, _ in _COUNTS
    }
    period, timeout, delay, failures = (
        times["period"],
        times["timeout"],
        times["initial_delay"],
        counts["failure_threshold"],
    )
    if period and failures and timeout:
        seconds = number(period) * number(failures) + number(timeout)
        say.derive(f"{key}.detection_time", seconds, Unit.SECONDS, probe, period, failures, timeout)
    if period and failures and delay:
        seconds = number(delay) + number(period) * number(failures)
        say.derive(f"{key}.budget", seconds, Unit.SECONDS, probe, delay, period, failures)
