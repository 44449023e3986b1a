"""The living digest of a channel: whether there is anything to do, what it is, and that somebody looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from slack_sdk.models.blocks import Block, DividerBlock

from driftbot.core.digest import Digest, Entry
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.budget import Group, shared
from driftbot.notifiers.slack.headline import headline, heartbeat, tasks
from driftbot.notifiers.slack.limits import FALLBACK, MESSAGE
from driftbot.notifiers.slack.morning import Morning, morning
from driftbot.notifiers.slack.mrkdwn import NOTHING, Mrkdwn, escaped, exact, joined, moment, mrkdwn
from driftbot.notifiers.slack.run_words import run_state
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.silence_line import silence_line
from driftbot.notifiers.slack.words import LINE, SAID, line, since, small_print
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.wording import plural

_AROUND = 1600
"""Characters kept for the heading, the heartbeat and the small print."""
_UNROUTED = 240
"""Characters of what no channel is told of."""


class Shown(Protocol):
    """What of a channel's options decides what its digest says."""

    @property
    def entries(self) -> int:
        """How many findings have an entry of their own in the thread, the worst first."""
        ...


def digest_message(digest: Digest, options: Shown, workspace: SlackWorkspace | None = None) -> Said:
    """The digest as one message, the same for the same digest whenever it is rendered; it mentions nobody."""
    del workspace
    told = morning(digest)
    head, beat = headline(digest, told), heartbeat(digest.counts)
    pulse = mrkdwn("{} · as judged in the night of {}", beat, moment(digest.night))
    blocks: list[Block] = [block_kit.header(head), *block_kit.sections((tasks(digest, told), pulse))]
    for lines in shared([group for group in _groups(digest, told) if group.count], MESSAGE - _AROUND):
        blocks += block_kit.sections(lines)
    if small := small_print(*_small_print(digest, told, options.entries)):
        blocks += [DividerBlock(), block_kit.context((small,))]
    text = joined(" ", (mrkdwn("{}. {}.", head, beat), tasks(digest, told)))
    return Said(text if len(text) <= FALLBACK else escaped(f"{head}. {beat}.", FALLBACK), tuple(blocks))


def _small_print(digest: Digest, told: Morning, entries: int) -> Iterator[Mrkdwn]:
    """What is not listed, where the details are, and when to expect what."""
    quiet = (
        (told.standing, "standing as before"),
        (told.unread, "not readable"),
        (told.snoozed, "snoozed"),
        (told.waived, "waived"),
    )
    if counted := ", ".join(f"{len(found):,} {words}" for found, words in quiet if found):
        yield mrkdwn("also {}", counted)
    if len(told.news) + len(told.changed) + len(told.standing) > entries:
        yield mrkdwn("in the thread: the worst {} in full, the others in lists", f"{entries:,}")
    elif digest.entries:
        yield Mrkdwn("details in the thread")
    if digest.notices:
        yield mrkdwn("{} in the thread", plural(len(digest.notices), "notice"))
    if digest.unrouted:
        yield mrkdwn("told in no channel: {}", escaped("; ".join(digest.unrouted), _UNROUTED))
    if digest.held_until is not None:
        yield mrkdwn("quiet until {}, what is new comes then", moment(digest.held_until))
    if digest.next_night is not None:
        yield mrkdwn("next night {}", moment(digest.next_night))


def _groups(digest: Digest, told: Morning) -> Iterator[Group]:
    """What is listed, the most urgent first."""
    yield _group("New", told.new, 15)
    yield _group("Worse", told.worse, 10, _moved)
    yield _group("Waits for a person", told.uncertain, 8, _running)
    yield _group("Can be approved", told.waiting, 8, _offered)
    yield _group("Stood too long, its owner is asked", told.escalated, 8, _since)
    yield Group("Could not be read", tuple(map(_blind, islice(digest.blind, 8))), len(digest.blind))
    silences = tuple(map(silence_line, islice(digest.silences, 8)))
    yield Group("Silences that need a decision", silences, len(digest.silences))
    yield _group("Fixed", told.fixed, 8, _stood)
    yield _group("Being fixed", told.under_way, 5, _running)
    yield _group("Changed", told.changed, 5, _moved)


def _group(title: str, entries: Sequence[Entry], most: int, told: Callable[[Entry], Mrkdwn] | None = None) -> Group:
    lines = tuple(line(entry, told(entry) if told else None) for entry in islice(entries, most))
    return Group(title, lines, len(entries))


def _moved(entry: Entry) -> Mrkdwn:
    life = entry.life
    if not life.previous:
        return NOTHING
    half = (SAID - len(" → ")) // 2
    return mrkdwn("{} → {}", exact(life.previous, half), exact(life.finding.observed or "?", half))


def _offered(entry: Entry) -> Mrkdwn:
    return exact(entry.offer.told, SAID) if entry.offer else NOTHING


def _running(entry: Entry) -> Mrkdwn:
    return run_state(entry.run) if entry.run else NOTHING


def _since(entry: Entry) -> Mrkdwn:
    return mrkdwn("since {}", since(entry))


def _stood(entry: Entry) -> Mrkdwn:
    return mrkdwn("stood since {}", since(entry))


def _blind(reason: str) -> Mrkdwn:
    return mrkdwn("• {}", exact(reason, LINE - 2))
