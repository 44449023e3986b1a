"""Rows of history, composed: chained, dated by landing, and what lands nowhere counted apart."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.alerts.truth.composed import composed, rows_of
from tests.alerts.truth.normaliser import Alert, What, alerts, net_changes, paired


def row(
    date: str, old: object, new: object, kind: str = "threshold", alert: str = "A", commit: str = ""
) -> dict[str, object]:
    named = {"group": "g", "alert": alert, "severity": "page"}
    return {**named, "kind": kind, "old": old, "new": new, "date": date, "commit": commit or f"{date} {old}"}


def tree(threshold: float, hold: str = "0s", name: str = "A") -> tuple[Alert, ...]:
    labels = "labels: {severity: page}"
    rule = f"{{alert: {name}, expr: x > {threshold}, for: {hold}, {labels}}}"
    return alerts({"a.yaml": f"groups: [{{name: g, rules: [{rule}]}}]"})


def landed(rows: list[dict[str, object]], trees: dict[str, tuple[Alert, ...]]) -> list[tuple[str, float, float]]:
    return [(one.month, one.old, one.new) for one in composed(rows_of(rows), trees).landed]


def test_several_commits_of_a_month_are_one_change() -> None:
    rows = [row("2024-02-20", 7, 9), row("2024-02-03", 5, 7)]
    assert landed(rows, {"2024-01": tree(5), "2024-02": tree(9)}) == [("2024-02", 5, 9)]


def test_a_row_is_dated_by_its_landing() -> None:
    rows = [row("2024-03-01", 7, 9), row("2024-01-28", 5, 7)]
    trees = {"2024-01": tree(5), "2024-02": tree(7), "2024-03": tree(7), "2024-04": tree(9)}
    assert landed(rows, trees) == [("2024-02", 5, 7), ("2024-04", 7, 9)]


def test_rows_of_one_commit_are_changes_of_several_alerts() -> None:
    rows = [row("2024-02-03", 5, 7, commit="a"), row("2024-02-03", 7, 9, commit="a")]
    trees = {"2024-01": (*tree(5), *tree(7)), "2024-02": (*tree(7), *tree(9))}
    assert composed(rows_of(rows), trees).landed == []
    assert len(composed(rows_of(rows), trees).unseen) == 2


def test_one_alert_lands_one_row() -> None:
    rows = [row("2024-02-03", 5, 7, commit="a"), row("2024-02-03", 5, 9, commit="a")]
    trees = {"2024-01": tree(5), "2024-02": (*tree(7), *tree(9))}
    assert len(composed(rows_of(rows), trees).landed) == len(composed(rows_of(rows), trees).unseen) == 1


def test_what_lands_nowhere_is_counted_apart() -> None:
    rows = [
        row("2024-02-01", 5, 7),
        row("2024-02-02", 7, 5),
        row("2024-02-09", 1, 2, alert="B"),
        row("2024-02-09", 9, 8),
    ]
    result = composed(rows_of(rows[::-1]), {"2024-01": tree(5), "2024-02": tree(5)})
    assert ([one.new for one in result.undone], [one.name.name for one in result.born]) == ([7, 5], ["B"])
    assert [one.new for one in result.unseen] == [8]


def test_holds_are_seconds_and_an_absent_one_is_zero() -> None:
    rows = [row("2024-02-01", None, "1h", kind="for"), row("2024-02-01", "a", "b", kind="severity")]
    assert landed(rows, {"2024-01": tree(5), "2024-02": tree(5, "60m")}) == [("2024-02", 0, 3600)]


@pytest.mark.corpus
def test_the_two_truths_agree() -> None:
    """Each misses what the other sees (moves here, alerts of one name there): where both see, they say the same."""
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    shelf = Path(folder) / "alerts"
    trees = monthly(shelf / "wikimedia-operations-alerts-monthly.tar.xz")
    lines = (shelf / "wikimedia_operations-alerts.history.jsonl").read_text().splitlines()
    result = composed(rows_of(map(json.loads, lines)), trees)
    told: Counter[tuple[str, str, What, float, float]] = Counter()
    for (_, before), (month, after) in pairwise(trees.items()):
        told.update((month, one.after.name, one.what, one.old, one.new) for one in net_changes(paired(before, after)))
    mined = Counter((one.month, one.rows[0].name.name, one.rows[0].what, one.old, one.new) for one in result.landed)
    assert (told & mined).total() >= 0.9 * mined.total() > 70
    assert len(result.unseen) < 15


def monthly(archive: Path) -> dict[str, tuple[Alert, ...]]:
    files: dict[str, dict[str, bytes]] = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile() and (content := opened.extractfile(member)) and member.name.endswith((".yaml", ".yml")):
                month, _, path = member.name.removeprefix("./").partition("/")
                files.setdefault(month, {})[path] = content.read()
    return {month: alerts(files[month]) for month in sorted(files)}
