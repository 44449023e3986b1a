"""The sandbox's secrets: tokens and the signing secret, new each time unless a state file keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex

from driftbot.sandbox.token import APP_SCOPES, BOT_SCOPES, Token, TokenKind, new_token


@dataclass(slots=True)
class Secrets:
    """Every token by its secret; ``bot`` and ``app`` are those that are given away first."""

    bot: str
    app: str
    signing_secret: str
    tokens: dict[str, Token]

    def add(self, kind: TokenKind, scopes: frozenset[str]) -> Token:
        """One more token."""
        token = new_token(kind, scopes)
        self.tokens[token.secret] = token
        return token


def new_secrets() -> Secrets:
    """Secrets that nobody has had before."""
    bot, app = new_token(TokenKind.BOT, BOT_SCOPES), new_token(TokenKind.APP, APP_SCOPES)
    return Secrets(bot.secret, app.secret, token_hex(16), {bot.secret: bot, app.secret: app})
