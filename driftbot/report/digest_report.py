"""A digest for people at a terminal: what a channel would be told, in the order in which it should be heard."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.silence import Silence
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import change, comparison, counts_told, headline, plural

SHOWN = 20
"""Entries of one section that are shown; the rest is counted."""

_TITLES = {
    Standing.NEW: ("New", Tone.ALARM),
    Standing.WORSE: ("Worse", Tone.ALARM),
    Standing.CHANGED: ("Changed", Tone.ALARM),
    Standing.STANDING: ("As before", Tone.ALARM),
    Standing.UNREAD: ("Not readable", Tone.DOUBT),
    Standing.SNOOZED: ("Snoozed", Tone.QUIET),
    Standing.WAIVED: ("Waived", Tone.QUIET),
    Standing.FIXED: ("Fixed", Tone.GOOD),
}


def digest_outline(digest: Digest, kind: str, shown: int = SHOWN) -> Outline:
    """What the channel of that kind would be told, at most ``shown`` entries a section."""
    sections = (
        _lines("Not read", Tone.BLIND, digest.blind, shown),
        *(_entries(digest, standing, shown) for standing in Standing),
        Section("Silences to decide about", Tone.DOUBT, tuple(map(_silence, digest.silences[:shown]))),
        _lines("Notices", Tone.ALARM, tuple(notice.title for notice in digest.notices), shown),
        _lines("Told in no channel", Tone.DOUBT, digest.unrouted, shown),
    )
    return Outline(
        title=f"{harmless(digest.channel, 80)} ({harmless(kind, 40)}), the night of {digest.night:%Y-%m-%d %H:%M} UTC",
        summary=_summary(digest),
        sections=tuple(section for section in sections if not section.empty),
        conclusion=_quiet(digest),
        tone=Tone.ALARM if digest.of(Standing.NEW, Standing.WORSE) else Tone.GOOD,
    )


def _summary(digest: Digest) -> str:
    counts = digest.counts
    return (
        f"{counts_told(counts)}, {counts.waived:,} waived in the estate; "
        f"{plural(len(digest.entries), 'entry', 'entries')} for this channel"
    )


def _quiet(digest: Digest) -> str:
    if digest.held_until is None:
        return ""
    broken = f", but for findings of severity {digest.held_except} or worse" if digest.held_except else ""
    return f"Quiet until {digest.held_until:%Y-%m-%d %H:%M} UTC: nothing new is announced{broken}."


def _entries(digest: Digest, standing: Standing, shown: int) -> Section:
    entries = digest.of(standing)
    title, tone = _TITLES[standing]
    return Section(f"{title}: {len(entries):,}" if entries else title, tone, tuple(map(_item, entries[:shown])),
                   _rest(len(entries) - shown))  # fmt: skip


def _item(entry: Entry) -> Item:
    return Item(entry.finding.severity, headline(entry.finding), tuple(_told(entry)), entry.finding.severity)


def _told(entry: Entry) -> Iterator[str]:
    for text in (harmless(entry.finding.message), comparison(entry.finding), change(entry.life)):
        if text:
            yield text
    if entry.owner:
        asked = f", asked since {entry.escalated:%Y-%m-%d}" if entry.escalated else ""
        yield f"owner: {harmless(entry.owner, 160)}{asked}"
    if entry.waiver:
        yield f"waived by {harmless(entry.waiver.owner, 160)} until {entry.waiver.expires:%Y-%m-%d}"
    if entry.snooze:
        yield f"snoozed by {harmless(entry.snooze.by, 160)} until {entry.snooze.until:%Y-%m-%d %H:%M} UTC"
    if entry.offer:
        waits = f", {plural(entry.offer.missing, 'approval')} missing" if entry.offer.approvable else ""
        yield f"{harmless(entry.offer.playbook, 80)} ({entry.offer.level}{waits}): {harmless(entry.offer.told)}"
    if entry.run:
        yield f"run {entry.run.number}: {entry.run.state}"


def _silence(silence: Silence) -> Item:
    return Item(silence.state, harmless(silence.fingerprint, 160), (harmless(f"{silence.owner}: {silence.detail}"),))


def _lines(title: str, tone: Tone, lines: tuple[str, ...], shown: int) -> Section:
    return Section(title, tone, tuple(Item("", harmless(line)) for line in lines[:shown]), _rest(len(lines) - shown))


def _rest(count: int) -> tuple[str, ...]:
    return (f"… and {count:,} more",) if count > 0 else ()
