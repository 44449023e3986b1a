"""The alert rules of the public collections, as their files say."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

COLLECTIONS = {
    "kube-prometheus": "kube-prometheus.rules.jsonl",
    "openstreetmap/chef": "openstreetmap_chef.rules.jsonl",
    "awesome-prometheus-alerts": "samber.rules.jsonl",
    "wikimedia/operations-alerts": "wikimedia_operations-alerts.rules.jsonl",
}
"""File by the name under which pages speak of it."""


@dataclass(frozen=True)
class PublicRule:
    """An alert rule; ``number`` is its line in the collection's file, from 1. Durations as written, empty if absent."""

    collection: str
    number: int
    path: str
    group: str
    name: str
    expression: str
    hold: str = ""
    keep_firing: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """The label severity, empty without."""
        return self.labels.get("severity", "")


def public_rules(corpus: Path) -> Iterator[PublicRule]:
    """All rules, collection by collection in the order of their files."""
    for collection, name in COLLECTIONS.items():
        lines = (corpus / "alerts" / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            rule = json.loads(line)
            yield PublicRule(
                collection,
                number,
                rule["path"],
                rule["group"],
                rule["alert"],
                str(rule["expr"]),
                str(rule.get("for") or ""),
                str(rule.get("keep_firing_for") or ""),
                _texts(rule.get("labels")),
                _texts(rule.get("annotations")),
            )


def _texts(mapping: dict[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (mapping or {}).items()}


def corpus() -> Path:
    """The folder that DRIFTBOT_CORPUS names; ends the process with a sentence where there is none."""
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        sys.exit("DRIFTBOT_CORPUS does not name the folder of public material")
    return Path(folder)
