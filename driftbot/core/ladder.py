"""The ladder: how far driftbot may go with what a rule finds, climbed by a person one rung at a time."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """What is allowed about a finding; each rung allows what the ones before it do.

    ``OBSERVE`` tells what could be done. ``PROPOSE`` lets a person apply the plan (``driftbot apply DIGEST``).
    ``APPROVE`` also lets approvals of a digest, given elsewhere, act at the next ``driftbot run``. ``AUTO``
    acts at the next ``driftbot run`` without asking.
    """

    OBSERVE = "observe"
    PROPOSE = "propose"
    APPROVE = "approve"
    AUTO = "auto"

    @property
    def rank(self) -> int:
        """0 for the lowest rung."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
