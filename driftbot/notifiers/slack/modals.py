"""The forms that controls open: waiving with reason and end, snoozing until a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    DateTimePickerElement,
    InputBlock,
    InputInteractiveElement,
    PlainTextInputElement,
)
from slack_sdk.models.views import View

from driftbot.core.history import FindingLife
from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.block_kit import plain_text
from driftbot.notifiers.slack.controls import Field, Form
from driftbot.notifiers.slack.limits import INPUT_HINT, INPUT_LABEL, MODAL_TITLE, PLACEHOLDER
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, code, escaped, mrkdwn
from driftbot.notifiers.slack.words import arithmetic

WAIVED_FOR = timedelta(days=90)
"""The end that the form offers, as ``driftbot waive`` does."""
LONGEST_WAIVER = timedelta(days=366)
"""The latest end that a form takes (ours: a silence is looked at again within a year)."""
SHORTEST_REASON, LONGEST_REASON = 10, 1000
"""Characters of a reason (ours: more than a word, less than a page)."""
SNOOZED_FOR = timedelta(days=1)
"""The end that the form offers."""
LONGEST_SNOOZE = timedelta(days=30)
"""The latest end of a snooze (ours): what is put aside for longer is waived, with a reason."""


def waive_form(life: FindingLife, now: datetime) -> View:
    """Reason and expiry, both required; Slack's date field knows no last day, so that the answer is checked again."""
    last = (now + LONGEST_WAIVER).astimezone(UTC)
    reason = PlainTextInputElement(
        action_id=Field.REASON.value,
        multiline=True,
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        placeholder=plain_text("Why it may stay as it is, and what has to happen before the end", PLACEHOLDER),
    )
    end = (now + WAIVED_FOR).astimezone(UTC)
    expires = DatePickerElement(action_id=Field.EXPIRES.value, initial_date=f"{end:%Y-%m-%d}")
    blocks = (
        *_about(life),
        _input(Field.REASON, "Reason", reason, "Everybody who is told of the finding reads it."),
        _input(Field.EXPIRES, "Ends on", expires, f"When that day begins in UTC; {last:%Y-%m-%d} at the latest."),
    )
    return _form(Form.WAIVE, "Waive a finding", "Waive", life, blocks)


def snooze_form(life: FindingLife, now: datetime) -> View:
    """Until when nobody is told of it."""
    hour = (now + SNOOZED_FOR).replace(minute=0, second=0, microsecond=0)
    until = DateTimePickerElement(action_id=Field.UNTIL.value, initial_date_time=int(hour.timestamp()))
    hint = f"It is judged and counted as before; {LONGEST_SNOOZE.days} days at most."
    blocks = (*_about(life), _input(Field.UNTIL, "Until", until, hint))
    return _form(Form.SNOOZE, "Snooze a finding", "Snooze", life, blocks)


def _form(form: Form, title: str, submit: str, life: FindingLife, blocks: tuple[Block, ...]) -> View:
    return View(
        type="modal",
        callback_id=form.value,
        private_metadata=life.finding.fingerprint,
        title=plain_text(title, MODAL_TITLE),
        submit=plain_text(submit, MODAL_TITLE),
        close=plain_text("Cancel", MODAL_TITLE),
        blocks=blocks,
    )


def _about(life: FindingLife) -> tuple[Block, ...]:
    finding = life.finding
    lines: tuple[Mrkdwn, ...] = (
        mrkdwn("*{}*", escaped(finding.title)),
        code(str(finding.subject)),
        arithmetic(finding),
    )
    return tuple(block_kit.sections(lines))


def _input(field: Field, label: str, element: InputInteractiveElement, hint: str) -> InputBlock:
    return InputBlock(
        block_id=field.value,
        label=plain_text(label, INPUT_LABEL),
        element=element,
        hint=plain_text(hint, INPUT_HINT),
        optional=False,
    )
