"""Tokens: what kind one is, and what it may do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from driftbot.sandbox.refusal import Refused


class TokenKind(StrEnum):
    """A bot's token calls the Web API; an app's opens Socket Mode (https://docs.slack.dev/authentication/tokens)."""

    BOT = "xoxb"
    APP = "xapp"


BOT_SCOPES = frozenset(
    {"channels:history", "channels:read", "chat:write", "files:write", "groups:history", "groups:read"}
)
"""What the sandbox's own bot token may do: what the app manifest in docs/slack.md asks for, and nothing else, so that
a call which needs more is refused here as it would be there.
"""
APP_SCOPES = frozenset({"connections:write"})


@dataclass(slots=True)
class Token:
    """One token; a revoked one stays known, so that it is told from one that never was."""

    secret: str
    kind: TokenKind
    scopes: frozenset[str]
    revoked: bool = False

    def demand(self, kind: TokenKind, scopes: frozenset[str]) -> None:
        """Refuse unless it is of that kind and has one of the scopes (none demanded: any token will do)."""
        if self.revoked:
            raise Refused("token_revoked")
        if self.kind is not kind:
            raise Refused("not_allowed_token_type")
        if scopes and not scopes & self.scopes:
            raise Refused("missing_scope", needed=",".join(sorted(scopes)), provided=",".join(sorted(self.scopes)))


def new_token(kind: TokenKind, scopes: frozenset[str]) -> Token:
    """A token that nobody can guess: pages of other sites may reach a loopback server, too."""
    return Token(f"{kind}-sandbox-{secrets.token_hex(12)}", kind, scopes)
