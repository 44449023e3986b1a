"""A planted shop is mended: real git with a remote, a real Prometheus, the commands as a person runs them.

The first story ends well: planned, approved, pushed, merged by a person, loaded by the server, found healthy twice. The
second applies a fix that does not help: it is taken back, tried no more than is allowed, and its owner is named.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.estate import Ended, Estate
from tests.git_repository import GitRepository
from tests.servers.prometheus import PrometheusServer

pytestmark = pytest.mark.server

RULES = """\
groups:
  - name: cart
    rules:
      # Agreed with the shop's owners.
      - alert: CartErrors
        expr: job:request_errors:ratio{job="cart"} > 0.02
        for: 5m
        labels: {severity: page, team: basket}
"""
LOOSENED = RULES.replace("0.02", "0.04")

RESTORE = """\
id: restore-and-reload
summary: Put an alert's threshold back, and have the server load it.
risk: The alert may fire at once.
parameters:
  threshold: {type: quantity, unit: count, meaning: The approved threshold., recommended: threshold, rounding: exact}
steps:
  - action: change_files
    settings: {set: threshold, to: "{threshold}"}
  - action: prometheus_reload
    settings: {source: prometheus}
limits: {factor: 100}
verify: {after: 1s}
cases:
  - {name: nothing recommended, subject: CartErrors/1, refused: recommend}
"""

CONFIG = """\
rules: {{shipped: [threshold-as-approved]}}
sources:
  - {{name: prometheus, kind: prometheus, environment: production, url: "{url}"}}
  - {{name: alerts, kind: alert_files, environment: production, path: rules}}
playbooks: {{paths: [playbooks], changes: branch, for_rules: {{threshold-as-approved: restore-and-reload}}}}
acting:
  ladder: [{{rule: "*", level: propose}}]
  reach:
    git_change: {{repositories: [{{folder: .}}]}}
    prometheus_reload: {{sources: [prometheus]}}
"""

TIGHT = """\
id: deadline-not-short
title: Jobs have an hour
reference: {url: "https://example.org/jobs", summary: Jobs need an hour.}
why: It was agreed.
severity: high
owner: basket
review_by: 2030-01-01
for_each: job
let: {deadline: self.timeout.deadline}
expect: deadline >= duration("1h")
message: "{deadline} is short"
recommend: {timeout.deadline: 1.5 * self.timeout.deadline}
numbers: {1h: ours, 1.5: ours}
playbook: raise-a-little
cases:
  - {name: short, facts: {timeout.deadline: 30m}, verdict: drift}
  - {name: long, facts: {timeout.deadline: 2h}, verdict: ok}
  - {name: unread, verdict: unknown}
"""

RAISE = """\
id: raise-a-little
summary: Raise a job's deadline by half.
risk: A job that hangs is killed later.
parameters:
  deadline: {type: quantity, unit: seconds, meaning: The new deadline., recommended: timeout.deadline}
steps:
  - action: edit_file
    settings: {set: timeout.deadline, to: "{deadline}"}
limits: {attempts: 1, cooldown: 1s}
approvals: 0
verify: {after: 1s}
cases:
  - {name: nothing recommended, subject: shop/billing, refused: recommend}
"""

JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: billing, namespace: shop}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      activeDeadlineSeconds: 1200  # twenty minutes
      template:
        spec:
          restartPolicy: Never
          containers: [{name: billing, image: registry.example.org/billing:2}]
"""

JOB_CONFIG = """\
rules: {shipped: none, paths: [lessons]}
sources:
  - {name: manifests, kind: kubernetes_manifests, environment: production, path: deploy}
playbooks: {paths: [playbooks], shipped: false}
acting:
  ladder: [{rule: "*", level: auto}]
"""


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """The shop's clone, with a remote that is a folder beside it."""
    remote = GitRepository(tmp_path / "remote")
    remote.git("config", "core.bare", "true")
    shop = GitRepository(tmp_path / "shop")
    shop.git("remote", "add", "origin", str(remote.root))
    return shop


def published(repository: GitRepository, subject: str, files: dict[str, str | None]) -> None:
    repository.commit(subject, files)
    repository.git("push", "-q", "origin", "main")
    repository.git("remote", "set-head", "origin", "main")


def digest(plan: Ended) -> str:
    found = re.search(r"driftbot apply ([0-9a-f]{12})", plan.out)
    assert found, plan.out
    return found[1]


def test_what_drifted_is_mended_and_found_healthy(
    repository: GitRepository, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    server = prometheus_server(rules={"cart.yaml": RULES})
    shop = Estate(repository.root)
    files = {"rules/cart.yaml": RULES, "driftbot.yaml": CONFIG.format(url=server.url), ".gitignore": "driftbot.db*\n"}
    published(repository, "The shop", {**files, "playbooks/restore-and-reload.yaml": RESTORE})
    assert shop.driftbot("scan").code == 0
    assert (
        shop.driftbot(
            "approve", "--subject", "condition:*", "--key", "threshold", "--by", "ada", "--reason", "agreed", "--yes"
        ).code
        == 0
    )
    published(repository, "Less noise", {"rules/cart.yaml": LOOSENED})
    server.use_rules({"cart.yaml": LOOSENED})
    server.wait_for_rules()
    assert shop.driftbot("scan").code == 2

    planned = shop.driftbot("plan")
    assert planned.code == 2, planned.out + planned.err
    assert '-        expr: job:request_errors:ratio{job="cart"} > 0.04' in planned.out
    applied = shop.driftbot("apply", digest(planned), "--by", "ada")
    assert applied.code == 0, applied.out + applied.err
    assert "waits to be merged" in applied.out

    branch = repository.git("ls-remote", "--heads", "origin", "driftbot/*").split("refs/heads/")[1]
    message = repository.git("log", "-1", "--format=%B", f"origin/{branch}")
    for told in ("PM2025-001", "threshold-as-approved", "0.04 -> 0.02", "driftbot undo"):
        assert told in message
    repository.git("merge", "-q", "--no-ff", "-m", "Agreed", f"origin/{branch}", author="Grace")
    repository.git("push", "-q", "origin", "main")
    restored = (shop.folder / "rules" / "cart.yaml").read_text("utf-8")
    assert restored == RULES
    (server.directory / "rules" / "cart.yaml").write_text(restored)

    night = shop.driftbot("run")
    assert "Traceback" not in night.err
    assert "verifying" in shop.driftbot("runs", "list").out
    time.sleep(1.1)
    assert shop.driftbot("run").code == 0
    time.sleep(0.1)
    assert shop.driftbot("run").code == 0
    story = shop.driftbot("runs", "show", "1").out
    assert "resolved" in story
    assert "ada approved" in story
    assert shop.driftbot("plan").code == 0


def test_a_fix_that_does_not_help_is_taken_back_and_told(estate: Estate) -> None:
    estate.write("driftbot.yaml", JOB_CONFIG)
    estate.write("lessons/batch/deadline-not-short.yaml", TIGHT)
    estate.write("playbooks/raise-a-little.yaml", RAISE)
    estate.write("deploy/billing.yaml", JOB)
    first = estate.driftbot("run")
    assert first.code == 2, first.out + first.err
    changed = (estate.folder / "deploy" / "billing.yaml").read_text("utf-8")
    assert changed == JOB.replace("1200", "1800")
    time.sleep(1.1)
    second = estate.driftbot("run")
    assert (estate.folder / "deploy" / "billing.yaml").read_text("utf-8") == JOB
    listed = estate.driftbot("runs", "list").out
    assert "escalated" in listed, listed + second.err
    story = estate.driftbot("runs", "show", "1").out
    assert "30m is short" in story
    time.sleep(1.1)
    estate.driftbot("run")
    assert (estate.folder / "deploy" / "billing.yaml").read_text("utf-8") == JOB, "one attempt was allowed"
    held = estate.driftbot("plan")
    assert "attempts" in held.out
    assert "basket" in story


def test_what_was_merged_and_not_pulled_is_not_judged(repository: GitRepository, tmp_path: Path) -> None:
    shop = Estate(repository.root)
    lesson = (
        TIGHT.replace('"1h"', '"30m"')
        .replace("1h: ours", "30m: ours")
        .replace("facts: {timeout.deadline: 30m}", "facts: {timeout.deadline: 20m}")
    )
    by_branch = JOB_CONFIG.replace("shipped: false}", "shipped: false, changes: branch}")
    files = {
        "driftbot.yaml": by_branch + "  reach: {git_change: {repositories: [{folder: .}]}}\n",
        "lessons/batch/deadline-not-short.yaml": lesson,
        "playbooks/raise-a-little.yaml": RAISE.replace("edit_file", "change_files"),
        "deploy/billing.yaml": JOB,
        ".gitignore": "driftbot.db*\n",
    }
    published(repository, "The shop", files)
    assert "waiting" in shop.driftbot("run").out
    grace = GitRepository(tmp_path / "grace")
    grace.git("remote", "add", "origin", str(tmp_path / "remote"))
    grace.git("fetch", "-q", "origin")
    grace.git("reset", "-q", "--hard", "origin/main")
    branch = grace.git("ls-remote", "--heads", "origin", "driftbot/*").split("refs/heads/")[1]
    grace.git("merge", "-q", "--squash", f"origin/{branch}")
    grace.git("commit", "-q", "-m", "Agreed")
    grace.git("push", "-q", "origin", "HEAD:main")
    shop.driftbot("run")
    time.sleep(1.1)
    for _ in range(2):
        night = shop.driftbot("run")
        assert "git pull" in night.out, night.out + night.err
        assert "verifying" in shop.driftbot("runs", "list").out
    assert "undo" not in grace.git("ls-remote", "--heads", "origin")
    assert "1 held back" in shop.driftbot("plan").out
    repository.git("pull", "-q", "origin", "main")
    time.sleep(1.1)
    shop.driftbot("run")
    time.sleep(1.1)
    shop.driftbot("run")
    assert "resolved" in shop.driftbot("runs", "show", "1").out
