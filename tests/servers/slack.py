"""A Slack of the test's own: driftbot's sandbox, and clients of it that know no proxy and no other place."""

from __future__ import annotations

from slack_sdk import WebClient

from driftbot.sandbox.methods import METHODS
from driftbot.sandbox.sandbox import Sandbox
from driftbot.sandbox.token import TokenKind


def client_of(sandbox: Sandbox, token: str = "", timeout: int = 10) -> WebClient:
    """slack_sdk's real client of the sandbox, by its own token unless another is given."""
    return WebClient(token=token or sandbox.token, base_url=sandbox.api_url, timeout=timeout)


def allowed_client_of(sandbox: Sandbox) -> WebClient:
    """A client whose token has every scope that some method of the sandbox asks for; driftbot's own has fewer."""
    scopes = {scope for method in METHODS.values() if method.token is TokenKind.BOT for scope in method.scopes}
    return client_of(sandbox, sandbox.token_with(scopes))
