"""One finding as an entry of the thread: what, where, why, what would mend it, and who decided what."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import Block

from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.rule import Rule, Severity
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.budget import within
from driftbot.notifiers.slack.controls_shown import controls
from driftbot.notifiers.slack.limits import FALLBACK
from driftbot.notifiers.slack.mending import mending
from driftbot.notifiers.slack.mrkdwn import NAME, NOTHING, Mrkdwn, code, day, escaped, exact, link, mrkdwn
from driftbot.notifiers.slack.run_words import run_lines
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import (
    arithmetic,
    aside,
    mentioned,
    owner,
    reasons,
    severity,
    since,
    small_print,
    standing,
)
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.wording import best_origin, place, plural

_REASONS = 3
_VALUE = 220
"""Characters of what was observed, expected, observed before."""
_STORY = 240
"""Characters of a lesson's summary and of why."""
_MENDING, _DECIDED = 2200, 1600
"""Characters of what would mend it, and of what was decided; all other parts come to 5,000 at most."""


def entry_message(digest: Digest, entry: Entry, workspace: SlackWorkspace | None = None) -> Said:
    """The finding's entry over its whole life; edited in place, it always says how the finding stands now."""
    del digest
    blocks: list[Block] = [*block_kit.sections(_head(entry, workspace)), block_kit.fields(tuple(_facts(entry)))]
    blocks += block_kit.sections(_lesson(entry.rule))
    rest = mrkdwn("… and more: {}", code(_command(entry)))
    blocks += block_kit.sections(within(mending(entry, workspace), _MENDING, rest))
    blocks += block_kit.sections(within(_decided(entry), _DECIDED, rest))
    blocks += controls(entry, workspace)
    blocks.append(block_kit.context((_below(entry),)))
    return Said(_fallback(entry, workspace), tuple(blocks))


def called(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    """The mention of the owner where it is theirs to look at now: a new finding, high or worse."""
    new = entry.standing is Standing.NEW and entry.finding.severity.rank <= Severity.HIGH.rank
    return mentioned(entry, workspace) if new else NOTHING


def _head(entry: Entry, workspace: SlackWorkspace | None) -> Iterator[Mrkdwn]:
    finding = entry.finding
    title = escaped(finding.title, NAME) or code(finding.rule)
    if entry.standing is Standing.FIXED:
        yield mrkdwn("*{}* · ~{}~", standing(entry), title)
    else:
        yield mrkdwn("*{}* · {} · *{}*", standing(entry), severity(finding), title)
    yield small_print(code(str(finding.subject)), owner(entry), called(entry, workspace))
    if finding.message and entry.standing is not Standing.FIXED:
        yield escaped(finding.message)
    why = reasons(finding)
    yield from (escaped(reason, 160) for reason in why[:_REASONS])
    if len(why) > _REASONS:
        yield mrkdwn("… and {}", plural(len(why) - _REASONS, "more reason"))


def _facts(entry: Entry) -> Iterator[Mrkdwn]:
    finding, life = entry.finding, entry.life
    if finding.observed:
        yield mrkdwn("*Observed*\n{}", exact(finding.observed, _VALUE))
    if finding.expected:
        yield mrkdwn("*Expected*\n{}", exact(finding.expected, _VALUE))
    if life.changed is not None and life.previous:
        yield mrkdwn("*Before {}*\n{}", day(life.changed), exact(life.previous, _VALUE))
    if origin := best_origin(finding):
        yield mrkdwn("*Where*\n{}", code(place(origin), _VALUE))
    if life.resolved is None:
        yield mrkdwn("*Since*\n{}", since(entry))
    else:
        yield mrkdwn("*Stood*\n{} to {}", since(entry), day(life.resolved))


def _lesson(rule: Rule | None) -> Iterator[Mrkdwn]:
    if rule is None:
        yield Mrkdwn("_Its rule is not enabled any more._")
        return
    lesson = rule.lesson
    if rule.why:
        yield mrkdwn("*Why:* {}", escaped(rule.why, _STORY))
    dated = mrkdwn(" ({})", lesson.date) if lesson.date else NOTHING
    summary = mrkdwn(": {}", escaped(lesson.summary, _STORY)) if lesson.summary else NOTHING
    yield mrkdwn("*Lesson:* {}{}{}", link(lesson.url, lesson.incident or "reference"), dated, summary)


def _decided(entry: Entry) -> Iterator[Mrkdwn]:
    if entry.run is not None:
        yield from run_lines(entry.run)
    yield from aside(entry)
    if entry.escalated is not None:
        yield mrkdwn("*Escalated* on {}: it stood too long, and {} is asked", day(entry.escalated), owner(entry))


def _below(entry: Entry) -> Mrkdwn:
    count = entry.not_useful
    useless = mrkdwn("{} this not useful", plural(count, "person finds", "people find")) if count else NOTHING
    return small_print(code(entry.finding.rule, 100), code(_command(entry)), useless)


def _command(entry: Entry) -> str:
    return f"driftbot explain {entry.fingerprint}"


def _fallback(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    finding = entry.finding
    lead = mrkdwn("{} ", who) if (who := called(entry, workspace)) else NOTHING
    about = escaped(f"{finding.title} – {finding.subject}", 250)
    head = mrkdwn("{}{}, {}: {}. ", lead, standing(entry), finding.severity, about)
    return mrkdwn("{}{}", head, arithmetic(finding, FALLBACK - len(head)))
