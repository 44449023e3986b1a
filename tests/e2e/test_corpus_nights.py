"""Five years of a public repository, month by month, as nights; a thousand real configuration files as one night."""

from __future__ import annotations

import os
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from driftbot.config import Config, parse_config
from driftbot.core.exit_code import Cause
from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.core.subject import SubjectId
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape

pytestmark = pytest.mark.corpus

MONTHS = "alerts/wikimedia-operations-alerts-monthly.tar.xz"
TREES = "config/service-trees.tar.xz"


def unpacked(name: str, folder: Path) -> Path:
    """A corpus archive, unpacked; a skip with its reason where there is no corpus."""
    corpus = os.environ.get("DRIFTBOT_CORPUS")
    if not corpus:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    with tarfile.open(Path(corpus) / name) as archive:
        archive.extractall(folder, filter="data")
    return folder


def night(config: Config, store: Store, as_of: datetime) -> Report:
    return scan(config, store, LiveTape(config.root), Request(as_of), lambda: datetime.now(UTC), lambda _: None)


def seen_on(month: str) -> datetime:
    return datetime.strptime(f"{month}-28", "%Y-%m-%d").replace(tzinfo=UTC)


def holds(tree: Path) -> dict[str, float]:
    """By plain PyYAML: the ``for`` in seconds of every alert whose name stands once in the tree."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in sorted([*tree.rglob("*.yaml"), *tree.rglob("*.yml")]):
        try:
            documents = list(yaml.safe_load_all(path.read_text()))
        except yaml.YAMLError:
            continue
        for rule in _rules(documents):
            found[rule["alert"]].append(parse_quantity(str(rule.get("for", "0s")), Unit.SECONDS).value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _rules(documents: list[object]) -> Iterator[Mapping[str, object]]:
    for document in documents:
        groups = document.get("groups") if isinstance(document, dict) else None
        for group in groups if isinstance(groups, list) else ():
            yield from (rule for rule in group.get("rules") or () if "alert" in rule)


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.campaign)])
def test_history_tells_each_alerts_life(every: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if every == 1 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    trees = unpacked(MONTHS, tmp_path / "months")
    months = sorted(path.name for path in trees.iterdir())[::every]
    truth: dict[str, list[tuple[str, float]]] = defaultdict(list)
    names: dict[str, set[SubjectId]] = defaultdict(set)
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        for month in months:
            text = f"rules: {{shipped: none}}\nsources: [{{name: git, kind: alert_files, path: months/{month}}}]\n"
            report = night(parse_config(text.encode(), tmp_path / "driftbot.yaml"), store, seen_on(month))
            for name, seconds in holds(trees / month).items():
                truth[name].append((month, seconds))
            for subject in store.subjects_last_seen():
                if subject.kind == "alert":
                    names[subject.label("alertname") or ""].add(subject.id)
            blind = [one for one in report.blindness if one.cause is not Cause.NOTHING_WATCHED]
            assert not blind, "no rule is enabled, and nothing else is the matter"
        told, compared = 0, 0
        for name, values in truth.items():
            if len(names[name]) != 1:
                continue  # several alerts bore this name over the years; their identities are tested elsewhere
            life = store.history(next(iter(names[name])), "hold")
            for month, seconds in values:
                known = [one.fact.value for one in life if one.first_seen <= seen_on(month) <= one.last_seen]
                told += known == [Quantity(seconds, Unit.SECONDS)]
                compared += 1
    with capsys.disabled():
        print(
            f"\n{len(months)} nights, {compared} holds of {len(truth)} alerts compared with plain PyYAML, {told} told"
        )
    assert compared > 300
    assert told == compared


def test_every_file_of_the_service_trees_is_read_or_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unpacked(TREES, tmp_path / "trees")
    text = b"""\
rules: {shipped: all}
sources:
  - {name: manifests, kind: kubernetes_manifests, path: trees}
  - {name: alerts, kind: alert_files, path: trees}
  - {name: catalog, kind: catalog, path: trees}
"""
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        report = night(parse_config(text, tmp_path / "driftbot.yaml"), store, datetime(2026, 9, 1, tzinfo=UTC))
        facts = store.facts()
    files = [path for path in (tmp_path / "trees").rglob("*") if path.is_file()]
    named = {gap.origin.locator for entry in report.coverage for gap in entry.gaps if entry.source == "manifests"}
    read = {fact.origin.locator for fact in facts if fact.origin.source == "manifests"}
    with capsys.disabled():
        print(f"\n{len(files)} files, {len(facts)} facts, {len(read)} files with facts, {len(named)} named in coverage")
    assert len(files) == 1012
    assert len(facts) > 8_000
    assert read
    assert all((tmp_path / locator).exists() for locator in read | named)
    assert not any(tally.stopped for tally in report.evaluation.tallies)
