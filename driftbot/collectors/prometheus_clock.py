"""A server's clock against ours."""

from __future__ import annotations

from driftbot.core.quantity import Quantity, Unit

CLOCK_OFF = 300.0
"""Seconds by which a server's clock may differ from ours without a word."""


def clock_sentence(url: str, ahead: float) -> str:
    """What to say about a clock that is ``ahead`` seconds ahead (negative: behind)."""
    off = Quantity(abs(ahead), Unit.SECONDS)
    return (
        f"the clock of {url} is {off} {'ahead of' if ahead > 0 else 'behind'} ours, so its newest samples are missed"
        " or not there yet; set both clocks by NTP"
    )
