"""The vocabulary of the rule and engine tests."""

from __future__ import annotations

from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Unit


def quantity(kind: str, name: str, unit: Unit) -> Key:
    return Key(kind, name, ValueType.QUANTITY, f"the {name}", unit, ("test",))


def plain(kind: str, name: str, sort: ValueType) -> Key:
    return Key(kind, name, sort, f"the {name}", None, ("test",))


def series(kind: str, name: str, unit: Unit) -> Key:
    return Key(kind, name, ValueType.SERIES, f"the {name}", unit, ("test",))


JOB_KEYS = (
    quantity("job", "timeout.deadline", Unit.SECONDS),
    quantity("job", "timeout.grace", Unit.SECONDS),
    quantity("job", "memory.limit", Unit.BYTES),
    quantity("job", "cpu.limit", Unit.CORES),
    quantity("job", "retries", Unit.COUNT),
    quantity("job", "replicas", Unit.COUNT),
    quantity("job", "error.ratio", Unit.RATIO),
    quantity("job", "request.rate", Unit.PER_SECOND),
    plain("job", "enabled", ValueType.FLAG),
    plain("job", "paused", ValueType.FLAG),
    plain("job", "image", ValueType.TEXT),
    plain("job", "policy", ValueType.TEXT),
    plain("job", "alerts.names", ValueType.NAMES),
    plain("job", "expected.alerts", ValueType.NAMES),
    plain("job", "restore.proved_at", ValueType.INSTANT),
    series("job", "duration", Unit.SECONDS),
    series("job", "failures", Unit.COUNT),
    series("job", "memory.used", Unit.BYTES),
)
CALL_KEYS = (quantity("call", "retries.max", Unit.COUNT), quantity("call", "timeout.request", Unit.SECONDS))
SERVICE_KEYS = (plain("service", "labels.tier", ValueType.TEXT), plain("service", "owner", ValueType.TEXT))

VOCABULARY = Vocabulary([*JOB_KEYS, *CALL_KEYS, *SERVICE_KEYS])
