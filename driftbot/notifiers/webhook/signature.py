"""The signature of a webhook as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

The specification is at https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md;
receivers check it with one of its libraries, and refuse what is older than a few minutes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"


def signing_key(secret: str) -> bytes:
    """The key in a secret: base64 after ``whsec_``; any other text is the key itself.

    Raises:
        ValueError: what follows ``whsec_`` is no base64.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"what follows {PREFIX} is no base64") from None


def signature(key: bytes, identity: str, at: datetime, body: bytes) -> str:
    """The value of ``webhook-signature``; the time counts in whole seconds, as ``webhook-timestamp`` says it."""
    signed = f"{identity}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
