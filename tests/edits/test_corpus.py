"""Edits of public rule files: every threshold of the newest tree, and public rules written in every style of YAML."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.core.fact import Fact, Provenance
from driftbot.core.quantity import Quantity
from driftbot.edits.edit import Refused
from driftbot.edits.setting import edit_setting
from driftbot.edits.setting_file import SettingFile
from tests.edits.checker import check_one_line, check_threshold, differences
from tests.edits.material import facts_of
from tests.edits.rule_files import STYLES, rule_file

pytestmark = [pytest.mark.corpus, pytest.mark.server]

SEED = 7
SAMPLE = 80
RULES_A_FILE = 4
BATCH = 200
CAMPAIGN = [False, pytest.param(True, marks=pytest.mark.campaign)]


def corpus() -> Path:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return Path(folder) / "alerts"


def newest_tree(folder: Path) -> Path:
    with tarfile.open(corpus() / "wikimedia-operations-alerts-monthly.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return max(folder.iterdir())


def refused_by_promtool(files: Sequence[Path]) -> set[Path]:
    """The files that promtool does not accept."""
    found: set[Path] = set()
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        if subprocess.run(["promtool", "check", "rules", *batch], capture_output=True, check=False).returncode:
            found |= set(batch) if len(batch) == 1 else set().union(*(refused_by_promtool([one]) for one in batch))
    return found


@dataclass
class Tally:
    """What became of the edits that were asked for."""

    asked: int = 0
    done: int = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def edit(self, fact: Fact, content: bytes, value: Quantity | str) -> bytes | None:
        """The file after the edit, judged; None where it was refused."""
        self.asked += 1
        try:
            edit = edit_setting(fact, value, SettingFile(fact.origin.locator, content))
        except Refused as refusal:
            self.refusals[re.sub(r"^\S+:\d+(:\d+)?: |`.*?`|'.*?'|(?<= of ).*", "…", refusal.reason)] += 1
            return None
        after = edit.apply(content)
        check_one_line(content, after)
        if fact.key == "threshold":
            assert isinstance(value, Quantity) and isinstance(fact.value, Quantity)
            check_threshold(content, after, fact.value.value, value.value)
        else:
            changed = differences(content, after)
            assert len(changed) == 1 and changed[0].path[-1] == FIELDS[fact.key]
        self.done += 1
        return after

    def __str__(self) -> str:
        refused = "".join(f"; {count} refused: {reason}" for reason, count in self.refusals.most_common())
        return f"{self.done} of {self.asked} edited ({self.done / max(self.asked, 1):.1%}){refused}"


FIELDS = {"hold": "for", "keep_firing": "keep_firing_for", "severity": "severity"}


def other(fact: Fact) -> Quantity | str:
    """A value that the setting does not have: half as much again."""
    if not isinstance(fact.value, Quantity):
        return f"{fact.value}-other"
    return Quantity(round(fact.value.value * 1.5, 6) or 1.0, fact.value.unit)


def written_facts(root: Path) -> list[tuple[Fact, bytes]]:
    """What the tree's files say of thresholds, holds and severities, each with the file's content."""
    found = []
    for path in sorted([*root.rglob("*.yaml"), *root.rglob("*.yml")]):
        content = path.read_bytes()
        found += [(fact, content) for fact in facts_of(path.relative_to(root).as_posix(), content)]
    return [
        pair for pair in found if pair[0].key in {*FIELDS, "threshold"} and pair[0].provenance is Provenance.EXPLICIT
    ]


@pytest.mark.parametrize("whole", CAMPAIGN)
def test_thresholds_of_the_newest_tree_change_by_one_line_that_promtool_accepts(
    whole: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if whole and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    root = newest_tree(tmp_path / "trees")
    asked = written_facts(root)
    conditions = Counter(fact.subject.label("alert") for fact, _ in asked if fact.key == "threshold")
    if not whole:
        asked = random.Random(SEED).sample(asked, SAMPLE)
    tallies: dict[str, Tally] = defaultdict(Tally)
    edited: dict[Path, str] = {}
    for number, (fact, content) in enumerate(asked):
        simple = fact.key == "threshold" and conditions[fact.subject.label("alert")] == 1
        key = "threshold, the only one of its alert" if simple else fact.key
        after = tallies[key].edit(fact, content, other(fact))
        if after is not None:
            path = tmp_path / f"{number}.yaml"
            path.write_bytes(after)
            edited[path] = fact.origin.locator
    touched = sorted({root / locator for locator in edited.values()})
    refused_before = {path.relative_to(root).as_posix() for path in refused_by_promtool(touched)}
    refused = [path for path in refused_by_promtool(list(edited)) if edited[path] not in refused_before]
    with capsys.disabled():
        print(f"\n{root.name}: {len(edited)} edited files, promtool refuses {len(refused)}")
        for key, tally in sorted(tallies.items()):
            print(f"  {key}: {tally}")
        print(f"  refused by promtool before any edit: {sorted(refused_before) or 'none'}")
    assert not refused
    thresholds = [tally for key, tally in tallies.items() if key.startswith("threshold")]
    assert sum(tally.done for tally in thresholds) >= 0.97 * sum(tally.asked for tally in thresholds) > 0


def groups() -> Iterator[list[dict[str, Any]]]:
    """The public rules of the other repositories, as many as a file shall hold."""
    for name in ("kube-prometheus", "openstreetmap_chef", "samber"):
        rows = [json.loads(line) for line in (corpus() / f"{name}.rules.jsonl").read_text().splitlines()]
        kept = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
        rules = [{key: row[key] for key in kept if row.get(key)} for row in rows]
        for start in range(0, len(rules), RULES_A_FILE):
            yield rules[start : start + RULES_A_FILE]


def holds(content: str, rules: Sequence[dict[str, Any]]) -> bool:
    """Whether the style could hold the expressions, folded or not: a plain scalar cannot hold every text."""
    try:
        read = yaml.safe_load(content)["groups"][0]["rules"]
    except yaml.YAMLError:
        return False
    return all(one["expr"].split() == rule["expr"].split() for one, rule in zip(read, rules, strict=True))


def written_in(style: str, rules: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """A file's name and content; rules whose expressions the style cannot hold are left out."""
    if style == "JSON":
        return "rules.json", json.dumps({"groups": [{"name": "g", "rules": rules}]}, indent=1)
    able = [rule for rule in rules if holds(rule_file([rule], [style]), [rule])]
    return "rules.yaml", rule_file(able, [style] * len(able)) if able else ""


@pytest.mark.parametrize("whole", CAMPAIGN)
def test_public_rules_in_every_style_are_edited_right_or_not_at_all(
    whole: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if whole and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    chosen = list(groups())
    if not whole:
        chosen = random.Random(SEED).sample(chosen, 4)
    tallies: dict[str, Tally] = defaultdict(Tally)
    before, edited = [], []
    for number, rules in enumerate(chosen):
        for style in (*STYLES, "JSON"):
            name, text = written_in(style, rules)
            content = text.encode()
            stated = [fact for fact in facts_of(name, content) if fact.key == "threshold"] if text else []
            afters = [tallies[style].edit(fact, content, other(fact)) for fact in stated]
            done = [after for after in afters if after is not None]
            if done:
                before.append(tmp_path / f"{number}-{style}-before")
                edited.append(tmp_path / f"{number}-{style}-after")
                before[-1].write_bytes(content)
                edited[-1].write_bytes(random.Random(SEED).choice(done))
    unloadable = {path.name.removesuffix("-before") for path in refused_by_promtool(before)}
    refused = {path.name.removesuffix("-after") for path in refused_by_promtool(edited)} - unloadable
    with capsys.disabled():
        print(f"\n{len(edited)} edited files, promtool refuses {len(refused)}; {len(unloadable)} before any edit")
        for style, tally in tallies.items():
            print(f"  {style}: {tally}")
    assert not refused
    assert sum(tally.done for tally in tallies.values()) >= 0.97 * sum(tally.asked for tally in tallies.values()) > 0
