"""How findings, their state and their people are put into Slack's words, the same in every message."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from driftbot.core.digest import Entry, Standing
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import Life
from driftbot.core.ownership import names
from driftbot.core.rule import Severity
from driftbot.notifiers.slack.mrkdwn import (
    NAME,
    NOTHING,
    PROSE,
    Mrkdwn,
    code,
    day,
    escaped,
    exact,
    joined,
    mention,
    moment,
    mrkdwn,
)
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
_LIVES = {
    (Standing.NEW, Life.REOPENED): "Back",
    (Standing.NEW, Life.RULE_CHANGED): "New, because the rule changed",
    (Standing.NEW, Life.ONGOING): "No longer waived",
    (Standing.FIXED, Life.RULE_CHANGED): "Gone, because the rule changed",
}
_LOUD = frozenset({Severity.CRITICAL, Severity.HIGH})
_SNOOZED_NO_MORE = frozenset({Standing.FIXED, Standing.WAIVED})
"""Where a snooze that still runs keeps nothing from anybody."""
LINE = 300
"""Characters of one finding in a list (ours: two lines of a screen)."""
SAID = 90
"""Characters of what is said in such a line beside the rule, the subject and the owner."""


def standing(entry: Entry) -> str:
    """Where it stands, in a few words."""
    return _LIVES.get((entry.standing, entry.life.life), STANDINGS[entry.standing])


def severity(finding: Finding) -> Mrkdwn:
    """How bad it is; what is bad stands out."""
    return Mrkdwn(f"*{finding.severity}*" if finding.severity in _LOUD else str(finding.severity))


def arithmetic(finding: Finding, longest: int = PROSE) -> Mrkdwn:
    """What is observed and what is expected; what the rule says where it names neither."""
    if finding.observed and finding.expected:
        half = (longest - len(", expected ")) // 2
        return mrkdwn("{}, expected {}", exact(finding.observed, half), exact(finding.expected, half))
    said = finding.message or next(iter(reasons(finding)), "") or finding.title
    return exact(finding.observed, longest) if finding.observed else escaped(said, longest)


def reasons(finding: Finding) -> tuple[str, ...]:
    """Why it was judged so.

    A scan puts the waiver of that night in front of these; ``aside`` tells of the one that holds now.
    """
    return finding.reasons[1:] if finding.verdict is Verdict.WAIVED else finding.reasons


def line(entry: Entry, told: Mrkdwn | None = None) -> Mrkdwn:
    """One finding in a line: how bad, which rule, what about, what is said of it, whose it is; ``LINE`` at most.

    ``told`` is what is said, of at most ``SAID`` characters; None for the arithmetic.
    """
    finding = entry.finding
    head = mrkdwn("• {} {} {}", severity(finding), code(finding.rule, 60), code(str(finding.subject), 90))
    whose = mrkdwn(" ({})", escaped(entry.owner, 40)) if entry.owner else NOTHING
    room = LINE - len(head) - len(whose) - len(" – ")
    said = arithmetic(finding, room) if told is None else told
    return mrkdwn("{} – {}{}", head, said, whose) if said else mrkdwn("{}{}", head, whose)


def is_offered(entry: Entry) -> bool:
    """Whether approving its fix would count: people are missing, and none is being applied."""
    return entry.offer is not None and entry.offer.approvable and not is_begun(entry)


def is_begun(entry: Entry) -> bool:
    """Whether a fix of it is being applied."""
    return entry.run is not None and not entry.run.state.ended


def since(entry: Entry) -> Mrkdwn:
    """Since when it stands and how often it came back."""
    life = entry.life
    match life.times_opened - 1:
        case back if back > 1:
            return mrkdwn("{}, came back {} times", day(life.first_seen), f"{back:,}")
        case 1:
            return mrkdwn("{}, came back once", day(life.first_seen))
        case _:
            return day(life.first_seen)


def aside(entry: Entry) -> Iterator[Mrkdwn]:
    """Who put it aside, when, until when, and why."""
    if entry.waiver is not None:
        given, until = moment(entry.waiver.created), moment(entry.waiver.expires)
        yield mrkdwn("*Waived* by {} {}, until {}", escaped(entry.waiver.owner, 80), given, until)
        yield mrkdwn("Reason: {}", escaped(entry.waiver.reason, 300))
    if entry.snooze is not None and entry.standing not in _SNOOZED_NO_MORE:
        said, until = moment(entry.snooze.at), moment(entry.snooze.until)
        yield mrkdwn("*Snoozed* by {} {}, until {}", escaped(entry.snooze.by, 80), said, until)


def mentioned(entry: Entry, workspace: SlackWorkspace | None) -> Mrkdwn:
    """The mention of its owner; empty where the workspace names none for it.

    The first glob that matches wins: the whole label, or one of the names that it lists.
    """
    globs = workspace.owners.items() if workspace is not None else ()
    asked = (entry.owner, *names(entry.owner)) if entry.owner else ()
    return next((mention(who) for glob, who in globs if any(fnmatchcase(name, glob) for name in asked)), NOTHING)


def owner(entry: Entry) -> Mrkdwn:
    """Who is to be asked, by name."""
    return escaped(entry.owner, NAME) if entry.owner else Mrkdwn("nobody is named as its owner")


def small_print(*parts: Mrkdwn) -> Mrkdwn:
    """Small print in one line."""
    return joined(" · ", parts)
