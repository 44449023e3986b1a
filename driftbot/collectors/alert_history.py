"""The past of alerts, read from the history of their files: followed from commit to commit, moved or renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from driftbot.alerts.written import WrittenAlert
from driftbot.collectors.written_alert import Content, read_content
from driftbot.core.alert_identity import pair_alerts
from driftbot.core.body import Body
from driftbot.core.commit import Commit, FileChange, FileHistory, Landing
from driftbot.core.past import Past, Revision, Version
from driftbot.core.subject import Subject


@dataclass(slots=True)
class _Trail:
    """One alert of today, followed back: ``version`` is how it read after the landing looked at.

    ``mended`` is the commit that made it readable again, while what is looked at is not.
    """

    subject: Subject
    source: str
    version: Version
    newest_first: list[Revision] = field(default_factory=list)
    mended: Commit | None = None
    born: Commit | None = None

    def came_from(self, version: Version | None, commit: Commit) -> None:
        """Before the commit it read so; None where that is not readable."""
        changed = self.mended or commit
        self.mended = changed if version is None else None
        if version is not None and version != self.version:
            self.newest_first.append(Revision(self.version, changed.at, changed))
            self.version = version

    @property
    def past(self) -> Past:
        """All that was found."""
        first = Revision(self.version, self.born.at if self.born else None, self.born)
        return Past(self.subject, self.source, (first, *reversed(self.newest_first)))


@dataclass(frozen=True, slots=True)
class _Standing:
    """An alert at one point of the past, and the trail of the alert of today that it became."""

    alert: WrittenAlert
    trail: _Trail | None = None


def pasts(
    today: Iterable[tuple[Subject, WrittenAlert]], history: FileHistory, source: str, as_of: datetime
) -> tuple[Past, ...]:
    """The past of each alert of today that is understood, in the order given.

    What is not committed yet counts as changed at ``as_of``. Where the files have no history there is no past.
    """
    if history.since is None:
        return ()
    walk = _Walk(history.contents, source, as_of)
    trails = []
    for subject, alert in today:
        trail = _Trail(subject, source, alert.version) if alert.version else None
        trails.append(trail)
        walk.standing.setdefault(alert.sighting.locator, []).append(_Standing(alert, trail))
    for landing in history.landings:
        walk.step_back(landing)
    return tuple(trail.past for trail in trails if trail)


def _pairs(new: Sequence[WrittenAlert], old: Sequence[WrittenAlert]) -> Mapping[int, int]:
    """Which alert is which: first those that are the same in everything, then by all looks."""
    alike: dict[int, list[int]] = {}
    for number, alert in enumerate(old):
        alike.setdefault(id(alert), []).append(number)
    found = {}
    for number, alert in enumerate(new):
        if same := alike.get(id(alert)):
            found[number] = same.pop(0)
    taken = set(found.values())
    ours = [number for number in range(len(new)) if number not in found]
    theirs = [number for number in range(len(old)) if number not in taken]
    rest = pair_alerts([new[number].sighting for number in ours], [old[number].sighting for number in theirs])
    return {**found, **{ours[mine]: theirs[other] for mine, other in rest.items()}}


class _Walk:
    """The files as they stood, walked back landing by landing; every content is parsed once."""

    def __init__(self, contents: Mapping[str, bytes], source: str, as_of: datetime) -> None:
        self._contents, self._source = contents, source
        self._uncommitted = Commit("", "", as_of, "")
        self._parsed: dict[tuple[str, str], Content] = {}
        self.standing: dict[str, list[_Standing]] = {}

    def step_back(self, landing: Landing) -> None:
        """Undo one landing: find what each alert of the files it changed was before."""
        commit = landing.commit or self._uncommitted
        after = [one for change in landing.changes for one in self._after(change)]
        content = {change.locator: self._content(change.before, change.locator) for change in landing.changes}
        before = [alert for found in content.values() for alert in found.alerts]
        old_of = _pairs([one.alert for one in after], before)
        became = {old: after[new].trail for new, old in old_of.items()}
        for new, old in old_of.items():
            if trail := after[new].trail:
                trail.came_from(before[old].version, commit)
        kept = list(self._hidden(after, old_of, content, commit))
        stood = iter(_Standing(alert, became.get(number)) for number, alert in enumerate(before))
        for locator, found in content.items():
            self.standing[locator] = [next(stood) for _ in found.alerts]
        for one in kept:
            self.standing[one.alert.sighting.locator].append(one)

    def _after(self, change: FileChange) -> Sequence[_Standing]:
        if change.locator in self.standing or not change.after:
            return self.standing.get(change.locator, ())
        return [_Standing(alert) for alert in self._content(change.after, change.locator).alerts]

    def _hidden(
        self, after: Sequence[_Standing], old_of: Mapping[int, int], content: Mapping[str, Content], commit: Commit
    ) -> Iterator[_Standing]:
        """Alerts that had no counterpart: some may be hidden in what was not readable then; the others were born."""
        for number, one in enumerate(after):
            if number not in old_of and one.trail:
                if content[one.alert.sighting.locator].whole:
                    one.trail.born = commit if commit.id else None
                else:
                    one.trail.came_from(None, commit)
                    yield one

    def _content(self, name: str, locator: str) -> Content:
        if not name:
            return Content()
        if (name, locator) not in self._parsed:
            known = name in self._contents
            body = Body(locator, self._contents[name]) if known else None
            self._parsed[name, locator] = read_content(body, self._source) if body else Content(whole=False)
        return self._parsed[name, locator]
