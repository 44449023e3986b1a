"""Interaction over HTTP: payloads are posted to the app's request URL with Slack's signature.

https://docs.slack.dev/authentication/verifying-requests-from-slack describes the signature.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from driftbot.sandbox.acknowledgement import PATIENCE, Acknowledgement
from driftbot.sandbox.post import Json


def signed(payload: Json, secret: str, timestamp: int) -> tuple[bytes, dict[str, str]]:
    """The body and the headers with which a payload arrives."""
    body = urlencode({"payload": json.dumps(payload)})
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(timestamp), body=body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": signature or "",
    }
    return body.encode(), headers


async def deliver(url: str, payload: Json, secret: str, timestamp: int, patience: float = PATIENCE) -> Acknowledgement:
    """Post a payload and wait for the app's answer."""
    body, headers = signed(payload, secret, timestamp)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            text = await response.text()
    except TimeoutError:
        return Acknowledgement(False, problem=f"{url} did not answer within {patience:g} s", status=0)
    except aiohttp.ClientError as error:
        return Acknowledgement(False, problem=f"{url}: {error}", status=0)
    if response.status != 200:
        return Acknowledgement(False, problem=f"{url} answered {response.status}: {text[:200]}", status=response.status)
    return Acknowledgement(True, _json(text))


def _json(text: str) -> Json:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {"text": text}
    return read if isinstance(read, dict) else {}
