"""How a night ends for whoever began it: drift may be asked to be no failure, being blind never."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftbot.core.exit_code import ExitCode
from driftbot.store.store import Store

CONFIG = """
store: driftbot.db
rules: {shipped: [page-has-runbook]}
sources:
  - {name: alerts, kind: alert_files, environment: production, path: rules}
"""
ALERT = """
groups:
  - name: shop
    rules:
      - {alert: Slow, expr: latency > 5, for: 5m, labels: {severity: page}}
"""


@pytest.fixture
def drifting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "driftbot.yaml").write_text(CONFIG)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shop.yaml").write_text(ALERT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_drift_is_no_failure_where_it_is_asked_for_and_stays_drift_in_the_store(drifting, run):
    assert run("run").code == ExitCode.DRIFT
    answer = run("run", "--exit-zero", "--output", "night.json")
    assert answer.code == ExitCode.CLEAN, answer
    assert json.loads((drifting / "night.json").read_text())["exit_code"] == ExitCode.DRIFT
    with Store.open(f"sqlite:///{drifting / 'driftbot.db'}") as store:
        assert [night.exit_code for night in store.nights()] == [ExitCode.DRIFT, ExitCode.DRIFT]


def test_being_blind_is_a_failure_whatever_is_asked_for(drifting, run):
    (drifting / "rules" / "shop.yaml").write_text("groups: [")
    assert run("run", "--exit-zero").code == ExitCode.BLIND
