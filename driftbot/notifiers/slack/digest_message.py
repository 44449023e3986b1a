"""The living digest of a channel: whether there is anything to do, what it is, and that somebody looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from slack_sdk.models.blocks import Block, DividerBlock, SectionBlock

from driftbot.core.digest import Digest, Entry
from driftbot.core.silence import Silence
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.budget import Group, shared
from driftbot.notifiers.slack.headline import Morning, headline, heartbeat, morning, tasks
from driftbot.notifiers.slack.limits import FALLBACK, MESSAGE
from driftbot.notifiers.slack.mrkdwn import NAME, Mrkdwn, code, day, escaped, moment, mrkdwn
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import LINE, footer, line, since
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.wording import plural

_AROUND = 1500
"""Characters kept for the heading, the heartbeat and the small print."""


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
    when = mrkdwn("night of {}", moment(digest.night))
    todo = Mrkdwn("\n".join((tasks(digest, told), footer(mrkdwn("{}", beat), when))))
    groups = tuple(group for group in _groups(digest, told) if group.count)
    blocks: list[Block] = [block_kit.header(head), SectionBlock(text=block_kit.text(todo), expand=True)]
    for lines in shared(groups, MESSAGE - _AROUND):
        blocks += block_kit.sections(lines)
    if small := small_print(digest, told, options.entries):
        blocks += [DividerBlock(), block_kit.context([small])]
    return Said(escaped(f"{head}. {beat}", FALLBACK), tuple(blocks))


def small_print(digest: Digest, told: Morning, entries: int) -> Mrkdwn:
    """What is not listed, where the details are, and when to expect what."""
    return footer(*_small_print(digest, told, entries))


def _small_print(digest: Digest, told: Morning, entries: int) -> Iterator[Mrkdwn]:
    quiet = (
        (len(told.standing), "standing as before"),
        (len(told.unread), "not readable"),
        (len(told.snoozed), "snoozed"),
        (len(told.waived), "waived"),
    )
    counted = ", ".join(f"{count:,} {words}" for count, words in quiet if count)
    if counted:
        yield mrkdwn("Also {}", counted)
    if len(digest.entries) > entries:
        yield mrkdwn(
            "the worst {} of {} findings have their own entry below", f"{entries:,}", f"{len(digest.entries):,}"
        )
    elif digest.entries:
        yield Mrkdwn("each finding has its entry in the thread")
    if digest.notices:
        yield mrkdwn("{} in the thread", plural(len(digest.notices), "notice"))
    if digest.held_until is not None:
        yield mrkdwn("quiet until {}: what is new gets its entry then", moment(digest.held_until))
    if digest.next_night is not None:
        yield mrkdwn("next night {}", moment(digest.next_night))


def _groups(digest: Digest, told: Morning) -> Iterator[Group]:
    yield _group("New", told.new, 15)
    yield _group("Worse", told.worse, 10, _moved)
    yield _group("Waits for a person", told.uncertain, 8, _running)
    yield _group("Can be approved", told.waiting, 8, _offered)
    yield _group("Stood too long", told.escalated, 8, _aged)
    lines = tuple(map(_blind, islice(digest.blind, 8)))
    yield Group("Could not be read", lines, len(digest.blind), 8)
    silences = tuple(map(_silence, islice(digest.silences, 8)))
    yield Group("Waivers that need a decision", silences, len(digest.silences), 8)
    yield _group("Fixed", told.fixed, 8, lambda _: Mrkdwn(""))
    yield _group("Being fixed", told.under_way, 5, _running)
    yield _group("Changed", told.changed, 5, _moved)


def _group(title: str, entries: Sequence[Entry], most: int, told: Callable[[Entry], Mrkdwn] | None = None) -> Group:
    shown = islice(entries, most)
    lines = tuple(line(entry, told(entry) if told else None) for entry in shown)
    return Group(title, lines, len(entries), most)


def _moved(entry: Entry) -> Mrkdwn:
    life = entry.life
    if not life.previous:
        return Mrkdwn("")
    return mrkdwn("{} → {}", escaped(life.previous, 50), escaped(life.finding.observed or "?", 50))


def _offered(entry: Entry) -> Mrkdwn:
    return escaped(entry.offer.told, 110) if entry.offer else Mrkdwn("")


def _running(entry: Entry) -> Mrkdwn:
    run = entry.run
    return mrkdwn("run {} {}: {}", run.number, run.state, escaped(run.told, 80)) if run else Mrkdwn("")


def _aged(entry: Entry) -> Mrkdwn:
    return mrkdwn("since {}, {} is asked", since(entry), escaped(entry.owner or "nobody", 50))


def _blind(reason: str) -> Mrkdwn:
    return mrkdwn("• {}", escaped(reason, LINE - 2))


def _silence(silence: Silence) -> Mrkdwn:
    ends = mrkdwn(" on {}", day(silence.expires)) if silence.expires else Mrkdwn("")
    state = silence.state.replace("_", " ")
    owner, about = escaped(silence.owner, 60), code(silence.fingerprint, NAME // 2)
    return mrkdwn("• {} – {}{}, by {}", about, escaped(state, 40), ends, owner)
