"""What a channel should show: a digest as messages with their keys, in the order in which they are to be told."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.message import Message
from driftbot.notifiers.slack.digest_message import digest_message
from driftbot.notifiers.slack.entry_message import entry_message
from driftbot.notifiers.slack.message_keys import (
    DIGEST,
    chart_key,
    escalation_key,
    finding_key,
    fixed_key,
    rest_key,
)
from driftbot.notifiers.slack.notice_message import escalation_message, notice_message
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.rest_pages import rest_pages
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.workspace import SlackWorkspace

ACTIVE = frozenset({Standing.NEW, Standing.WORSE, Standing.CHANGED, Standing.STANDING})
"""What gets an entry of its own. All else is edited where it has one, and listed where it has none."""
CHARTED = frozenset({Standing.NEW, Standing.WORSE, Standing.CHANGED})
"""What gets a chart: on the night of a change, not every night for a new point."""
STAYS = 2
"""An entry stays while its finding is among so many times as many worst ones, so that none comes and goes (ours)."""


class Posting(StrEnum):
    """How a message is posted if it is not there: not at all, not now (quiet hours), in the thread, or seen by all."""

    NEVER = "never"
    HELD = "held"
    QUIETLY = "quietly"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message. ``former`` is the key that it stood under before; its metadata keep the first one."""

    key: str
    said: Said
    posting: Posting
    former: str = ""

    @property
    def content(self) -> str:
        """SHA-256 of what it says."""
        return self.said.content


@dataclass(frozen=True, slots=True)
class WantedChart:
    """The picture of an entry's charts; ``content`` is a hash of the charts: the same charts draw the same bytes."""

    key: str
    entry: Entry
    content: str
    posting: Posting


@dataclass(slots=True)
class _Audience:
    """The channel itself, which is shown so many messages at once and no more; what stands already takes no place."""

    left: int
    known: Container[str]

    def posting(self, key: str, held: bool) -> Posting:
        """How a message is posted that the channel should see."""
        if held:
            return Posting.HELD
        if key in self.known or not self.left:
            return Posting.QUIETLY
        self.left -= 1
        return Posting.SEEN


def wanted(
    digest: Digest, options: SlackOptions, workspace: SlackWorkspace | None, known: Container[str]
) -> Iterator[Wanted | WantedChart]:
    """The digest as messages; ``known`` are the keys of those that stand already.

    The digest itself comes first, then findings, the worst first, each with its escalation and chart, then the pages of
    all others, then notices.
    """
    own = own_entries(digest, options, known)
    announced = any(not digest.holds_back(entry) for entry in own if entry.standing in ACTIVE)
    yield Wanted(
        DIGEST, digest_message(digest, options, workspace), Posting.SEEN if announced else _unless_held(digest)
    )
    yield from _entries(digest, own, options, workspace, known)
    mine = {entry.fingerprint for entry in own}
    rest = [entry for entry in digest.entries if entry.fingerprint not in mine]
    for number, page in enumerate(rest_pages(digest, rest, workspace), start=1):
        yield Wanted(rest_key(number), page, _unless_held(digest))
    audience = _Audience(options.broadcasts, known)
    for notice in digest.notices:
        key = notice.message_key
        yield Wanted(
            key, notice_message(digest, notice, workspace), audience.posting(key, digest.held_until is not None)
        )


def returned(digest: Digest, known: Mapping[str, Message], now: datetime) -> dict[str, Message]:
    """Entries of findings that are news since their last word, because a waiver or a snooze ended, say: nobody notices
    an edit. They are told anew.
    """
    return {message.key: message for entry, message in _again(digest, known, now) if not digest.holds_back(entry)}


def awaiting(digest: Digest, known: Mapping[str, Message], now: datetime) -> frozenset[str]:
    """The keys of those that quiet hours keep from being told anew. Until then they stay: edited, they were no news."""
    return frozenset(message.key for entry, message in _again(digest, known, now) if digest.holds_back(entry))


def _again(digest: Digest, known: Mapping[str, Message], now: datetime) -> Iterator[tuple[Entry, Message]]:
    """What is news since its last word; not where that lies ahead of the clock, of which each word would be older."""
    for entry in digest.entries:
        since, message = _news_since(digest, entry), known.get(finding_key(entry.fingerprint))
        if since is not None and message is not None and message.at < since <= now:
            yield entry, message


def _news_since(digest: Digest, entry: Entry) -> datetime | None:
    moments = [digest.night] if entry.standing is Standing.NEW else []
    moments += [entry.woken] if entry.woken is not None and entry.standing in ACTIVE else []
    return max(moments, default=None)


def own_entries(digest: Digest, options: SlackOptions, known: Container[str]) -> list[Entry]:
    """The findings with an entry of their own: the worst, and those that have one and are not far behind them."""
    ranked = sorted(digest.entries, key=lambda entry: entry.finding.severity.rank)
    active = [entry for entry in ranked if entry.standing in ACTIVE]
    passive = (*(entry for entry in ranked if entry.standing not in ACTIVE), *digest.settled)
    others = [entry for entry in passive if _stands(entry, known)]
    behind = [entry for entry in active[options.entries : STAYS * options.entries] if _stands(entry, known)]
    return [*active[: options.entries], *behind, *others[: STAYS * options.entries]]


def _stands(entry: Entry, known: Container[str]) -> bool:
    fixed = entry.standing is Standing.FIXED and fixed_key(entry.fingerprint) in known
    return fixed or finding_key(entry.fingerprint) in known


def _entries(
    digest: Digest,
    own: Sequence[Entry],
    options: SlackOptions,
    workspace: SlackWorkspace | None,
    known: Container[str],
) -> Iterator[Wanted | WantedChart]:
    audience, charts = _Audience(options.broadcasts, known), options.charts
    for entry in own:
        yield _entry(digest, entry, options, workspace, audience)
        if entry.escalated is not None and entry.standing in ACTIVE:
            key = escalation_key(entry.fingerprint)
            posting = audience.posting(key, digest.holds_back(entry))
            yield Wanted(key, escalation_message(digest, entry, workspace), posting)
        if entry.standing in CHARTED and entry.finding.charts and charts:
            charts -= 1
            yield _chart(digest, entry)


def _entry(
    digest: Digest, entry: Entry, options: SlackOptions, workspace: SlackWorkspace | None, audience: _Audience
) -> Wanted:
    key, said = finding_key(entry.fingerprint), entry_message(digest, entry, workspace)
    if entry.standing is Standing.FIXED:
        return Wanted(fixed_key(entry.fingerprint), said, Posting.NEVER, key)
    if entry.standing not in ACTIVE:
        return Wanted(key, said, Posting.NEVER)
    if _news_since(digest, entry) is not None and entry.finding.severity.rank <= options.broadcast.rank:
        return Wanted(key, said, audience.posting(key, digest.holds_back(entry)))
    return Wanted(key, said, Posting.HELD if digest.holds_back(entry) else Posting.QUIETLY)


def _unless_held(digest: Digest) -> Posting:
    return Posting.HELD if digest.held_until is not None else Posting.QUIETLY


def _chart(digest: Digest, entry: Entry) -> WantedChart:
    drawn = repr((entry.finding.title, str(entry.finding.subject), entry.finding.charts))
    content = hashlib.sha256(drawn.encode("utf-8", "backslashreplace")).hexdigest()
    posting = Posting.HELD if digest.holds_back(entry) else Posting.QUIETLY
    return WantedChart(chart_key(entry.fingerprint), entry, content, posting)
