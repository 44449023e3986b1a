"""What came of telling the app about an interaction."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftbot.sandbox.post import Json

PATIENCE = 3.0
"""Seconds that an app has to answer (https://docs.slack.dev/interactivity/handling-user-interaction)."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """``ok`` if the app answered in time; else ``problem`` says what it did instead. ``body`` is its answer, if any."""

    ok: bool
    body: Json = field(default_factory=dict)
    problem: str = ""
    status: int = 200
