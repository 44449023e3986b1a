"""The names of Slack's controls: what a button, a menu or a form of ours is called, and what it carries."""

from __future__ import annotations

from enum import StrEnum


class Control(StrEnum):
    """``action_id`` of each control. Its value is a finding's fingerprint; that of ``APPROVE`` is
    ``<fingerprint>:<remedy's digest>``, the options of ``SNOOZE`` are ``<fingerprint>:<SnoozeFor>``.
    """

    APPROVE = "driftbot_approve"
    SNOOZE = "driftbot_snooze"
    WAIVE = "driftbot_waive"
    EXPLAIN = "driftbot_explain"
    NOT_USEFUL = "driftbot_not_useful"


class SnoozeFor(StrEnum):
    """For how long a finding is put aside; ``UNTIL`` asks for the time in a form."""

    HOUR = "1h"
    DAY = "1d"
    WEEK = "1w"
    UNTIL = "until"


class Form(StrEnum):
    """``callback_id`` of each modal. ``private_metadata`` is ``<fingerprint>``; the blocks and inputs are ``Field``."""

    WAIVE = "driftbot_waive_form"
    SNOOZE = "driftbot_snooze_form"
    EXPLANATION = "driftbot_explanation"


class Field(StrEnum):
    """``block_id`` and ``action_id`` of each input: reason (text), expires (date), until (date and time)."""

    REASON = "reason"
    EXPIRES = "expires"
    UNTIL = "until"


EVENT_TYPE = "driftbot_message"
"""``metadata.event_type`` of every message; its payload is ``{"channel": …, "key": …, "intent": …}``: what the message
is about, and when it was begun, which together are our idempotency key.
"""
