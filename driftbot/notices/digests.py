"""Digests: what each channel is told now, and what no channel is told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftbot.core.coverage import AcceptedGap
from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.finding import Finding
from driftbot.core.history import FindingLife
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.ownership import owner
from driftbot.core.silence import Silence
from driftbot.notices.escalation import escalated, unfixed_since
from driftbot.notices.options import ChannelOptions
from driftbot.notices.quiet_hours import quiet
from driftbot.notices.routing import Takes, takes_owner, taking
from driftbot.notices.situation import Situation
from driftbot.notices.standing import DRIFTING, holds, standing

_RANKS = {standing: rank for rank, standing in enumerate(Standing)}
_ACTIONABLE = DRIFTING | {Standing.SNOOZED}
"""What something may be done about: what is read, drifts, and nobody answers for."""

_NAMED = 10
"""Rules that are named among what no channel is told of."""


@dataclass(frozen=True, slots=True)
class Told:
    """A digest a channel, in their order, and what none of them takes: findings in report order, and notices."""

    digests: tuple[Digest, ...]
    unrouted: tuple[Finding, ...] = ()
    unrouted_notices: tuple[OutboxNotice, ...] = ()


def digests(situation: Situation, channels: Sequence[ChannelOptions]) -> Told:
    """What each channel is told. Everything that is said to nobody is said to be so, in every digest."""
    entries = tuple(_entries(situation))
    settled = tuple(_entry(life, Standing.FIXED, situation) for life in situation.settled)
    asked = [(channel, taking(channel.routes)) for channel in channels]
    routed = [tuple(one for one in entries if takes(one.entry.finding, one.entry.rule)) for _, takes in asked]
    taken = {id(one) for chosen in routed for one in chosen}
    unrouted = tuple(one.entry.finding for one in entries if id(one) not in taken and _needs_telling(one.entry))
    known = _known(situation)
    speaks = [_speaks_of(known, situation, takes) for _, takes in asked]
    notices = [tuple(one for one in situation.notices if is_for(one.fingerprint)) for is_for in speaks]
    untold = set(situation.notices).difference(*notices)
    lines = tuple(_unrouted_lines(unrouted, len(untold))) if channels else ()
    made = tuple(
        replace(
            _digest(situation, channel, chosen),
            silences=tuple(one for one in situation.silences if _concerns(one, channel, is_for)),
            notices=told,
            unrouted=lines,
            settled=tuple(one for one in settled if takes(one.finding, one.rule)),
        )
        for (channel, takes), chosen, told, is_for in zip(asked, routed, notices, speaks, strict=True)
    )
    return Told(made, unrouted, tuple(one for one in situation.notices if one in untold))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry, and since when it waits to be mended; None where nobody is asked to."""

    entry: Entry
    since: datetime | None


def _entries(situation: Situation) -> Iterator[_Waiting]:
    """An entry a finding that somebody may have to hear of, by standing and then as in every report."""
    found = [(where, life) for life in situation.lives if (where := standing(life, situation)) is not None]
    found.sort(key=lambda one: _RANKS[one[0]])
    return (_Waiting(_entry(life, where, situation), unfixed_since(life, where, situation)) for where, life in found)


def _entry(life: FindingLife, where: Standing, situation: Situation) -> Entry:
    name, rule = life.finding.fingerprint, situation.rules.get(life.finding.rule)
    waiver, snooze = situation.waivers.get(name), situation.snoozes.get(name)
    return Entry(
        life=life,
        standing=where,
        owner=owner(life.finding, rule),
        rule=rule,
        offer=situation.offers.get(name) if where in _ACTIONABLE else None,
        run=situation.runs.get(name),
        waiver=waiver if holds(waiver, situation.now) else None,
        snooze=snooze if holds(snooze, situation.now) else None,
        not_useful=situation.not_useful.get(name, 0),
        woken=snooze.until if snooze is not None and snooze.until <= situation.now and where in DRIFTING else None,
    )


def _digest(situation: Situation, channel: ChannelOptions, chosen: Iterable[_Waiting]) -> Digest:
    held = quiet(channel.quiet, situation.now)
    return Digest(
        channel=channel.name,
        now=situation.now,
        night=situation.night,
        exit_code=situation.exit_code,
        counts=situation.counts,
        entries=tuple(_with_escalation(one, channel.escalate_after, situation.now) for one in chosen),
        blind=situation.blind,
        held_until=held.until if held else None,
        held_except=held.except_severity if held else None,
        next_night=situation.next_night,
    )


def _with_escalation(waiting: _Waiting, after: timedelta | None, now: datetime) -> Entry:
    since = escalated(waiting.since, after, now)
    return waiting.entry if since is None else replace(waiting.entry, escalated=since)


def _needs_telling(entry: Entry) -> bool:
    return entry.standing not in {Standing.WAIVED, Standing.FIXED}


def _known(situation: Situation) -> dict[str, Finding]:
    """Every finding that a notice or a silence is about, by fingerprint, as far as it is known."""
    about = {*(one.fingerprint for one in situation.notices), *(one.fingerprint for one in situation.silences)}
    lives = (life.finding for life in situation.lives) if about else ()
    return {**situation.told_of, **{name: one for one in lives if (name := one.fingerprint) in about}}


def _speaks_of(known: Mapping[str, Finding], situation: Situation, takes: Takes) -> Callable[[str], bool]:
    """Whether a channel is told of what is about a fingerprint: as of its finding; every channel where nobody knows it
    any more.
    """

    def speaks_of(fingerprint: str) -> bool:
        finding = known.get(fingerprint)
        return finding is None or takes(finding, situation.rules.get(finding.rule))

    return speaks_of


def _concerns(silence: Silence, channel: ChannelOptions, is_for: Callable[[str], bool]) -> bool:
    """Whether a channel is told of a silence: of a waiver as of its finding, of an accepted gap as of its owner."""
    if isinstance(silence.excuse, AcceptedGap):
        return takes_owner(channel.routes, silence.owner)
    return is_for(silence.fingerprint)


def _unrouted_lines(findings: Sequence[Finding], notices: int) -> Iterator[str]:
    counts = Counter(finding.rule for finding in findings)
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    yield from (f"{rule}: {count:,}" for rule, count in ranked[:_NAMED])
    if len(ranked) > _NAMED:
        yield f"{len(ranked) - _NAMED:,} more rules: {sum(count for _, count in ranked[_NAMED:]):,}"
    if notices:
        yield f"notices about what has been done: {notices:,}"
