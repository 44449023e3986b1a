"""What differs between two trees of alert rules, for people, for programs, and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftbot.alerts.change import Change, Direction
from driftbot.alerts.tree_comparison import AlertChange, TreeComparison
from driftbot.alerts.written import PlacedAlert
from driftbot.core.coverage import Gap
from driftbot.report.harmless import harmless
from driftbot.report.markdown import code, escaped
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.render import present
from driftbot.report.wording import place, plural

if TYPE_CHECKING:
    from driftbot.report.console import Terminal

_TITLES = {
    Direction.LOOSER: ("Looser: these page less, later or less loudly", Tone.ALARM),
    Direction.AMBIGUOUS: ("Ambiguous: it can be either", Tone.DOUBT),
    Direction.STRICTER: ("Stricter", Tone.GOOD),
}


@dataclass(frozen=True, slots=True)
class ComparedTrees:
    """A comparison, what its two sides are called, and the exit code it leads to."""

    old: str
    new: str
    told: TreeComparison
    exit_code: int

    @property
    def title(self) -> str:
        """Both sides."""
        return f"{self.old} → {self.new}"

    @property
    def summary(self) -> str:
        """How many changed which way."""
        counts = [f"{self.told.count(direction):,} {direction}" for direction in _TITLES if self.told.count(direction)]
        changed = f"{', '.join(counts)} of " if counts else "no change in meaning of "
        alike = f"; {plural(self.told.alike, 'file')} not readable, and alike on both sides" if self.told.alike else ""
        return f"{changed}{plural(self.told.alerts, 'alert')}{alike}"


def as_text(compared: ComparedTrees, terminal: Terminal | None) -> str:
    """For people: each alert with its place and what changed."""
    sections = [
        Section(title, tone, tuple(_item(one) for one in compared.told.changed if one.direction is direction))
        for direction, (title, tone) in _TITLES.items()
    ]
    unread = tuple(Item(place(gap.origin), harmless(gap.reason)) for gap in compared.told.unread)
    sections.insert(0, Section("Not readable: what changed there is not known", Tone.BLIND, unread))
    shown = tuple(section for section in sections if not section.empty)
    tone = shown[0].tone if shown else Tone.GOOD
    return present(Outline(harmless(compared.title), harmless(compared.summary), shown, "", tone), terminal)


def _item(one: AlertChange) -> Item:
    return Item(place(one.here.origin), harmless(one.here.name, 160), tuple(_lines(one)))


def _lines(one: AlertChange) -> Iterator[str]:
    for change in one.changes:
        yield harmless(_worded(change, one.direction), 1000)
    if moved := _moved(one):
        yield harmless(moved)


def _worded(change: Change, direction: Direction) -> str:
    return str(change) if change.direction is direction else f"{change.direction}: {change}"


def _moved(one: AlertChange) -> str:
    """Where it was or what it was called before; empty where both stayed."""
    if one.before is None or one.after is None:
        return ""
    was, now = one.before, one.after
    parts = [f"called {was.name}"] if was.name != now.name else []
    files = was.alert.sighting.locator, now.alert.sighting.locator
    parts += [f"in {files[0]}"] if files[0] != files[1] else []
    return f"before: {' '.join(parts)}" if parts else ""


def as_markdown(compared: ComparedTrees) -> str:
    """For a pull request; labels can neither mark up, mention nor link."""
    return "\n".join(_markdown(compared)) + "\n"


def _markdown(compared: ComparedTrees) -> Iterator[str]:
    yield f"### Alerts: {escaped(compared.summary)}"
    yield from ("", escaped(compared.title))
    if compared.told.changed:
        yield from ("", "| direction | alert | what | where |", "|---|---|---|---|")
    for one in compared.told.changed:
        what = "<br>".join(escaped(line) for line in _lines(one))
        yield f"| {one.direction} | {code(one.here.name)} | {what} | {code(place(one.here.origin))} |"
    if compared.told.unread:
        yield from ("", "**Not readable; what changed there is not known:**", "")
    for gap in compared.told.unread:
        yield f"- {code(place(gap.origin))}: {escaped(gap.reason)}"


def as_json(compared: ComparedTrees) -> str:
    """For programs: everything, unabridged."""
    told = compared.told
    document = {
        "old": compared.old,
        "new": compared.new,
        "exit_code": compared.exit_code,
        "alerts": told.alerts,
        "counts": {str(direction): told.count(direction) for direction in _TITLES},
        "changed": [_document(one) for one in told.changed],
        "unread": [_gap(gap) for gap in told.unread],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _document(one: AlertChange) -> dict[str, Any]:
    return {
        "alert": one.here.name,
        "direction": str(one.direction),
        "before": _side(one.before),
        "after": _side(one.after),
        "changes": [
            {name: str(getattr(change, name)) for name in ("aspect", "direction", "old", "new", "where", "because")}
            for change in one.changes
        ],
    }


def _side(side: PlacedAlert | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {"alert": side.name, "file": side.origin.locator, "line": side.origin.line}


def _gap(gap: Gap) -> dict[str, Any]:
    return {"file": gap.origin.locator, "line": gap.origin.line or None, "reason": gap.reason}
