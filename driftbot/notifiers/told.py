"""What a place was told that cannot be edited or read back: a mark for each finding, and what is news since.

A mark changes with what somebody would act on differently, not with every word: a message that counts days down is no
news. What is on its way is marked as uncertain, on disk, before it is sent; after a crash it counts as not told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from driftbot.core.canonical import canonical
from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.notifiers.heartbeat import Heartbeat

UNCERTAIN = ""
"""The mark of what may have been told."""

_FIXED = "fixed:"
_DRIFTS = frozenset({Standing.NEW, Standing.WORSE, Standing.CHANGED, Standing.STANDING})


@dataclass(frozen=True, slots=True)
class Told:
    """What was told until now.

    ``marks`` are by fingerprint, ``summary`` is that of the digest as a whole, and ``last`` names the message that was
    accepted last. ``notices`` are those of the digest's that were told.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    last: str = ""
    notices: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """The state that ``text()`` wrote; of an empty text that of a place that was told nothing.

        Raises:
            ValueError: the text is none.
        """
        if not text:
            return cls()
        kept = json.loads(text)
        try:
            marks = {str(name): str(mark) for name, mark in kept["marks"].items()}
            return cls(marks, str(kept["summary"]), str(kept["last"]), tuple(map(str, kept["notices"])))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it is no account of what was told: {error!r}") from None

    def text(self) -> str:
        """The state as one text."""
        return canonical(self)

    def news(self, digest: Digest) -> tuple[Entry, ...]:
        """The entries of which something else was told, or nothing, in the digest's order."""
        return tuple(entry for entry in digest.entries if self.marks.get(entry.fingerprint) != mark(entry))

    def gone(self, digest: Digest) -> tuple[str, ...]:
        """What was told of, and is neither in the digest any more nor was told to be fixed; sorted."""
        present = {entry.fingerprint for entry in digest.entries}
        return tuple(
            sorted(name for name, told in self.marks.items() if name not in present and not told.startswith(_FIXED))
        )

    def waiting(self, digest: Digest) -> tuple[OutboxNotice, ...]:
        """The digest's notices that were not told as they are now."""
        return tuple(notice for notice in digest.notices if _name(notice) not in self.notices)

    def without_fixed(self, digest: Digest) -> Self:
        """This, but for what was told to be fixed and is in no digest any more."""
        present = {entry.fingerprint for entry in digest.entries}
        kept = {name: told for name, told in self.marks.items() if name in present or not told.startswith(_FIXED)}
        return replace(self, marks=kept)

    def with_notices(self, digest: Digest, told: Iterable[OutboxNotice]) -> Self:
        """This once these notices were told; those that wait no more are forgotten."""
        names = {*self.notices, *(_name(notice) for notice in told)}
        return replace(self, notices=tuple(name for notice in digest.notices if (name := _name(notice)) in names))

    def sending(self, entries: Iterable[Entry], gone: Iterable[str]) -> Self:
        """This while these entries are on their way, and that these are gone: one that comes back is news then."""
        names = (*(entry.fingerprint for entry in entries), *gone)
        return replace(self, marks={**self.marks, **dict.fromkeys(names, UNCERTAIN)})

    def having_told(self, entries: Iterable[Entry], gone: Iterable[str], summary: str, last: str) -> Self:
        """This once a message with these was accepted."""
        marks = {**self.marks, **{entry.fingerprint: mark(entry) for entry in entries}}
        for name in gone:
            marks.pop(name, None)
        return replace(self, marks=marks, summary=summary, last=last)


def _name(notice: OutboxNotice) -> str:
    return f"{notice.fingerprint}:{notice.kind}:{notice.at.isoformat()}"


def mark(entry: Entry) -> str:
    """What somebody would act on differently, in sixteen hexadecimal digits."""
    offer, run, life = entry.offer, entry.run, entry.life
    acted_on = (
        "drift" if entry.standing in _DRIFTS else entry.standing,
        entry.finding.severity,
        life.times_opened,
        life.changed,
        entry.owner,
        (offer.remedy, offer.level, offer.missing, sorted(one.by for one in offer.approvals), offer.held)
        if offer
        else None,
        (run.number, run.state) if run else None,
        (entry.waiver.owner, entry.waiver.reason, entry.waiver.expires) if entry.waiver else None,
        (entry.snooze.by, entry.snooze.until) if entry.snooze else None,
        entry.escalated,
    )
    digits = hashlib.sha256(canonical(acted_on).encode()).hexdigest()[:16]
    return _FIXED + digits if entry.standing is Standing.FIXED else digits


def summary(digest: Digest, heartbeat: Heartbeat) -> str:
    """What of the digest as a whole is news when it changes; with ``Heartbeat.ALWAYS`` every night is."""
    parts = (
        digest.night if heartbeat is Heartbeat.ALWAYS else None,
        digest.exit_code,
        digest.blind,
        [(silence.fingerprint, silence.state) for silence in digest.silences],
    )
    return hashlib.sha256(canonical(parts).encode()).hexdigest()[:16]
