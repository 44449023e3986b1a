"""One finding as an entry of the thread: what, where, why, what would mend it, and who decided what."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import Block

from driftbot.core.digest import Digest, Entry, Offer, Standing
from driftbot.core.fact import Origin, show
from driftbot.core.finding import Recommendation
from driftbot.core.rule import Rule, Severity
from driftbot.core.run import PlanApproval, Run
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.controls_shown import approvable, controls
from driftbot.notifiers.slack.limits import FALLBACK
from driftbot.notifiers.slack.mrkdwn import NAME, Mrkdwn, code, day, escaped, link, moment, mrkdwn
from driftbot.notifiers.slack.said import Said
from driftbot.notifiers.slack.words import arithmetic, aside, footer, mentioned, owner, severity, since, standing
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.plan_report import DIGITS
from driftbot.report.wording import best_origin, place, plural

_SHOWN = 4
"""Recommendations, approvals and reasons of each kind that are shown; the rest is counted."""


def entry_message(digest: Digest, entry: Entry, workspace: SlackWorkspace | None = None) -> Said:
    """The finding's entry over its whole life; edited in place, it always says how the finding stands now."""
    del digest
    blocks: list[Block] = [*block_kit.sections(_head(entry, workspace)), block_kit.fields(tuple(_facts(entry)))]
    blocks += block_kit.sections(_lesson(entry.rule))
    blocks += block_kit.sections(_mending(entry, workspace))
    blocks += block_kit.sections(_decided(entry))
    blocks += controls(entry, workspace)
    blocks.append(block_kit.context([_small_print(entry)]))
    return Said(_fallback(entry, workspace), tuple(blocks))


def called(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    """The mention of the owner where it is theirs to look at now: a new finding, high or worse."""
    new = entry.standing is Standing.NEW and entry.finding.severity.rank <= Severity.HIGH.rank
    return mentioned(entry, workspace) if new else Mrkdwn("")


def _head(entry: Entry, workspace: SlackWorkspace | None) -> Iterator[Mrkdwn]:
    finding = entry.finding
    title = escaped(finding.title, NAME)
    if entry.standing is Standing.FIXED:
        yield mrkdwn("*Fixed* · ~{}~", title)
    else:
        yield mrkdwn("*{}* · {} · {}", standing(entry), severity(finding), title)
    yield footer(code(str(finding.subject)), owner(entry), called(entry, workspace))
    if finding.message:
        yield escaped(finding.message)
    for reason in finding.reasons[:_SHOWN]:
        yield escaped(reason)


def _facts(entry: Entry) -> Iterator[Mrkdwn]:
    finding, life = entry.finding, entry.life
    if finding.observed:
        yield mrkdwn("*Observed*\n{}", finding.observed)
    if finding.expected:
        yield mrkdwn("*Expected*\n{}", finding.expected)
    if life.changed is not None and life.previous:
        yield mrkdwn("*Was before*\n{}, until {}", life.previous, day(life.changed))
    origin = best_origin(finding)
    if origin is not None:
        yield mrkdwn("*Where*\n{}", _place(origin))
    if life.resolved is not None:
        yield mrkdwn("*Stood*\n{} to {}", since(entry), day(life.resolved))
    else:
        yield mrkdwn("*Since*\n{}", since(entry))


def _place(origin: Origin) -> Mrkdwn:
    return code(place(origin), 300)


def _lesson(rule: Rule | None) -> Iterator[Mrkdwn]:
    if rule is None:
        yield Mrkdwn("_The rule is not enabled any more._")
        return
    lesson = rule.lesson
    if rule.why:
        yield mrkdwn("*Why:* {}", rule.why)
    named = link(lesson.url, lesson.incident or "reference")
    dated = mrkdwn(" ({})", str(lesson.date)) if lesson.date else Mrkdwn("")
    yield mrkdwn("*Lesson:* {}{}: {}", named, dated, lesson.summary)


def _mending(entry: Entry, workspace: SlackWorkspace | None) -> Iterator[Mrkdwn]:
    if entry.standing is Standing.FIXED:
        return
    advice = entry.finding.recommendations
    yield from map(_recommended, advice[:_SHOWN])
    if len(advice) > _SHOWN:
        yield mrkdwn("… and {}", plural(len(advice) - _SHOWN, "more recommendation"))
    if entry.offer is not None:
        yield from _offered(entry.offer)
        if entry.offer.approvable and not approvable(entry, workspace):
            yield mrkdwn("Approve it with {}", code(f"driftbot apply {entry.offer.remedy[:DIGITS]}"))


def _recommended(advice: Recommendation) -> Mrkdwn:
    if advice.value is None:
        why = advice.note or "something it needs could not be read"
        return mrkdwn("*Recommended:* no value for {}: {}", code(advice.key), escaped(why, 150))
    note = mrkdwn(" ({})", escaped(advice.note, 150)) if advice.note else Mrkdwn("")
    return mrkdwn("*Recommended:* {} = {}{}", code(advice.key, 80), code(show(advice.value)), note)


def _offered(offer: Offer) -> Iterator[Mrkdwn]:
    yield mrkdwn("*Fix:* {} ({}, digest {})", offer.told, code(offer.playbook, 80), code(offer.remedy[:DIGITS]))
    yield from _approvals(offer.approvals)
    if offer.approvable:
        yield mrkdwn(
            "*{} needed* before it is done", plural(offer.missing, "more approval" if offer.approvals else "approval")
        )
    yield from (mrkdwn("Held back: {}", escaped(reason, 200)) for reason in offer.held[:_SHOWN])
    if len(offer.held) > _SHOWN:
        yield mrkdwn("… and {}", plural(len(offer.held) - _SHOWN, "more reason"))


def _approvals(approvals: tuple[PlanApproval, ...]) -> Iterator[Mrkdwn]:
    for one in approvals[-_SHOWN:]:
        yield mrkdwn("*Approved* by {} {}", escaped(one.by, 160), moment(one.at))


def _decided(entry: Entry) -> Iterator[Mrkdwn]:
    if entry.run is not None:
        yield from _run(entry.run)
    yield from aside(entry)
    if entry.escalated is not None:
        yield mrkdwn("*Escalated* on {}: {} is asked to mend it", day(entry.escalated), owner(entry))


def _run(run: Run) -> Iterator[Mrkdwn]:
    told = mrkdwn(": {}", run.told) if run.told else Mrkdwn("")
    yield mrkdwn("*Run {}* {}{}", run.number, escaped(run.state.replace("_", " ")), told)
    yield mrkdwn("begun by {} {}", escaped(run.by, 160), moment(run.started))
    if run.due is not None and not run.state.ended:
        yield mrkdwn("looked at again {}", moment(run.due))


def _small_print(entry: Entry) -> Mrkdwn:
    useless = (
        mrkdwn("{} found this not useful", plural(entry.not_useful, "person", "people")) if entry.not_useful else ""
    )
    command = code(f"driftbot explain {entry.fingerprint}")
    return footer(code(entry.finding.rule, 100), command, Mrkdwn(useless))


def _fallback(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    finding = entry.finding
    head = mrkdwn(
        "{}, {}: {}", standing(entry), str(finding.severity), escaped(f"{finding.title} – {finding.subject}", 250)
    )
    called_for = called(entry, workspace)
    lead = mrkdwn("{} ", called_for) if called_for else Mrkdwn("")
    return mrkdwn("{}{}. {}", lead, head, arithmetic(finding, FALLBACK - len(head) - len(lead) - 2))
