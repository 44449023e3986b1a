"""The estate of the scan's benchmark: thousands of alert rules on a Prometheus, measured services, rules about both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml

from tests.servers.remote_write import Samples, sample

AS_OF = datetime(2025, 11, 1, tzinfo=UTC)
DAY = 86400
RULES_A_GROUP, GROUPS_A_FILE = 10, 10

CONFIG = """\
global: {evaluation_interval: 1d}
rule_files: [rules/*]
storage: {tsdb: {out_of_order_time_window: 3650d}}
"""
"""A long interval: the server is to answer, not to evaluate."""

EXPRESSIONS = (
    'sum by (service) (rate(http_requests_total{{service="{service}",code=~"5.."}}[5m]))'
    ' / sum by (service) (rate(http_requests_total{{service="{service}"}}[5m])) > {bound}',
    "histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket"
    '{{service="{service}",route!~"/healthz|/metrics"}}[5m]))) > {bound} and on (route) '
    'sum by (route) (rate(http_requests_total{{service="{service}"}}[5m])) > 1',
    'absent(up{{job="{service}"}}) or avg_over_time(up{{job="{service}"}}[15m]) < {bound}',
    'kube_deployment_status_replicas_available{{deployment="{service}"}}'
    ' < {bound} * kube_deployment_spec_replicas{{deployment="{service}"}}',
    'predict_linear(node_filesystem_avail_bytes{{mountpoint="/srv/{service}"}}[6h], 24 * 3600) < 0'
    ' and node_filesystem_avail_bytes{{mountpoint="/srv/{service}"}}'
    ' / node_filesystem_size_bytes{{mountpoint="/srv/{service}"}} < {bound}',
    'max_over_time(queue_messages{{queue="{service}"}}[10m]) > {bound} unless on (queue)'
    ' rate(queue_acknowledged_total{{queue="{service}"}}[10m]) > 0',
    '(1 - sum(rate(slo_errors_total{{service="{service}"}}[1h])) / sum(rate(slo_requests_total'
    '{{service="{service}"}}[1h]))) < (1 - {bound} * 14.4 * (1 - 0.999)) and (1 - sum(rate(slo_errors_total'
    '{{service="{service}"}}[5m])) / sum(rate(slo_requests_total{{service="{service}"}}[5m]))) < 0.986',
    'time() - backup_last_success_timestamp_seconds{{service="{service}"}} > 2 * 86400',
    'rate(container_cpu_cfs_throttled_periods_total{{container="{service}"}}[5m])'
    ' / rate(container_cpu_cfs_periods_total{{container="{service}"}}[5m]) > {bound}',
    'increase(kube_pod_container_status_restarts_total{{container="{service}"}}[1h]) > 3',
)

KEYS = ("queue.length", "latency", "pool.used", "lag")

RULE = """\
id: {id}
title: {key} stays below its bound
reference:
  url: https://sre.google/sre-book/monitoring-distributed-systems/
  summary: An alert should be about a symptom, and whoever gets it should know what to do.
why: A value that reaches its bound has usually grown for weeks.
numbers: {{7d: ours, 30d: ours, 0.98: ours, 0.99: ours}}
severity: low
owner: benchmark
review_by: 2030-01-01
for_each: service
let:
  worst: self.{key}.quantile(0.99, "30d")
expect: worst <= 0.98 && self.{key}.mean("7d") < 0.99
message: "{{worst}} of {key}"
cases:
  - {{name: high, series: {{{key}: {{level: 99%, over: 31d}}}}, verdict: drift}}
"""
ALERT_RULE = """\
id: alert-has-a-runbook
title: Alerts say what to do
reference:
  url: https://sre.google/sre-book/monitoring-distributed-systems/
  summary: An alert should be about a symptom, and whoever gets it should know what to do.
why: Whoever is woken should not have to search.
numbers: {}
severity: low
owner: benchmark
review_by: 2030-01-01
for_each: alert
expect: present(self.runbook)
message: "no runbook"
cases:
  - {name: none, absent: [runbook], verdict: drift}
"""


def rule_files(rules: int) -> Mapping[str, str]:
    """Rule files of the server with so many alerts, ten a group and ten groups a file."""
    files: dict[str, list[object]] = {}
    for first in range(0, rules, RULES_A_GROUP):
        number = first // RULES_A_GROUP
        alerts = [_alert(place) for place in range(first, min(rules, first + RULES_A_GROUP))]
        file = f"team-{number // GROUPS_A_FILE:03}.yml"
        files.setdefault(file, []).append({"name": f"service-{number}.rules", "rules": alerts})
    return {name: yaml.dump({"groups": groups}, sort_keys=False) for name, groups in files.items()}


def _alert(number: int) -> dict[str, object]:
    service = f"service-{number // RULES_A_GROUP}"
    expression = EXPRESSIONS[number % len(EXPRESSIONS)].format(service=service, bound=round(0.5 + number % 40 / 100, 2))
    return {
        "alert": f"Service{number // RULES_A_GROUP}Symptom{number % RULES_A_GROUP}",
        "expr": expression,
        "for": f"{1 + number % 15}m",
        "labels": {"severity": ("page", "ticket")[number % 2], "team": f"team-{number // 100}", "service": service},
        "annotations": {
            "summary": f"{service} shows symptom {number % RULES_A_GROUP}: {{{{ $value }}}}",
            "runbook_url": f"https://runbooks.example.org/{service}/{number % RULES_A_GROUP}",
        },
    }


def measured_series(series: int, days: float, step: float) -> Iterator[Samples]:
    """So many series, spread over the keys, from ``days`` before the first night to the end of the second.

    One in a hundred drifts.
    """
    times = np.arange(AS_OF.timestamp() - days * DAY, AS_OF.timestamp() + DAY + 1, step)
    random = np.random.default_rng(1)
    for number in range(series):
        metric = KEYS[number % len(KEYS)].replace(".", "_")
        values = random.random(len(times)) * (1.0 if number % 100 == 0 else 0.9)
        yield sample(f"bench_{metric}", times, values, service=f"service-{number // len(KEYS)}")


def write_rules(folder: Path) -> None:
    """The rules that demand the series and look at the alerts."""
    (folder / "rules" / "bench").mkdir(parents=True)
    for key in KEYS:
        name = f"{key.replace('.', '-')}-below-bound"
        (folder / "rules" / "bench" / f"{name}.yaml").write_text(RULE.format(id=name, key=key))
    (folder / "rules" / "bench" / "alert-has-a-runbook.yaml").write_text(ALERT_RULE)


def write_config(folder: Path, name: str, url: str, step: float) -> Path:
    """A configuration with the load budget lifted and a store of its own."""
    source = {
        "name": "prometheus",
        "kind": "prometheus",
        "environment": "production",
        "url": url,
        "budget": {"samples": 10**12, "query_time": 10**6},
        "signals": [_signal(key, step) for key in KEYS],
    }
    config = {"store": f"{name}.db", "rules": {"paths": ["rules"], "shipped": "none"}, "sources": [source]}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.dump(config, sort_keys=False))
    return path


def _signal(key: str, step: float) -> dict[str, object]:
    return {
        "name": f"bench/{key}",
        "kind": "service",
        "key": key,
        "unit": "ratio",
        "meaning": "A measured share, made up for the benchmark.",
        "query": f"bench_{key.replace('.', '_')}",
        "subject": "{service}",
        "step": step,
    }
