"""Wishes: what somebody asks for in a chat, understood but not decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from driftbot.core.chat_decision import ChatVerb
from driftbot.notifiers.slack.controls import Form, SnoozeFor


@dataclass(frozen=True, slots=True)
class Approve:
    """A remedy's digest is to be approved, as it was offered for a finding."""

    fingerprint: str
    digest: str


@dataclass(frozen=True, slots=True)
class SnoozeBy:
    """A finding is to be put aside for a while: never ``UNTIL``, which asks in a form."""

    fingerprint: str
    span: SnoozeFor


@dataclass(frozen=True, slots=True)
class SnoozeUntil:
    """A finding is to be put aside until a time; None where the form named none."""

    fingerprint: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Waive:
    """A finding is to be excused until a date; empty and None where the form named none."""

    fingerprint: str
    reason: str
    expires: date | None


@dataclass(frozen=True, slots=True)
class NotUsefulToMe:
    """Somebody does not find it useful to be told of a finding."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Explain:
    """A finding is to be explained."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class AskFor:
    """A form is to be opened in which somebody says the rest: reason, date, time."""

    fingerprint: str
    form: Form


@dataclass(frozen=True, slots=True)
class Nothing:
    """A link was followed, a field was touched: nothing is asked for, Slack only wants to hear that it arrived."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was asked for is not understood, and why: it is none of ours, or somebody forged it."""

    why: str


Decided: TypeAlias = Approve | SnoozeBy | SnoozeUntil | Waive | NotUsefulToMe
"""Wishes that change something where they are granted."""

Wish: TypeAlias = Decided | Explain | AskFor | Nothing | Unreadable


def verb_of(wish: Wish) -> ChatVerb:
    """What the audit calls it."""
    match wish:
        case Approve():
            return ChatVerb.APPROVE
        case SnoozeBy() | SnoozeUntil() | AskFor(form=Form.SNOOZE):
            return ChatVerb.SNOOZE
        case Waive() | AskFor(form=Form.WAIVE):
            return ChatVerb.WAIVE
        case NotUsefulToMe():
            return ChatVerb.NOT_USEFUL
        case Explain() | AskFor():
            return ChatVerb.EXPLAIN
        case _:
            return ChatVerb.UNREADABLE


def about(wish: Wish) -> str:
    """What it is about, for the audit: the digest that is approved, else the finding; empty where nobody can tell."""
    if isinstance(wish, Nothing | Unreadable):
        return ""
    return wish.digest if isinstance(wish, Approve) else wish.fingerprint
