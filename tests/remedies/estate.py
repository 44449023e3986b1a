"""A real folder of jobs whose deadlines are too short, with the rule, the playbook and the store of one night."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from driftbot.config import Config, load_config
from driftbot.core.plan import Plan
from driftbot.remedies.kill_switch import kill_switch
from driftbot.remedies.reach import planned, tools_of
from driftbot.remedies.world import outlook
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape

CONFIGURATION = """\
store: driftbot.db
sources:
  - {{name: manifests, kind: kubernetes_manifests, environment: production, path: jobs}}
rules: {{paths: [rules], shipped: none}}
playbooks: {{paths: [playbooks], shipped: false}}
acting:
  ladder: [{{level: {level}}}]
  limits: {{run: {{most: 100}}, rule: {{most: 100}}, owner: {{most: 100}}, environment: {{most: 100}}}}
"""
RULE = """\
id: deadline
title: A job may run for three hours
incident: {id: billing-2025, date: 2025-03-11, url: https://example.org/reviews/1, summary: It was killed.}
why: It grew for months.
numbers: {3h: review}
severity: high
owner: data-platform
for_each: job
expect: self.timeout.deadline >= duration("3h")
message: '"{self.timeout.deadline} is too short"'
recommend: {timeout.deadline: duration("3h")}
playbook: raise
cases: [{name: unread, verdict: unknown}]
"""
PLAYBOOK = """\
id: raise
summary: Raise it.
parameters: {{deadline: {{unit: seconds, meaning: New., recommended: timeout.deadline}}}}
steps:
  - {{action: edit_file, settings: {{set: timeout.deadline, to: "{to}"}}}}
approvals: {approvals}
on_failure: {on_failure}
limits: {{most: 1000, share: 1, attempts: {attempts}}}
verify: {{after: 0s}}
cases: [{{name: none, subject: x, refused: x}}]
"""
JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: {name}, namespace: shop}}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      activeDeadlineSeconds: {seconds}  # as agreed
      template: {{spec: {{containers: [{{name: main, image: "shop/{name}:1"}}]}}}}
"""
SHORT, LONG = 7200, 10800


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Terms:
    """What is allowed, and what the playbook does; ``to`` is the deadline that it writes."""

    level: str = "propose"
    approvals: int = 1
    to: str = "{deadline}"
    on_failure: str = "undo"
    attempts: int = 2


def write_estate(root: Path, *jobs: str, terms: Terms = Terms()) -> Path:
    """The folder, with a job of each name."""
    for folder in ("rules", "playbooks", "jobs"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "driftbot.yaml").write_text(CONFIGURATION.format(level=terms.level))
    (root / "rules" / "deadline.yaml").write_text(RULE)
    told = {"approvals": terms.approvals, "to": terms.to, "on_failure": terms.on_failure, "attempts": terms.attempts}
    (root / "playbooks" / "raise.yaml").write_text(PLAYBOOK.format(**told))
    for name in jobs:
        (root / "jobs" / f"{name}.yaml").write_text(job(name, SHORT))
    return root


def job(name: str, seconds: int) -> str:
    return JOB.format(name=name, seconds=seconds)


def scanned(root: Path) -> Config:
    """The configuration of the folder, after a scan that was kept."""
    config = load_config(root / "driftbot.yaml")
    with Store.open(config.store_url) as store:
        scan(config, store, LiveTape(root), Request(now()), now, lambda _: None)
    return config


def planned_and_kept(config: Config) -> Plan:
    """The plan of the last night, kept in the store."""
    with Store.open(config.store_url) as store:
        seen = outlook(config, store, now())
        plan = planned(seen.world, tools_of(config, now, kill_switch(config)))
        store.keep_plan(plan)
    return plan


def copied(estate: Path, to: Path) -> Config:
    """Another estate just like it."""
    shutil.copytree(estate, to)
    return load_config(to / "driftbot.yaml")


def deadlines(root: Path, names: Iterable[str]) -> dict[str, int]:
    """The deadline that each file states; a file that is neither as it was nor as it shall be is an error."""
    found = {}
    for name in names:
        text = (root / "jobs" / f"{name}.yaml").read_text()
        found[name] = next(seconds for seconds in (SHORT, LONG) if text == job(name, seconds))
    return found
