"""Trees of rule files as driftbot reads them: collector, lasting names, definitions; and as text from rules."""

from __future__ import annotations

import tarfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from benchmarks.alerts.corpus import public_rules
from driftbot.alerts.definition import AlertDefinition
from driftbot.alerts.estate import Estate
from driftbot.alerts.standing import standing_alerts
from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.core.alert_identity import assign_alerts
from driftbot.core.coverage import Gap
from driftbot.core.fact import Fact
from tests.alerts.mutations import Rule
from tests.collectors.golden import AS_OF, Shelf

MONTHS = "wikimedia-operations-alerts-monthly.tar.xz"


@dataclass(frozen=True)
class Tree:
    """A tree that was read: definitions by the lasting name of the alert, where each stands, and their order there."""

    definitions: dict[str, AlertDefinition]
    paths: dict[str, tuple[str, str]]
    order: tuple[str, ...]
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]


def read_tree(files: dict[str, bytes], before: Tree | None = None) -> Tree:
    """The tree as a scan reads it that knows what stood before."""
    context = Context("git", "production", AS_OF, Shelf(files))  # type: ignore[arg-type]
    read = assign_alerts(collector.read(collector.options(path="."), context), before.facts if before else ())
    facts = tuple(fact for fact in read.facts if fact.subject.kind == "alert")
    alerts = list(standing_alerts(Estate(AS_OF, facts)))
    return Tree(
        {alert.subject.name: alert.definition for alert in alerts},
        {
            alert.subject.name: (alert.subject.label("file") or "", alert.subject.label("group") or "")
            for alert in alerts
        },
        tuple(fact.subject.name for fact in sorted(facts, key=_place) if fact.key == "rule.name"),
        facts,
        tuple(gap for entry in read.coverage if entry.kind == "alert" for gap in entry.gaps),
    )


def _place(fact: Fact) -> tuple[str, int]:
    return fact.origin.locator, fact.origin.start


def monthly_files(corpus: Path) -> dict[str, dict[str, bytes]]:
    """The files of each month's tree, by path."""
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    with tarfile.open(corpus / "alerts" / MONTHS) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".yaml", ".yml")):
                month, *rest = PurePosixPath(member.name.removeprefix("./")).parts
                found[month]["/".join(rest)] = archive.extractfile(member).read()  # type: ignore[union-attr]
    return dict(sorted(found.items()))


def corpus_rules(corpus: Path) -> list[Rule]:
    """All public rules, each collection in a folder of its own."""
    return [
        Rule(
            f"{rule.collection}/{rule.path}",
            rule.group,
            rule.name,
            rule.expression,
            rule.hold,
            rule.labels,
            rule.annotations,
        )
        for rule in public_rules(corpus)
    ]


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as they stand one after another in the files that are written of them."""
    groups: dict[str, dict[str, list[Rule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        groups[f"{rule.path}.yaml"][rule.group].append(rule)
    return [rule for path in sorted(groups) for group in groups[path].values() for rule in group]


def written(rules: Iterable[Rule]) -> dict[str, bytes]:
    """The rules as YAML files."""
    files: dict[str, dict[str, list[dict[str, object]]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        fields = {
            "alert": rule.name,
            "expr": rule.expression,
            "for": rule.hold,
            "labels": dict(rule.labels),
            "annotations": dict(rule.annotations),
        }
        files[rule.path][rule.group].append({field: value for field, value in fields.items() if value})
    return {f"{path}.yaml": _file(groups) for path, groups in files.items()}


def _file(groups: dict[str, list[dict[str, object]]]) -> bytes:
    content = {"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]}
    return yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode()
