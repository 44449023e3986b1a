"""A second truth: rows mined from git history, composed to what lands between two trees.

A row tells one commit. What several commits of one month did to one alert is one change from the first old value to
the last new one, or none. A row is dated by its landing, the first tree that shows its new value: commits are dated by
their writing, and merged later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.alerts.truth.normaliser import Alert, What
from tests.alerts.truth.thresholds import seconds

KINDS = {"threshold": What.THRESHOLD, "threshold+expr": What.THRESHOLD, "for": What.HOLD}
"""The kinds of row that tell of a threshold or of ``for``; the rest tell of operators, windows, severities."""

LATEST = 3
"""Months after its date in which a commit still lands; later, the same number is somebody else's doing."""


@dataclass(frozen=True, slots=True)
class Name:
    """All that a row knows of an alert's identity."""

    group: str
    name: str
    severity: str


@dataclass(frozen=True, slots=True)
class Row:
    """One change in one commit; ``rewritten``: the expression changed as well."""

    name: Name
    what: What
    old: float
    new: float
    date: str
    commit: str
    rewritten: bool

    def __str__(self) -> str:
        return f"{self.date} {self.name.group}/{self.name.name} {self.what} {self.old:g} -> {self.new:g}"


@dataclass(frozen=True, slots=True)
class Landed:
    """What rows did between a tree and the one of ``month``: the first old value, the last new one."""

    month: str
    rows: tuple[Row, ...]

    @property
    def old(self) -> float:
        return self.rows[0].old

    @property
    def new(self) -> float:
        return self.rows[-1].new


@dataclass(slots=True)
class Composed:
    """Changes that landed, and the rows counted apart.

    Undone: taken back within the interval. Born: no tree shows the alert before. Unseen: no tree shows the change;
    the alert went, or changed more within the interval than rows tell.
    """

    landed: list[Landed] = field(default_factory=list)
    undone: list[Row] = field(default_factory=list)
    born: list[Row] = field(default_factory=list)
    unseen: list[Row] = field(default_factory=list)


def rows_of(lines: Iterable[Mapping[str, object]]) -> list[Row]:
    """The rows that tell of a threshold or of ``for``, oldest first."""
    newest_first = [_row(line) for line in lines if line["kind"] in KINDS]
    newest_first.sort(key=lambda row: row.date, reverse=True)
    return newest_first[::-1]


def _row(line: Mapping[str, object]) -> Row:
    what = KINDS[str(line["kind"])]
    number: Callable[[object], float] = _hold if what is What.HOLD else lambda value: float(str(value))
    severity = "" if line["severity"] in (None, "None") else str(line["severity"])
    name = Name(str(line["group"]), str(line["alert"]), severity)
    rewritten = line["kind"] == "threshold+expr"
    return Row(name, what, number(line["old"]), number(line["new"]), str(line["date"]), str(line["commit"]), rewritten)


def _hold(value: object) -> float:
    return 0.0 if value in (None, "None", "") else seconds(str(value))


def composed(rows: Iterable[Row], trees: Mapping[str, Sequence[Alert]]) -> Composed:
    """The rows as changes between consecutive trees (month → alerts, in order)."""
    shown = {month: _shown(alerts) for month, alerts in trees.items()}
    steps = {month: _Step(month, shown[before], shown[month]) for before, month in pairwise(shown)}
    result = Composed()
    for chain in _chains(rows):
        left = list(chain)
        for month, step in steps.items():
            count = step.landing(left)
            if count:
                result.landed.append(Landed(month, tuple(left[:count])))
                left = left[count:]
        while left:
            undone = next((end for end in range(len(left), 0, -1) if left[0].old == left[end - 1].new), 0)
            apart = result.undone if undone else result.unseen if _stood(left[0], trees) else result.born
            apart.extend(left[: undone or 1])
            left = left[undone or 1 :]
    return result


def _stood(row: Row, trees: Mapping[str, Sequence[Alert]]) -> bool:
    """Whether the last tree before the row's month shows an alert of that name."""
    before = [month for month in trees if month < row.date[:7]]
    return bool(before) and any(one.name == row.name.name for one in trees[before[-1]])


Shown = Mapping[tuple[Name | str, What], Counter[float]]
"""How many alerts show which number: by all that rows know, and by the name alone (moved, or its severity changed)."""


def _shown(alerts: Iterable[Alert]) -> Shown:
    found: dict[tuple[Name | str, What], Counter[float]] = defaultdict(Counter)
    for one in alerts:
        for name in (Name(one.group, one.name, one.severity), one.name):
            found[name, What.HOLD][one.hold] += 1
            found[name, What.THRESHOLD].update(side.number for side in one.thresholds)
    return found


def _chains(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of one alert, each of a later commit and taking up where the one before left off."""
    chains: list[list[Row]] = []
    for row in rows:
        for chain in chains:
            last = chain[-1]
            follows = row.commit not in {one.commit for one in chain}
            if follows and (last.name, last.what, last.new) == (row.name, row.what, row.old):
                chain.append(row)
                break
        else:
            chains.append([row])
    return chains


class _Step:
    """From one tree to the next: how many alerts lost a number and how many have it now. Each is claimed once."""

    def __init__(self, month: str, before: Shown, after: Shown) -> None:
        self.month = month
        self.lost: dict[tuple[Name | str, What], Counter[float]] = defaultdict(Counter)
        self.won: dict[tuple[Name | str, What], Counter[float]] = defaultdict(Counter)
        for side in before.keys() | after.keys():
            was, now = before.get(side, Counter()), after.get(side, Counter())
            self.lost[side], self.won[side] = was - now, now - was

    def landing(self, left: Sequence[Row]) -> int:
        """How many rows from the first on land here: an alert lost the first old value, one has the last new one."""
        written = [row for row in left if row.date[:7] <= self.month and _months(row.date, self.month) <= LATEST]
        for count in range(len(written), 0, -1):
            first, new = left[0], left[count - 1].new
            if first.old != new and self._claim(first, new):
                return count
        return 0

    def _claim(self, row: Row, new: float) -> bool:
        sides = [(name, row.what) for name in (row.name, row.name.name)]
        shows = any(self.lost[side][row.old] > 0 and self.won[side][new] > 0 for side in sides)
        for side in sides if shows else ():
            self.lost[side][row.old] -= 1
            self.won[side][new] -= 1
        return shows


def _months(date: str, month: str) -> int:
    return (int(month[:4]) - int(date[:4])) * 12 + int(month[5:7]) - int(date[5:7])
