"""Last words: what a message says when nothing more will be told in it."""

from __future__ import annotations

from collections.abc import Sequence

from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, code, mrkdwn
from driftbot.notifiers.slack.said import Said


def moved(place: str) -> Said:
    """The digest, or an entry of it, is told in another channel from now on."""
    return _said([mrkdwn("Moved: driftbot tells this in {} from now on.", Mrkdwn(f"<#{place}>"))])


def listed(fingerprint: str) -> Said:
    """A finding is told in the pages below, because there are many worse ones."""
    return _said(
        [mrkdwn("{} is listed below: there are many worse findings.", code(fingerprint)), _explained(fingerprint)]
    )


def told_anew(fingerprint: str) -> Said:
    """A finding came back, and is told where people see it."""
    told = mrkdwn("{} came back and is told anew below.", code(fingerprint))
    return _said([told, _explained(fingerprint)])


def ended(fingerprint: str) -> Said:
    """A finding is not told in this channel any more."""
    why = "it was fixed, or its rule, its owner or this channel's routes changed"
    told = mrkdwn("{} is not told here any more: {}.", code(fingerprint), why)
    return _said([told, _explained(fingerprint)])


def _explained(fingerprint: str) -> Mrkdwn:
    return mrkdwn("What is known of it: {}", code(f"driftbot explain {fingerprint}"))


def _said(lines: Sequence[Mrkdwn]) -> Said:
    return Said(lines[0], tuple(block_kit.sections(lines)))
