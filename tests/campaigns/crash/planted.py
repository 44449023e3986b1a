"""An estate with one drift for each playbook: every one that is shipped, and one for each action that those do not use.

What each remedy has to leave behind is written here by hand, not taken from what driftbot proposes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Place(StrEnum):
    """Where a step's effect can be found."""

    FILE = "file"
    BRANCH = "branch"
    REQUEST = "request"
    OUTBOX = "outbox"
    ISSUE = "issue"
    SERVER = "server"
    PROGRAM = "program"
    SILENCE = "silence"


@dataclass(frozen=True)
class Expected:
    """One step's effect: the place, and the name that it is found by there. ``readable``: driftbot can read it back."""

    place: Place
    name: str
    readable: bool = True
    fails: bool = False


@dataclass(frozen=True)
class Case:
    """A playbook, the drift that it mends, and what it leaves behind.

    ``before`` and ``after`` are the text of the file that it changes; ``rule`` finds the drift. ``steps`` are the
    effects in their order, those of ``change_files`` left out: they differ by the way in which files are changed.
    """

    playbook: str
    rule: str
    path: str
    before: str
    after: str = ""
    steps: tuple[Expected, ...] = ()
    written: str = ""
    undoable: bool = True

    @property
    def edits(self) -> bool:
        """Whether the file is changed."""
        return bool(self.after)


_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?[A-Za-z]*")
_RULE = """\
id: {playbook}
title: It is as the review asked for
incident: {{id: shop-2026, date: 2026-03-11, url: https://example.org/reviews/1, summary: It was down.}}
why: It was down because of this before.
numbers: {{{numbers}}}
severity: high
owner: shop
for_each: {kind}
where: self.labels.{label} == "{value}"
expect: {expect}
message: '"it is not"'
{recommend}playbook: {playbook}
cases: [{{name: unread, verdict: unknown}}]
"""


def rule(playbook: str, kind: str, value: str, expect: str, recommend: str = "", label: str = "workload") -> str:
    """A rule that finds one subject, by its label; every number in it is somebody's."""
    advised = f"recommend: {{{recommend}}}\n" if recommend else ""
    numbers = ", ".join(f"{one}: ours" for one in dict.fromkeys(_NUMBER.findall(f"{expect} {recommend}")))
    return _RULE.format(
        playbook=playbook, kind=kind, label=label, value=value, expect=expect, recommend=advised, numbers=numbers
    )


def job(name: str, deadline: int = 7200) -> str:
    """A job's manifest."""
    return (
        f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
        f'  schedule: "0 3 * * *"\n  jobTemplate:\n    spec:\n      activeDeadlineSeconds: {deadline}  # as agreed\n'
        f'      template: {{spec: {{containers: [{{name: {name}, image: "shop/{name}:1"}}]}}}}\n'
    )


def deployment(name: str, container: str = "", spec: str = "") -> str:
    """A workload's manifest."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n  replicas: 3\n"
        f"  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n"
        f"    spec:\n      containers:\n        - name: {name}\n          image: shop/{name}:1\n{container}{spec}"
    )


_PROBE = "          readinessProbe:\n            httpGet: {path: /ready, port: 8080}\n            periodSeconds: %d\n"
_LIMIT = "          resources:\n            limits: {memory: %dMi}\n"
_ALERT = (
    "groups:\n  - name: node\n    rules:\n      - alert: NodeMemoryHigh\n"
    "        expr: node_memory_used > %d  # was 85\n        for: 5m\n"
)
_SCALING = (
    "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: search, namespace: shop}\n"
    "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: search}\n  minReplicas: 2\n"
    "  maxReplicas: %d\n"
)
_BUDGET = (
    "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: cart\n  namespace: shop\nspec:\n"
    "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app: cart\n"
)
_SPREAD = (
    "      topologySpreadConstraints:\n        - maxSkew: 1\n          topologyKey: topology.kubernetes.io/zone\n"
    "          whenUnsatisfiable: ScheduleAnyway\n          labelSelector:\n            matchLabels:\n"
    "              app: orders\n"
)

SHIPPED = (
    Case(
        "restore-alert-threshold",
        rule("restore-alert-threshold", "condition", "NodeMemoryHigh", "self.threshold <= 85", "threshold: '85'",
             "alert"),
        "alerts/node.yaml", _ALERT % 90, _ALERT % 85,
    ),
    Case(
        "raise-job-deadline",
        rule("raise-job-deadline", "job", "report", 'self.timeout.deadline >= duration("3h")',
             "timeout.deadline: duration(\"3h\")"),
        "jobs/report.yaml", job("report"), job("report", 10800),
    ),
    Case(
        "set-probe-timeout",
        rule("set-probe-timeout", "container", "checkout", 'self.probe.readiness.period <= duration("9s")',
             "probe.readiness.period: duration(\"9s\")"),
        "deploy/checkout.yaml", deployment("checkout", _PROBE % 15), deployment("checkout", _PROBE % 9),
    ),
    Case(
        "add-disruption-budget",
        rule("add-disruption-budget", "workload", "cart", "self.disruption_budget.names.size() > 0"),
        "deploy/cart.yaml", deployment("cart"), deployment("cart") + _BUDGET,
    ),
    Case(
        "spread-replicas",
        rule("spread-replicas", "workload", "orders", "self.spread.zones"),
        "deploy/orders.yaml", deployment("orders"), deployment("orders") + _SPREAD,
    ),
    Case(
        "raise-autoscaler-maximum",
        rule("raise-autoscaler-maximum", "workload", "search", "self.autoscaling.maximum >= 12",
             "autoscaling.maximum: 1.5 * self.autoscaling.maximum"),
        "deploy/search.yaml", deployment("search") + _SCALING % 8, deployment("search") + _SCALING % 12,
    ),
    Case(
        "set-resource-limit",
        rule("set-resource-limit", "workload", "payment", 'self.resources.limits.memory >= bytes("140Mi")',
             "resources.limits.memory: 1.43 * self.resources.limits.memory"),
        "deploy/payment.yaml", deployment("payment", _LIMIT % 100), deployment("payment", _LIMIT % 143),
    ),
    Case(
        "open-notice",
        rule("open-notice", "job", "untold", 'self.timeout.deadline >= duration("3h")'),
        "jobs/untold.yaml", job("untold"), "", (Expected(Place.OUTBOX, "shop/untold"),),
    ),
)  # fmt: skip
"""The playbooks that driftbot ships, each with its drift."""


def _own(playbook: str, steps: str, *expected: Expected, edits: bool = False, undoable: bool = True) -> Case:
    document = (
        f"id: {playbook}\nsummary: Do it.\nrisk: It is done.\nparameters:\n"
        "  deadline: {unit: seconds, meaning: New., recommended: timeout.deadline}\n"
        f"steps:\n{steps}limits: {{most: 1000, share: 1, attempts: 9}}\n"
        "cases: [{name: none, subject: x, refused: x}]\n"
    )
    wanted = 'self.timeout.deadline >= duration("3h")'
    found = rule(playbook, "job", playbook, wanted, 'timeout.deadline: duration("3h")')
    after = job(playbook, 10800) if edits else ""
    return Case(playbook, found, f"jobs/{playbook}.yaml", job(playbook), after, expected, document, undoable)


def _request(name: str, way: str = "restart", *, checked: bool = True) -> str:
    read_back = f", check: {{path: /{name}, at: $.state, equals: done}}, undo: {{method: DELETE, path: /{name}}}"
    settings = f"{{host: deployer, path: /{name}/{way}{read_back if checked else ''}}}"
    return f"  - {{action: http_request, settings: {settings}}}\n"


def _command(name: str, folder: str, program: str = "act", *, checked: bool = True) -> str:
    act, check, undo = (f'"{folder}/programs/{one}"' for one in (program, "check", "undo"))
    back = f", check: {{argv: [{check}, {name}]}}, undo: {{argv: [{undo}, {name}]}}" if checked else ""
    return f"  - {{action: run_command, settings: {{argv: [{act}, {name}]{back}, nothing_done: [7]}}}}\n"


_EDIT = '  - {action: edit_file, settings: {set: timeout.deadline, to: "{deadline}"}}\n'
_SILENCE = (
    "  - action: alertmanager_silence\n"
    "    settings: {source: pager, matchers: ['alertname=\"NodeMemoryHigh\"'], comment: a fix}\n"
)
_ISSUE = "  - {action: open_notice, settings: {to: forge}}\n"


def own_cases(folder: str, *, silences: bool = False) -> tuple[Case, ...]:
    """Playbooks for the actions that those shipped do not use, alone and one after another."""
    http, program = Place.SERVER, Place.PROGRAM
    found = (
        _own("request", _request("request"), Expected(http, "request")),
        _own("slow-request", _request("slow-request", "slow"), Expected(http, "slow-request")),
        _own("blind-request", _request("blind-request", checked=False), Expected(http, "blind-request", readable=False),
             undoable=False),
        _own("command", _command("command", folder), Expected(program, "command")),
        _own("blind-command", _command("blind-command", folder, checked=False),
             Expected(program, "blind-command", readable=False), undoable=False),
        _own("issue", _ISSUE, Expected(Place.ISSUE, "shop/issue")),
        _own("chain", _EDIT + _request("chain") + _command("chain", folder), Expected(http, "chain"),
             Expected(program, "chain"), edits=True),
        _own("broken-chain", _EDIT + _request("broken-chain") + _command("broken-chain", folder, "refuse"),
             Expected(http, "broken-chain"), Expected(program, "broken-chain", fails=True), edits=True, undoable=False),
    )  # fmt: skip
    silence = _own("silence", _SILENCE, Expected(Place.SILENCE, "NodeMemoryHigh"))
    return (*found, silence) if silences else found


@dataclass(frozen=True)
class Way:
    """How the configuration says that files are changed, and which cases are planted."""

    name: str
    cases: Mapping[str, Case] = field(default_factory=dict)

    def steps_of(self, case: Case) -> tuple[Expected, ...]:
        """The effects of a case in their order."""
        places = {"folder": (Place.FILE,), "branch": (Place.BRANCH,), "request": (Place.BRANCH, Place.REQUEST)}
        own = case.playbook not in {one.playbook for one in SHIPPED}
        changed = places["folder" if own else self.name] if case.edits else ()
        return (*(Expected(place, case.path) for place in changed), *case.steps)
