"""A Slack of the test's own: driftbot's sandbox, and clients of it that know no proxy and no other place."""

from __future__ import annotations

from slack_sdk import WebClient

from driftbot.sandbox.sandbox import Sandbox


def client_of(sandbox: Sandbox, token: str = "", timeout: int = 10) -> WebClient:
    """slack_sdk's real client of the sandbox, by its own token unless another is given."""
    return WebClient(token=token or sandbox.token, base_url=sandbox.api_url, timeout=timeout)
