"""Two nights over a folder where a file stops being readable: what it held stays, what stands beside it is judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from driftbot.config import load_config
from driftbot.core.finding import Verdict
from driftbot.core.subject import SubjectId
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape.live import LiveTape

RULE = "readiness-noticed-in-time"
FIRST = datetime(2026, 5, 1, 2, tzinfo=UTC)
CONFIG = """
store: driftbot.db
sources: [{name: manifests, kind: kubernetes_manifests, environment: production, path: manifests}]
rules: {shipped: [readiness-noticed-in-time]}
"""
PROBE = "          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 60, failureThreshold: 5}\n"


def deployment(name: str, more: str = "") -> str:
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  template:
    spec:
      containers:
        - name: main
          image: example.org/{name}:1
{more}"""


def night(root: Path, number: int) -> Report:
    config = load_config(root / "driftbot.yaml")
    with Store.open(config.store_url) as store:
        request = Request(FIRST + timedelta(days=number))
        return scan(config, store, LiveTape(root), request, lambda: datetime.now(UTC), lambda _: None)


def container(name: str) -> SubjectId:
    return SubjectId("container", "production", f"shop/{name}/main")


def test_a_finding_behind_an_unread_file_stands_and_its_neighbours_are_judged(tmp_path: Path) -> None:
    (tmp_path / "driftbot.yaml").write_text(CONFIG)
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "bare.yaml").write_text(deployment("bare"))
    (folder / "cart.yaml").write_text(deployment("cart", PROBE))
    (folder / "mail.yaml").write_text(deployment("mail", PROBE))
    assert {life.finding.subject.id for life in night(tmp_path, 0).triage.news} == {
        container("cart"),
        container("mail"),
    }
    (folder / "cart.yaml").write_text(deployment("cart"))
    (folder / "mail.yaml").write_text("kind: Deployment\nmetadata:\n  {{- toYaml .x }}\n")
    report = night(tmp_path, 1)
    assert [life.finding.subject.id for life in report.triage.resolved] == [container("cart")]
    assert [(life.finding.subject.id, life.finding.verdict) for life in report.triage.unread] == [
        (container("mail"), Verdict.UNKNOWN)
    ]
    assert report.exit_code == 1
    with Store.open(load_config(tmp_path / "driftbot.yaml").store_url) as store:
        history = store.history(container("mail"), "probe.readiness.period")
        assert [interval.closed for interval in history] == [None]
