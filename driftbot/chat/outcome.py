"""Outcomes: what came of a wish, and what is to be done after it."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.chat_decision import ChatEffect
from driftbot.notifiers.slack.controls import Field


@dataclass(frozen=True, slots=True)
class ApprovedRemedy:
    """A remedy that enough people approved and nothing known holds back: its digest, and who approved it last."""

    digest: str
    by: str


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What the messages say is out of date: deliver soon. ``apply`` is to be applied now, too; None where nothing is.

    ``fingerprint`` is the finding that was decided about.
    """

    fingerprint: str
    apply: ApprovedRemedy | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form."""

    field: Field
    told: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``told`` is one sentence for the person and the audit; ``effect`` what is written down with it.

    ``aftermath`` is None where no message is out of date: nothing changed, and the person saw what stands.
    """

    accepted: bool
    told: str
    effect: ChatEffect | None = None
    aftermath: Aftermath | None = None


def refused(told: str) -> Outcome:
    """Nothing is done, and why."""
    return Outcome(False, told)
