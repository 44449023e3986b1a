"""A digest as the documents that a webhook is posted: what changed, in requests of a bounded size. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime

from driftbot.core.digest import Digest, Entry, Offer, Standing
from driftbot.core.harmless import harmless
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Rule
from driftbot.core.run import Run
from driftbot.core.silence import Silence
from driftbot.core.subject import Subject
from driftbot.notifiers.told import mark
from driftbot.notifiers.webhook import document as parts

MOST_LISTED = 100
"""Lines, silences, labels or reasons of one list; further ones are counted or left out."""
MOST_NOTICES = 50
"""Notices in one request; the others wait for the next delivery."""
MOST_GONE = 2_000
"""Fingerprints of what is gone in one request."""
LONGEST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """What one request tells of: changed entries (and how they are written), what is gone, and notices."""

    entries: tuple[Entry, ...] = ()
    changes: tuple[parts.ChangePart, ...] = ()
    gone: tuple[str, ...] = ()
    notices: tuple[OutboxNotice, ...] = ()
    following: int = 0

    @property
    def empty(self) -> bool:
        """Whether it tells nothing but the digest as a whole."""
        return not (self.entries or self.gone or self.notices)


def pages(
    entries: Sequence[Entry], gone: Sequence[str], notices: Sequence[OutboxNotice], most_bytes: int
) -> tuple[Page, ...]:
    """The requests that tell all of it, the entries in their order; always one. ``most_bytes`` bounds the changes of
    each, but every request tells of one at least.
    """
    chunks = tuple(_chunks(entries, most_bytes))
    lists = [gone[start : start + MOST_GONE] for start in range(0, len(gone), MOST_GONE)]
    count = max(1, len(chunks), len(lists))
    left = len(entries) + len(gone)
    made = []
    for number in range(count):
        told, written = chunks[number] if number < len(chunks) else ((), ())
        missing = tuple(lists[number]) if number < len(lists) else ()
        left -= len(told) + len(missing)
        made.append(Page(told, written, missing, tuple(notices[:MOST_NOTICES]) if number == 0 else (), left))
    return tuple(made)


def body(digest: Digest, page: Page, after: str) -> bytes:
    """The request's body: canonical JSON in ASCII. The same page after the same request is the same bytes."""
    return _written(_document(digest, page, after))


def identity(content: bytes) -> str:
    """A request's idempotency key: SHA-256 of its body, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _chunks(
    entries: Sequence[Entry], most_bytes: int
) -> Iterator[tuple[tuple[Entry, ...], tuple[parts.ChangePart, ...]]]:
    chunk: list[tuple[Entry, parts.ChangePart]] = []
    size = 0
    for entry in entries:
        change = _change(entry)
        added = len(_written(change))
        if chunk and size + added > most_bytes:
            yield tuple(one for one, _ in chunk), tuple(part for _, part in chunk)
            chunk, size = [], 0
        chunk.append((entry, change))
        size += added
    if chunk:
        yield tuple(one for one, _ in chunk), tuple(part for _, part in chunk)


def _written(value: object) -> bytes:
    return json.dumps(value, default=_members, sort_keys=True, separators=(",", ":")).encode("ascii")


def _members(value: object) -> dict[str, object]:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in a webhook's document")


def _document(digest: Digest, page: Page, after: str) -> parts.Document:
    counts = digest.counts
    standings = Counter(entry.standing for entry in digest.entries)
    return parts.Document(
        schema=parts.SCHEMA,
        channel=digest.channel,
        after=after,
        night=digest.night.isoformat(),
        next_night=_time(digest.next_night),
        exit_code=None if digest.exit_code is None else int(digest.exit_code),
        counts=parts.CountsPart(counts.drift, counts.unknown, counts.waived, counts.ok, counts.checks),
        standings={standing.value: standings[standing] for standing in Standing},
        changes=list(page.changes),
        gone=list(page.gone),
        following=page.following,
        notices=[_notice(notice) for notice in page.notices],
        silences=[_silence(silence) for silence in digest.silences[:MOST_LISTED]],
        blind=_lines(digest.blind),
        unrouted=_lines(digest.unrouted),
    )


def _change(entry: Entry) -> parts.ChangePart:
    life, finding = entry.life, entry.finding
    return parts.ChangePart(
        fingerprint=entry.fingerprint,
        mark=mark(entry),
        standing=entry.standing.value,
        rule=_text(finding.rule),
        severity=finding.severity.value,
        title=_text(finding.title),
        subject=_subject(finding.subject),
        owner=_text(entry.owner),
        message=_text(finding.message),
        observed=_text(finding.observed),
        expected=_text(finding.expected),
        reasons=[_text(reason) for reason in finding.reasons[:MOST_LISTED]],
        why=_text(entry.rule.why) if entry.rule else "",
        lesson=_lesson(entry.rule),
        first_seen=life.first_seen.isoformat(),
        last_seen=life.last_seen.isoformat(),
        changed=_time(life.changed),
        previous=_text(life.previous),
        resolved=_time(life.resolved),
        times_opened=life.times_opened,
        offer=_offer(entry.offer),
        run=_run(entry.run),
        aside=_aside(entry),
        escalated=_time(entry.escalated),
        not_useful=entry.not_useful,
    )


def _subject(subject: Subject) -> parts.SubjectPart:
    labels = {_text(name): _text(value) for name, value in subject.labels[:MOST_LISTED]}
    return parts.SubjectPart(
        _text(str(subject)), _text(subject.kind), _text(subject.environment), _text(subject.name), labels
    )


def _lesson(rule: Rule | None) -> parts.LessonPart | None:
    if rule is None:
        return None
    return parts.LessonPart(_text(rule.lesson.incident), _text(rule.lesson.url), _text(rule.lesson.summary))


def _offer(offer: Offer | None) -> parts.OfferPart | None:
    if offer is None:
        return None
    return parts.OfferPart(
        remedy=offer.remedy,
        plan=offer.plan,
        playbook=_text(offer.playbook),
        level=offer.level.value,
        change=_text(offer.told),
        approved_by=sorted(_text(approval.by) for approval in offer.approvals),
        approvals_missing=offer.missing,
        held=[_text(reason) for reason in offer.held[:MOST_LISTED]],
    )


def _run(run: Run | None) -> parts.RunPart | None:
    if run is None:
        return None
    return parts.RunPart(run.number, run.state.value, _text(run.told), run.started.isoformat(), _time(run.ended))


def _aside(entry: Entry) -> parts.AsidePart | None:
    if waiver := entry.waiver:
        return parts.AsidePart("waiver", _text(waiver.owner), _text(waiver.reason), waiver.expires.isoformat())
    if snooze := entry.snooze:
        return parts.AsidePart("snooze", _text(snooze.by), "", snooze.until.isoformat())
    return None


def _notice(notice: OutboxNotice) -> parts.NoticePart:
    return parts.NoticePart(
        notice.fingerprint, notice.kind, _text(notice.title), _text(notice.body), notice.at.isoformat()
    )


def _silence(silence: Silence) -> parts.SilencePart:
    return parts.SilencePart(
        _text(silence.fingerprint),
        silence.state.value,
        _text(silence.detail),
        _text(silence.owner),
        _time(silence.expires),
    )


def _lines(lines: Iterable[str]) -> parts.BoundedLines:
    listed = list(lines)
    return parts.BoundedLines([_text(line) for line in listed[:MOST_LISTED]], len(listed))


def _text(text: str) -> str:
    return harmless(text, LONGEST_TEXT)


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
