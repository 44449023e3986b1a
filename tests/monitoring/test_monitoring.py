"""What watches driftbot: alert rules and dashboard, tried by promtool and by a real Prometheus that scrapes metrics."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from driftbot.serve.metrics import registry_of
from driftbot.serve.night_metrics import Attempt
from driftbot.store.store import Store
from tests.serve import metrics_scene as scene
from tests.servers.process import binary
from tests.servers.prometheus import PrometheusServer, start_prometheus

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "monitoring" / "driftbot-alerts.yaml"
DASHBOARD = json.loads((ROOT / "monitoring" / "driftbot-dashboard.json").read_text(encoding="utf-8"))
CASES = ROOT / "fixtures" / "monitoring" / "alerts"
RULES = {rule["alert"]: rule for rule in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]}
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
QUERIES = [
    pytest.param(target["expr"], id=f"{title} {target['refId']}")
    for title, panel in PANELS.items()
    for target in panel["targets"]
]
NAME = re.compile(r"\b(?:driftbot|process)_[a-z_]+\b")


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [binary("promtool"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def case(alert: str) -> dict[str, Any]:
    return yaml.safe_load((CASES / f"{alert}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of all samples that driftbot tells, and of families without any."""
    config = scene.config(tmp_path_factory.mktemp("told"))
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with Store.open(config.store_url) as store:
        scene.fill(store, now)
    registry = registry_of(config, config.store_url, lambda: now, lambda: Attempt(now))
    families = list(registry.collect())
    return frozenset({sample.name for family in families for sample in family.samples} | {one.name for one in families})


@pytest.mark.server
def test_promtool_takes_the_rules() -> None:
    answer = promtool("check", "rules", "--lint=all", "--lint-fatal", ALERTS)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.server
@pytest.mark.parametrize("alert", RULES)
def test_alerts_fire_when_they_should_and_only_then(alert: str) -> None:
    answer = promtool("test", "rules", CASES / f"{alert}.yaml")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.server
def test_promtool_tells_a_broken_rule(tmp_path: Path) -> None:
    """Else a test that passes would say nothing."""
    (tmp_path / "rules.yaml").write_text(ALERTS.read_text().replace("driftbot_store_up == 0", "driftbot_store_up == 1"))
    text = (CASES / "DriftbotStoreUnreadable.yaml").read_text()
    (tmp_path / "case.yaml").write_text(text.replace("../../../monitoring/driftbot-alerts.yaml", "rules.yaml"))
    assert promtool("test", "rules", tmp_path / "case.yaml").returncode == 1


@pytest.mark.parametrize("alert", RULES)
def test_every_alert_has_cases_of_both_kinds(alert: str) -> None:
    checks = [check for test in case(alert)["tests"] for check in test["alert_rule_test"]]
    assert {check["alertname"] for check in checks} == {alert}
    fires = {bool(check["exp_alerts"]) for check in checks}
    assert fires == {True, False} or alert == "DriftbotSourceFailed", "its case tells two sources apart"


def test_every_case_is_of_an_alert() -> None:
    assert {path.stem for path in CASES.iterdir()} == set(RULES)


@pytest.mark.parametrize("alert", RULES)
def test_every_alert_says_what_to_do(alert: str) -> None:
    annotations = RULES[alert]["annotations"]
    assert annotations["summary"].endswith(".")
    assert annotations["description"].endswith(".")
    assert RULES[alert]["labels"]["severity"] in ("critical", "warning", "info")
    page, heading = annotations["runbook"].split(", ")
    assert f"### {heading}\n" in (ROOT / page).read_text(encoding="utf-8")


def test_every_runbook_is_of_an_alert() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^### (Driftbot\w+)$", page, re.MULTILINE)) == sorted(RULES)


@pytest.mark.parametrize("alert", RULES)
def test_alerts_ask_for_what_driftbot_tells(alert: str, told: frozenset[str]) -> None:
    asked = set(NAME.findall(RULES[alert]["expr"]))
    assert asked
    assert asked <= told


def test_every_metric_is_described(told: frozenset[str]) -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    ours = {name.removesuffix("_total") for name in told if name.startswith("driftbot_")}
    described = {name.removesuffix("_total") for name in re.findall(r"^\| `(driftbot_[a-z_]+)", page, re.MULTILINE)}
    assert described == ours


@pytest.mark.parametrize("query", QUERIES)
def test_panels_ask_for_what_driftbot_tells(query: str, told: frozenset[str]) -> None:
    promql_parser.parse(filled(query))
    asked = set(NAME.findall(query))
    assert asked
    assert asked <= told
    assert query.count('job=~"$job",instance=~"$instance"') >= 1


def filled(query: str) -> str:
    """The query as Grafana sends it with all values of the variables chosen."""
    return query.replace("$job", ".*").replace("$instance", ".*")


def test_the_dashboard_is_complete_in_itself() -> None:
    text = json.dumps(DASHBOARD)
    assert "http" not in text, "nothing is fetched from elsewhere"
    sources = {node["uid"] for node in nodes(DASHBOARD) if node.get("type") == "prometheus"}
    assert sources == {"${datasource}"}
    variables = [variable["name"] for variable in DASHBOARD["templating"]["list"]]
    assert variables == ["datasource", "job", "instance"]
    assert {name for name in re.findall(r"\$\{?(\w+)", text) if not name.startswith("__")} <= set(variables)


def test_panels_fit_and_say_what_they_show() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in PANELS.values():
        assert panel["description"].endswith(".")
        assert [target["refId"] for target in panel["targets"]] == ["A", "B"][: len(panel["targets"])]
        assert panel["fieldConfig"]["defaults"]["unit"]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@dataclass(frozen=True)
class Watched:
    """A Prometheus that scrapes two driftbots: one with trouble of every kind, one whose store cannot be read."""

    prometheus: PrometheusServer

    def query(self, expression: str) -> list[dict[str, Any]]:
        return self.prometheus.query(expression, time.time())

    def alerts(self) -> set[str]:
        """Alerts that fire, or will once their time is over."""
        answer = self.prometheus._ask("GET", "/api/v1/alerts").json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in answer}


SCRAPING = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules/*]
scrape_configs:
  - job_name: driftbot
    static_configs:
      - targets: ["{0}", "{1}"]
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    binary("prometheus")
    now = datetime.now(UTC)
    attempt = Attempt(now - timedelta(hours=9))
    with ExitStack() as stack:
        addresses = []
        for full in (True, False):
            config = scene.config(tmp_path_factory.mktemp("watched"))
            if full:
                with Store.open(config.store_url) as store:
                    scene.fill(store, now)
            registry = registry_of(config, config.store_url, lambda: datetime.now(UTC), lambda: attempt)
            addresses.append(stack.enter_context(scene.served(registry)))
        rules = {"driftbot-alerts.yaml": ALERTS.read_text(encoding="utf-8")}
        server = start_prometheus(rules, config=SCRAPING.format(*addresses))
        stack.callback(server.stop)
        wait_for(lambda: len(Watched(server).query("count_over_time(driftbot_build_info[1m]) > 2")) == 2)
        yield Watched(server)


def wait_for(condition: Any) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come in time")


@pytest.mark.server
@pytest.mark.parametrize("query", QUERIES)
def test_panels_show_something_of_a_real_server(watched: Watched, query: str) -> None:
    assert watched.query(filled(query))


@pytest.mark.server
def test_a_real_server_raises_what_is_wrong_and_nothing_else(watched: Watched) -> None:
    expected = {
        "DriftbotStoreUnreadable", "DriftbotBlind", "DriftbotSourceFailed", "DriftbotDeliveryFailing",
        "DriftbotNoticesUndelivered", "DriftbotRunUncertain", "DriftbotRunsLeftWaiting", "DriftbotSilencesOverdue",
        "DriftbotNightTooLong",
    }  # fmt: skip
    wait_for(lambda: watched.alerts() >= expected)
    assert watched.alerts() - expected == set()


@pytest.mark.server
def test_one_whose_store_is_lost_keeps_telling_when_a_night_is_due(watched: Watched) -> None:
    (lost,) = watched.query("driftbot_store_up == 0")
    instance = lost["metric"]["instance"]
    assert watched.query(f'driftbot_night_due_timestamp_seconds{{instance="{instance}"}}')
    assert not watched.query(f'driftbot_findings{{instance="{instance}"}}')
