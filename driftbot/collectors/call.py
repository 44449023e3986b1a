"""Calls: how patiently and how stubbornly one service calls another, as a catalog says."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.statement import Statement, number
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node, Shape

_KIND = "call"
_QUANTITIES = (
    ("timeout.connect", "connect_timeout", Unit.SECONDS, "how long the caller waits for a connection"),
    ("retries.max", "retries", Unit.COUNT, "tries after the first one"),
    ("retries.backoff", "backoff", Unit.SECONDS, "wait before the first retry"),
    ("retries.multiplier", "backoff_multiplier", Unit.COUNT, "how many times longer each next wait is"),
    ("retries.budget", "retry_budget", Unit.RATIO, "retries that the caller allows itself, as a share of its requests"),
    ("pool.size", "pool_size", Unit.COUNT, "requests to the callee that can be in flight at once"),
    ("queue.size", "queue_size", Unit.COUNT, "requests that may wait for a place in the pool"),
)
_FLAGS = (
    ("timeout.includes_retries", "timeout_includes_retries", "whether the timeout is for all tries together"),
    ("retries.jitter", "jitter", "whether waits before retries are random"),
    ("circuit_breaker", "circuit_breaker", "whether the caller stops calling while the callee fails"),
    ("fallback", "fallback", "whether the caller has an answer of its own while the callee fails"),
    ("pool.shared", "pool_shared", "whether other callees use the same pool"),
    ("idempotent", "idempotent", "whether a repeated request does no harm"),
)
_TEXTS = (("criticality", "criticality", "what the caller cannot do without the callee, e.g. hard or soft"),)

CALL_FIELDS = frozenset(
    {"to", "timeout", "protocol", "description", *(row[1] for row in (*_QUANTITIES, *_FLAGS, *_TEXTS))}
)
"""The fields of a call in a catalog."""


def call_keys() -> Iterator[Key]:
    """What catalogs say about calls."""
    request = "how long the caller waits for an answer"
    yield Key(_KIND, "timeout.request", ValueType.QUANTITY, request, Unit.SECONDS)
    yield Key(_KIND, "timeout.unlimited", ValueType.FLAG, "whether the caller waits for ever (a timeout of 0 or none)")
    total = (
        "longest wait over all tries, waits between them left out; known where it is clear what the timeout includes"
    )
    yield Key(_KIND, "timeout.total", ValueType.QUANTITY, total, Unit.SECONDS)
    for name, _, unit, meaning in _QUANTITIES:
        yield Key(_KIND, name, ValueType.QUANTITY, meaning, unit)
    for name, _, meaning in _FLAGS:
        yield Key(_KIND, name, ValueType.FLAG, meaning)
    for name, _, meaning in _TEXTS:
        yield Key(_KIND, name, ValueType.TEXT, meaning)
    yield Key(_KIND, "listed", ValueType.FLAG, "true for every call that a catalog names")


def state_call(node: Node, caller: str, callee: str, environment: str) -> Statement:
    """All that an entry of ``calls`` says; a bare name says only that the call exists."""
    labels = {"from": caller, "to": callee}
    protocol = node.get("protocol")
    if protocol is not None and protocol.text:
        labels["protocol"] = protocol.text
    say = Statement(Subject(_KIND, environment, f"{caller}->{callee}", labels_of(labels)))
    say.state("listed", True, node)
    if node.shape is not Shape.MAPPING:
        return say
    for key, field, unit, _ in _QUANTITIES:
        say.quantity(key, unit, node, field)
    for key, field, _ in _FLAGS:
        written = node.get(field)
        if written is not None and not written.is_null:
            say.flag(key, node, field, default=False)
    for key, field, _ in _TEXTS:
        say.text(key, node, field)
    _state_timeout(node, say)
    return say


def _state_timeout(node: Node, say: Statement) -> None:
    written = node.get("timeout")
    if written is None or written.is_null:
        return
    if written.text.lower() == "none":
        say.state("timeout.unlimited", True, written)
        return
    patience = Statement(say.subject)
    request = patience.quantity("timeout.request", Unit.SECONDS, node, "timeout")
    say.gaps.extend(patience.gaps)
    if request is None:
        return
    say.state("timeout.unlimited", number(request) == 0, written)
    if number(request) == 0:
        return
    say.facts.append(request)
    _state_total(node, say)


def _state_total(node: Node, say: Statement) -> None:
    request, retries = say.find("timeout.request"), say.find("retries.max")
    includes = say.find("timeout.includes_retries")
    if request is None:
        return
    if includes is not None and includes.value is True:
        say.derive("timeout.total", number(request), Unit.SECONDS, node, request, includes)
    elif retries is not None and (number(retries) == 0 or includes is not None):
        seconds = number(request) * (1 + number(retries))
        say.derive("timeout.total", seconds, Unit.SECONDS, node, request, retries)
