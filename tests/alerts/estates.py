"""Estates of alerts for tests: each alert stated as its file or a server states it."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.alerts.estate import Estate
from driftbot.alerts.standing import StandingAlert, standing_alerts
from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.core.alert_identity import assign_alerts
from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject, labels_of
from tests.collectors.golden import Shelf

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
ENVIRONMENT = "production"


def alert(
    name: str,
    expression: str,
    *,
    hold: str = "0s",
    severity: str = "",
    routing: tuple[str, ...] = (),
    prose: str = "",
    labels: Mapping[str, str] | None = None,
    view: View = View.DECLARED,
    source: str = "git",
    alertname: str = "",
    environment: str = ENVIRONMENT,
) -> tuple[Fact, ...]:
    """The facts of one alert, as one source states them."""
    subject = Subject("alert", environment, name, labels_of({"file": "a.yaml", **(labels or {})}))
    said: dict[str, Any] = {
        "rule.name": alertname or name,
        "expression": expression,
        "hold": parse_quantity(hold, Unit.SECONDS),
        "routing": routing,
    }
    said |= {"severity": severity} if severity else {}
    said |= {"prose": prose} if prose else {}
    return tuple(Fact(subject, key, value, view, origin=Origin(source, "a.yaml", 3)) for key, value in said.items())


def estate(*facts: tuple[Fact, ...], complete: bool = True, others: tuple[Fact, ...] = ()) -> Estate:
    """The estate of these alerts."""
    kinds = ("alert", "recording_rule") if complete else ()
    coverage = tuple(Coverage("git", ENVIRONMENT, kind) for kind in kinds)
    return Estate(AS_OF, (*(fact for group in facts for fact in group), *others), coverage=coverage)


def standing(*facts: tuple[Fact, ...]) -> tuple[StandingAlert, ...]:
    """These alerts as they stand."""
    return tuple(standing_alerts(estate(*facts)))


def asks(expression: str, hold: str = "0s") -> AlertDefinition:
    """The definition of an alert of this expression."""
    return definition("Alert", expression, parse_quantity(hold, Unit.SECONDS).value)


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


def corpus() -> dict[str, Estate]:
    """The public alert rules, an estate a repository, for tests with ``pytest.mark.corpus``: skips without them."""
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    files = sorted((Path(folder) / "alerts").glob("*.rules.jsonl"))
    assert files
    return {path.name.partition(".")[0]: _read(path) for path in files}


def _read(path: Path) -> Estate:
    groups: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(path):
        rule = {"alert": row["alert"], "expr": row["expr"], "labels": row.get("labels") or {}}
        rule["annotations"] = row.get("annotations") or {}
        rule |= {"for": row["for"]} if row.get("for") not in (None, "None", "") else {}
        groups[row["path"].removesuffix(".erb").replace(".yml", ".yaml")][row["group"]].append(rule)
    files = {
        name: yaml.safe_dump({"groups": [{"name": group, "rules": rules} for group, rules in found.items()]}).encode()
        for name, found in groups.items()
    }
    context = Context(path.name, ENVIRONMENT, AS_OF, Shelf(files))  # type: ignore[arg-type]
    reading = assign_alerts(collector.read(collector.options(path="."), context), ())
    return Estate(AS_OF, reading.facts, coverage=reading.coverage)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
