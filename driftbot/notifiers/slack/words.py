"""How entries, their state and their people are put into Slack's words, the same in every message."""

from __future__ import annotations

from fnmatch import fnmatchcase

from driftbot.core.digest import Entry, Standing
from driftbot.core.finding import Finding
from driftbot.core.rule import Severity
from driftbot.notifiers.slack.mrkdwn import NAME, PROSE, Mrkdwn, code, day, escaped, joined, mention, moment, mrkdwn
from driftbot.notifiers.slack.workspace import SlackWorkspace

STANDINGS = {
    Standing.NEW: "New",
    Standing.WORSE: "Worse",
    Standing.CHANGED: "Changed",
    Standing.STANDING: "Still standing",
    Standing.UNREAD: "Not readable",
    Standing.SNOOZED: "Snoozed",
    Standing.WAIVED: "Waived",
    Standing.FIXED: "Fixed",
}
ANNOUNCED = frozenset({Standing.NEW, Standing.WORSE})
"""What somebody has to look at in the morning."""
_LOUD = frozenset({Severity.CRITICAL, Severity.HIGH})
LINE = 300
"""Characters of one finding in a list."""


def standing(entry: Entry) -> str:
    """Where it stands, in a word or two."""
    return STANDINGS[entry.standing]


def severity(finding: Finding) -> Mrkdwn:
    """How bad it is; what is bad stands out."""
    return Mrkdwn(f"*{finding.severity}*" if finding.severity in _LOUD else str(finding.severity))


def arithmetic(finding: Finding, longest: int = PROSE) -> Mrkdwn:
    """What is observed and what is expected; what the rule says where it names neither."""
    if finding.observed and finding.expected:
        half = longest // 2 - 5
        return mrkdwn("{}, expected {}", escaped(finding.observed, half), escaped(finding.expected, half))
    said = finding.message or next(iter(finding.reasons), "") or finding.title
    return escaped(finding.observed or said, longest)


def line(entry: Entry, told: Mrkdwn | None = None) -> Mrkdwn:
    """One finding in a line: how bad, which rule, what about, and what is said of it; at most ``LINE`` characters."""
    finding = entry.finding
    head = mrkdwn("• {} {} {}", severity(finding), code(finding.rule, 70), code(str(finding.subject), 100))
    room = LINE - len(head) - 3
    said = arithmetic(finding, room) if told is None else told
    return mrkdwn("{} – {}", head, said) if said and len(said) <= room else head


def since(entry: Entry) -> Mrkdwn:
    """Since when it stands, and how often it came back; in days, so that the words stay the same."""
    life = entry.life
    first = day(life.first_seen)
    return (
        mrkdwn("{}, came back {} times", first, life.times_opened - 1)
        if life.times_opened > 2
        else (mrkdwn("{}, came back once", first) if life.times_opened == 2 else first)
    )


def aside(entry: Entry) -> tuple[Mrkdwn, ...]:
    """Who put it aside until when, and why."""
    told = []
    if entry.waiver is not None:
        waiver = entry.waiver
        owner, reason = escaped(waiver.owner, 160), escaped(waiver.reason)
        told.append(mrkdwn("*Waived* by {} until {}: {}", owner, moment(waiver.expires), reason))
    if entry.snooze is not None:
        snooze = entry.snooze
        told.append(
            mrkdwn("*Snoozed* by {} on {} until {}", escaped(snooze.by, 160), day(snooze.at), moment(snooze.until))
        )
    return tuple(told)


def mentioned(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    """The mention of its owner; empty where the workspace names none for it. The first glob that matches wins."""
    globs = workspace.owners.items() if workspace is not None and entry.owner else ()
    return next((mention(who) for glob, who in globs if fnmatchcase(entry.owner, glob)), Mrkdwn(""))


def owner(entry: Entry) -> Mrkdwn:
    """Who is to be asked, by name."""
    return escaped(entry.owner, NAME) if entry.owner else Mrkdwn("nobody is named")


def footer(*parts: Mrkdwn) -> Mrkdwn:
    """Small print in one line."""
    return joined(" · ", parts)
