"""Five years of a public repository: what was tuned between two monthly trees is told, nothing else, and which way.

The first truth is the net change between two trees by a reader of its own, the second the rows of git history, composed
per interval. Whatever differs is named in ``build/alert-history.txt``.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from driftbot.alerts.change import Aspect, Change
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition
from tests.alerts.trees import Tree, monthly_files, read_tree
from tests.alerts.truth.composed import Landed, composed, rows_of
from tests.alerts.truth.normaliser import Alert, NetChange, Way, What, alerts, net_changes, paired

pytestmark = pytest.mark.corpus

REPORT = Path(__file__).parents[2] / "build" / "alert-history.txt"
ROWS = "wikimedia_operations-alerts.history.jsonl"
LEAST = 0.98
WHAT = {Aspect.THRESHOLD: What.THRESHOLD, Aspect.HOLD: What.HOLD}
REWRITTEN = frozenset({Aspect.THRESHOLD, Aspect.COMPARISON, Aspect.CONDITION, Aspect.EXPRESSION})


@dataclass(frozen=True, order=True)
class Tuned:
    """One number of one alert, in terms that truth and driftbot share; the place is the later one."""

    month: str
    path: str
    group: str
    name: str
    what: What
    old: float
    new: float

    def __str__(self) -> str:
        return f"{self.month} {self.path} {self.group}/{self.name} {self.what} {self.old:g} -> {self.new:g}"


@dataclass
class Score:
    """What was expected, what was told, and all that differs, in words."""

    expected: Counter[Tuned] = field(default_factory=Counter)
    told: Counter[Tuned] = field(default_factory=Counter)
    crowds: list[str] = field(default_factory=list)
    rewritten: Counter[bool] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    @property
    def right(self) -> int:
        return (self.expected & self.told).total()

    @property
    def precision(self) -> float:
        return self.right / max(self.told.total(), 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.expected.total(), 1)


def corpus() -> Path:
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    return Path(folder)


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.campaign)])
def test_what_was_tuned_is_told(every: int, capsys: pytest.CaptureFixture[str]) -> None:
    if every == 1 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    months = dict(list(monthly_files(corpus()).items())[::every])
    score, truth = Score(), {month: alerts(files) for month, files in months.items()}
    before: Tree | None = None
    told: dict[str, list[tuple[Tuned, Change]]] = {}
    for earlier, month in pairwise([None, *months]):
        after = read_tree(months[str(month)], before)
        if before is not None and earlier is not None:
            told[str(month)] = list(tuned(str(month), before, after))
            judge(score, str(month), truth[earlier], truth[str(month)], before, after, told[str(month)])
        before = after
    if every == 1:
        second(score, truth, told)
    lines = [*summary(score, len(months)), *score.lines]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with capsys.disabled():
        print("", *lines, sep="\n")
    assert score.expected.total() > 50
    assert score.precision >= LEAST
    assert score.recall >= LEAST
    assert score.rewritten[False] == 0
    assert score.ways["other"] == 0
    if every == 1:
        assert score.counts["rows told"] >= LEAST * score.counts["rows landed"] > 70


def tuned(month: str, before: Tree, after: Tree) -> Iterator[tuple[Tuned, Change]]:
    """The changes of threshold and of ``for`` that driftbot tells."""
    for name, new in after.definitions.items():
        old = before.definitions.get(name)
        for change in changes(old, new) if old else ():
            if change.aspect in WHAT:
                path, group = after.paths[name]
                numbers = (change.old, change.new) if change.aspect is Aspect.THRESHOLD else (old.hold, new.hold)
                yield Tuned(month, path, group, new.name, WHAT[change.aspect], *map(number, numbers)), change


def number(value: str | float) -> float:
    """The number, as exact as a report shows it."""
    return float(f"{float(value):.9g}")


def judge(
    score: Score,
    month: str,
    earlier: tuple[Alert, ...],
    later: tuple[Alert, ...],
    before: Tree,
    after: Tree,
    told: Iterable[tuple[Tuned, Change]],
) -> None:
    """Hold what is told against the truth of two trees."""
    pairing = paired(earlier, later)
    crowded = {(one.path, one.group, one.name) for _, crowd in pairing.crowds for one in crowd}
    for old, new in pairing.crowds:
        score.crowds.append(f"{month} {new[0].name}: {len(old)} became {len(new)}, nobody's truth")
    score.counts.update(pairs=len(pairing.pairs), born=len(pairing.born), gone=len(pairing.gone))
    in_crowds = [one for one, _ in told if (one.path, one.group, one.name) in crowded]
    score.crowds += [f"    told of one of a crowd: {one}" for one in in_crowds]
    kept = [(one, change) for one, change in told if (one.path, one.group, one.name) not in crowded]
    found, by_number = Counter(one for one, _ in kept), defaultdict(list)
    for one, change in kept:
        by_number[one].append(change)
    expected: Counter[Tuned] = Counter()
    for true in sorted(net_changes(pairing), key=lambda true: true.way is Way.UNSURE):
        one = place(month, true)
        if not true.alone and one not in found:
            _rewritten(score, one, true, before, after)
            continue
        expected[one] += 1
        if by_number[one]:
            by_number[one].sort(key=lambda change: str(change.direction) != str(true.way))
            _way(score, one, true, by_number[one].pop(0))
    for one in (expected - found).elements():
        score.lines.append(f"missed: {one}")
    for one in (found - expected).elements():
        score.lines.append(f"told beyond the truth: {one}")
    score.expected.update(expected)
    score.told.update(found)


def place(month: str, true: NetChange) -> Tuned:
    return Tuned(
        month, true.after.path, true.after.group, true.after.name, true.what, number(true.old), number(true.new)
    )


def _rewritten(score: Score, one: Tuned, true: NetChange, before: Tree, after: Tree) -> None:
    """An expression written anew with other numbers: some change of it has to be told."""
    here = [
        name for name, at in after.paths.items() if at == (one.path, one.group) and _is(after.definitions[name], true)
    ]
    said = [
        change
        for name in here
        for change in changes(before.definitions.get(name), after.definitions[name])
        if change.aspect in REWRITTEN
    ]
    score.rewritten[bool(said)] += 1
    score.lines.append(f"rewritten, {'told as ' + str(said[0].aspect) if said else 'NOT TOLD'}: {one}")


def _is(definition: AlertDefinition, true: NetChange) -> bool:
    return definition.name == true.after.name and definition.severity == true.after.severity


def _way(score: Score, one: Tuned, true: NetChange, change: Change) -> None:
    """Where the truth is sure of the way, it is told the same; where it is not, either is noted."""
    if true.way is Way.UNSURE:
        score.ways["unsure"] += 1
        score.lines.append(f"the truth is unsure, told as {change.direction}: {one}")
        return
    agrees = str(true.way) == str(change.direction)
    score.ways["same" if agrees else "other"] += 1
    if not agrees:
        score.lines.append(f"told as {change.direction}, in truth {true.way}: {one}")


def second(score: Score, truth: dict[str, tuple[Alert, ...]], told: dict[str, list[tuple[Tuned, Change]]]) -> None:
    """The rows of git history, composed: each that landed is told, by name and number."""
    lines = (corpus() / "alerts" / ROWS).read_text(encoding="utf-8").splitlines()
    rows = composed(rows_of(map(json.loads, lines)), truth)
    found = {month: Counter((one.name, one.what, one.old, one.new) for one, _ in some) for month, some in told.items()}
    for landed in rows.landed:
        known = found[landed.month]
        key = (landed.rows[0].name.name, landed.rows[0].what, number(landed.old), number(landed.new))
        score.counts["rows landed"] += 1
        score.counts["rows told"] += known[key] > 0
        if not known[key]:
            score.lines.append(f"a row of history that is not told: {_row(landed)}")
        known[key] -= 1
    score.counts.update({"rows undone": len(rows.undone), "rows born": len(rows.born), "rows unseen": len(rows.unseen)})
    score.lines += [f"a row that no tree shows: {row}" for row in rows.unseen]


def _row(landed: Landed) -> str:
    first = landed.rows[0]
    return f"{landed.month} {first.name.group}/{first.name.name} {first.what} {landed.old:g} -> {landed.new:g}"


def summary(score: Score, trees: int) -> list[str]:
    """The figures."""
    counts = score.counts
    lines = [
        f"{trees} trees, {counts['pairs']} pairs of alerts, {counts['born']} born, {counts['gone']} gone, "
        f"{sum(not line.startswith(' ') for line in score.crowds)} crowds",
        f"{score.expected.total()} tuned numbers, {score.told.total()} told, {score.right} right: "
        f"precision {score.precision:.3f}, recall {score.recall:.3f}",
        f"way: {score.ways['same']} the same, {score.ways['other']} other, {score.ways['unsure']} unsure",
        f"expressions rewritten with other numbers: {score.rewritten[True]} told, {score.rewritten[False]} not",
    ]
    if counts["rows landed"]:
        lines.append(
            f"rows of history: {counts['rows landed']} landed, {counts['rows told']} of them told; apart: "
            f"{counts['rows undone']} undone, {counts['rows born']} born, {counts['rows unseen']} unseen"
        )
    return lines + score.crowds
