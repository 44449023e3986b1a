"""Every public alert rule that a real Prometheus loads has one canonical form, from its file and from the API."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import requests
import yaml

from benchmarks.alerts.corpus import PublicRule, public_rules
from driftbot.promql.expression import canonical
from tests.servers.process import binary
from tests.servers.prometheus import PrometheusServer

pytestmark = [pytest.mark.corpus, pytest.mark.server]

A_GROUP = 100
"""Rules a group."""
_REFUSED = re.compile(r'group "(?P<group>\d+)", rule (?P<rule>\d+), "(?P<name>.*?)": (?P<reason>.*)')


@pytest.fixture(scope="module")
def rules() -> list[PublicRule]:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    return list(public_rules(Path(folder)))


def rule_file(rules: Sequence[PublicRule]) -> str:
    """The rules in groups named by number, each rule named by its number in the sequence."""
    written = [written_rule(f"rule {number}", rule) for number, rule in enumerate(rules)]
    groups = [
        {"name": str(start), "interval": "1h", "rules": written[start : start + A_GROUP]}
        for start in range(0, len(written), A_GROUP)
    ]
    return yaml.dump({"groups": groups}, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def written_rule(name: str, rule: PublicRule) -> dict[str, object]:
    fields = {
        "alert": name,
        "expr": rule.expression,
        "for": rule.hold,
        "labels": rule.labels,
        "annotations": rule.annotations,
    }
    return {field: value for field, value in fields.items() if value}


def refused(rules: Sequence[PublicRule], file: Path) -> dict[int, str]:
    """The rules that promtool does not take, by number, with its reason."""
    file.write_text(rule_file(rules), encoding="utf-8")
    command = [binary("promtool"), "check", "rules", "--lint=none", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = {int(one["name"].removeprefix("rule ")): one["reason"] for one in _REFUSED.finditer(said.stderr)}
    assert found or said.returncode == 0, said.stderr
    return found


def test_file_and_api_agree(
    rules: list[PublicRule],
    prometheus_server: Callable[..., PrometheusServer],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasons = refused(rules, tmp_path / "all.yml")
    loadable = [rule for number, rule in enumerate(rules) if number not in reasons]
    server = prometheus_server(rules={"all.yml": rule_file(loadable)})
    with requests.Session() as session:
        session.trust_env = False
        groups = session.get(f"{server.url}/api/v1/rules", timeout=30).json()["data"]["groups"]
    loaded = {rule["name"]: rule["query"] for group in groups for rule in group["rules"]}
    different = [
        f"{rule.collection} {rule.path} {rule.name}: {rule.expression}"
        for number, rule in enumerate(loadable)
        if canonical(rule.expression) != canonical(loaded[f"rule {number}"])
    ]
    as_text = sum(rule.expression != loaded[f"rule {number}"] for number, rule in enumerate(loadable))
    with capsys.disabled():
        print(f"\n{len(rules)} rules, {len(loadable)} loaded, {as_text} of them other than their file as text")
        for number, reason in sorted(reasons.items()):
            print(f"refused: {rules[number].collection} line {rules[number].number} {rules[number].name}: {reason}")
    assert different == []
    assert len(loaded) == len(loadable) > 1_800
    assert as_text > 500, "if texts agreed as they are, this would show nothing"
