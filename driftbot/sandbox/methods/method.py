"""What a method of the Web API is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.post import Json
from driftbot.sandbox.token import Token, TokenKind
from driftbot.sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, which scopes allow it (any of them), and how often a minute it may be called.

    ``per_minute`` is its tier's (https://docs.slack.dev/apis/web-api/rate-limits); ``writes`` if it changes anything.
    """

    name: str
    answer: Callable[[Workspace, Token, Arguments], Json]
    scopes: frozenset[str] = frozenset()
    per_minute: int = 50
    writes: bool = False
    token: TokenKind = TokenKind.BOT


TIER_2, TIER_3, TIER_4 = 20, 50, 100
"""Calls a minute of each tier (same page)."""
