"""The controls under a finding: approve, snooze, waive, explain, not useful; only those that would do something."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    Option,
    StaticSelectElement,
)

from driftbot.core.digest import Entry, Offer, Standing
from driftbot.notifiers.slack.block_kit import plain_text
from driftbot.notifiers.slack.controls import Control, SnoozeFor
from driftbot.notifiers.slack.limits import (
    BUTTON,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    CONFIRM_TITLE,
    OPTION,
    PLACEHOLDER,
)
from driftbot.notifiers.slack.mrkdwn import plain
from driftbot.notifiers.slack.words import is_offered
from driftbot.notifiers.slack.workspace import Applying, SlackWorkspace
from driftbot.report.plan_report import DIGITS

_SPANS = {
    SnoozeFor.HOUR: "for 1 hour",
    SnoozeFor.DAY: "for 1 day",
    SnoozeFor.WEEK: "for 1 week",
    SnoozeFor.UNTIL: "until …",
}
_WHEN = {Applying.AT_ONCE: "at once", Applying.TONIGHT: "on the next night"}
_SETTLED = frozenset({Standing.FIXED, Standing.WAIVED})


def interactive(workspace: SlackWorkspace | None) -> bool:
    """Whether a press arrives anywhere: without Socket Mode or a signing secret Slack would show an error."""
    return workspace is not None and (workspace.app_token is not None or workspace.signing_secret is not None)


def controls(entry: Entry, workspace: SlackWorkspace | None) -> tuple[ActionsBlock, ...]:
    """The row of controls; none where nobody would hear them."""
    if workspace is None or not interactive(workspace):
        return ()
    return (ActionsBlock(elements=list(_elements(entry, workspace))),)


def approvable(entry: Entry, workspace: SlackWorkspace | None) -> bool:
    """Whether somebody can approve the offer in Slack."""
    offered = is_offered(entry) and entry.standing not in _SETTLED
    return offered and interactive(workspace) and workspace is not None and bool(workspace.approvers)


def _elements(entry: Entry, workspace: SlackWorkspace) -> Iterator[InteractiveElement]:
    if entry.offer is not None and approvable(entry, workspace):
        yield _approve(entry.fingerprint, entry.offer, workspace.applying)
    if entry.standing not in _SETTLED:
        yield _snooze(entry.fingerprint)
        yield _button("Waive …", Control.WAIVE, entry.fingerprint)
    yield _button("Explain", Control.EXPLAIN, entry.fingerprint)
    yield _button("Not useful", Control.NOT_USEFUL, entry.fingerprint)


def _button(words: str, control: Control, value: str) -> ButtonElement:
    return ButtonElement(text=plain_text(words, BUTTON), action_id=control.value, value=value)


def _approve(fingerprint: str, offer: Offer, applying: Applying) -> ButtonElement:
    """The button, with a dialog that says what is approved and when it is done."""
    when = "when nothing holds it back any more" if offer.held else _WHEN[applying]
    done = f"It is done {when}." if offer.missing == 1 else f"It is done {when} after {offer.missing} approvals."
    head, tail = f"{plain(offer.playbook, 60)}: ", f" Digest {offer.remedy[:DIGITS]}. {done}"
    told = plain(offer.told, CONFIRM_TEXT - len(head) - len(tail))
    return ButtonElement(
        text=plain_text("Approve", BUTTON),
        action_id=Control.APPROVE.value,
        value=f"{fingerprint}:{offer.remedy}",
        style="primary",
        confirm=ConfirmObject(
            title=plain_text("Approve this fix?", CONFIRM_TITLE),
            text=plain_text(f"{head}{told}{tail}", CONFIRM_TEXT),
            confirm=plain_text("Approve", CONFIRM_BUTTON),
            deny=plain_text("Cancel", CONFIRM_BUTTON),
        ),
    )


def _snooze(fingerprint: str) -> StaticSelectElement:
    options = [
        Option(value=f"{fingerprint}:{span.value}", text=plain_text(words, OPTION)) for span, words in _SPANS.items()
    ]
    return StaticSelectElement(
        placeholder=plain_text("Snooze", PLACEHOLDER), action_id=Control.SNOOZE.value, options=options
    )
