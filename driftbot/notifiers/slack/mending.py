"""What would mend a finding: the recommended values, and the fix that a playbook offers with who allowed it."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.digest import Entry, Offer, Standing
from driftbot.core.fact import show
from driftbot.core.finding import Recommendation
from driftbot.core.ladder import Level
from driftbot.notifiers.slack.controls_shown import approvable
from driftbot.notifiers.slack.mrkdwn import NOTHING, Mrkdwn, code, escaped, exact, mrkdwn
from driftbot.notifiers.slack.run_words import approvals
from driftbot.notifiers.slack.words import is_begun
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.report.plan_report import DIGITS
from driftbot.report.wording import plural

_SHOWN = 3
_LEVELS = {
    Level.OBSERVE: "It is only shown: its rule may not act.",
    Level.AUTO: "The next night does it without asking.",
}


def mending(entry: Entry, workspace: SlackWorkspace | None) -> Iterator[Mrkdwn]:
    """The lines; none for a finding that is gone."""
    if entry.standing is Standing.FIXED:
        return
    advice = entry.finding.recommendations
    yield from map(_recommended, advice[:_SHOWN])
    if len(advice) > _SHOWN:
        yield mrkdwn("… and {}", plural(len(advice) - _SHOWN, "more recommendation"))
    if entry.offer is not None:
        yield from _offered(entry.offer, entry, workspace)


def _recommended(advice: Recommendation) -> Mrkdwn:
    if advice.value is None:
        why = advice.note or "something it needs could not be read"
        return mrkdwn("*Recommended:* no value for {}: {}", code(advice.key, 80), escaped(why, 100))
    note = mrkdwn(" ({})", exact(advice.note, 100)) if advice.note else NOTHING
    return mrkdwn("*Recommended:* {} = {}{}", code(advice.key, 80), code(show(advice.value), 100), note)


def _offered(offer: Offer, entry: Entry, workspace: SlackWorkspace | None) -> Iterator[Mrkdwn]:
    name, digest = code(offer.playbook, 80), code(offer.remedy[:DIGITS])
    yield mrkdwn("*Fix:* {} (playbook {}, digest {})", exact(offer.told), name, digest)
    yield from approvals(offer.approvals)
    yield from (mrkdwn("Held back: {}", escaped(reason, 160)) for reason in offer.held[:_SHOWN])
    if len(offer.held) > _SHOWN:
        yield mrkdwn("… and {}", plural(len(offer.held) - _SHOWN, "more reason"))
    if not is_begun(entry):
        yield _permission(offer, approvable(entry, workspace))


def _permission(offer: Offer, here: bool) -> Mrkdwn:
    """Who has to do what for it to happen."""
    command = code(f"driftbot apply {offer.remedy[:DIGITS]}")
    if offer.approvable:
        more = "more approval" if offer.approvals else "approval"
        by = Mrkdwn("the button below") if here else command
        return mrkdwn("*{}* needed before it is done: {}", plural(offer.missing, more), by)
    if offer.level is Level.APPROVE and offer.lasting:
        return Mrkdwn("No approval helps until a person changes what holds it back.")
    if offer.level is Level.APPROVE:
        return Mrkdwn("It has the approvals it needs.")
    if offer.level is Level.PROPOSE:
        return mrkdwn("A person applies it: {}", command)
    return Mrkdwn(_LEVELS[offer.level])
