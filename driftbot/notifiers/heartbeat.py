"""Heartbeat: whether a channel hears of nights that bring no news."""

from __future__ import annotations

from enum import StrEnum


class Heartbeat(StrEnum):
    """``ALWAYS``: one message every night, so that silence means that nobody looked. ``CHANGES``: only news."""

    ALWAYS = "always"
    CHANGES = "changes"
