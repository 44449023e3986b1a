"""The end of a container: how long it may take to stop, and what happens before it is told to.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination: the grace period (default 30 s) runs
while the preStop hook does, so a hook that sleeps as long leaves nothing for the process itself. A grace period of zero
kills at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import mapping, nobody_else
from driftbot.collectors.statement import Statement
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.documents.node import Node

GRACE = "termination.grace_period"
_HOOKS = {"sleep": "sleep", "exec": "exec", "httpGet": "http", "tcpSocket": "tcp"}
_LOOP = re.compile(r"(?:^|[\s;&|({])(?:while|until|for)\s")
_SLEEP = re.compile(r"(?:^|[\s;&|/])sleep\s+(\d+(?:\.\d+)?)([smhd]?)\b")


givers = nobody_else


def keys() -> Iterator[Key]:
    """Grace period and preStop hook."""
    grace = "time between the request to stop and the kill (default 30 s; 0 kills at once)"
    for kind in ("workload", "job", "container"):
        yield Key(kind, GRACE, ValueType.QUANTITY, grace, Unit.SECONDS)
    hook = "what runs before the container is told to stop: sleep, exec, http or tcp"
    yield Key("container", "pre_stop.handler", ValueType.TEXT, hook)
    slept = "how long the preStop hook sleeps, where it does nothing harder to read than that"
    yield Key("container", "pre_stop.sleep", ValueType.QUANTITY, slept, Unit.SECONDS)


def state_grace(pod: Node, say: Statement) -> Fact | None:
    """The pod's grace period."""
    return say.quantity(GRACE, Unit.SECONDS, pod, "terminationGracePeriodSeconds", default=30)


def state_pre_stop(container: Node, say: Statement) -> None:
    """What a container does before it is told to stop."""
    hook = mapping(container, "lifecycle", "preStop")
    field = next((field for field in _HOOKS if hook and field in hook.members), None)
    if hook is None or field is None:
        return
    handler = hook.members[field].value
    say.state("pre_stop.handler", _HOOKS[field], handler)
    if field == "sleep":
        say.quantity("pre_stop.sleep", Unit.SECONDS, handler, "seconds")
    elif field == "exec":
        _sleep_command(handler, say)


def _sleep_command(handler: Node, say: Statement) -> None:
    command = handler.get("command")
    words = [item.text for item in command.items] if command else []
    line = " ".join(words)
    found = _SLEEP.findall(line)
    if command and len(found) == 1 and not _LOOP.search(line):
        seconds, suffix = found[0]
        scale = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[suffix]
        say.state("pre_stop.sleep", Quantity(float(seconds) * scale, Unit.SECONDS), command)
