"""Asking a serving process on this machine how it is: what a probe or a person does."""

from __future__ import annotations

import json
from enum import StrEnum
from http.client import HTTPConnection, HTTPException

from driftbot.core.failure import Failure
from driftbot.credential import CredentialMissing
from driftbot.serve.listening import Address
from driftbot.serve_options import ServeOptions

_PATIENCE = 5.0
"""Seconds."""


class Question(StrEnum):
    """What is asked: whether it lives, or whether nights will begin as they should."""

    ALIVE = "alive"
    READY = "ready"


def asked(options: ServeOptions, question: Question) -> tuple[bool, str]:
    """Whether it says yes, and what it says.

    Raises:
        Failure: nobody answers, or the token cannot be read.
    """
    address = Address.of(options.listen)
    try:
        headers = {"Authorization": f"Bearer {options.token.read()}"} if options.token else {}
    except CredentialMissing as missing:
        raise Failure(f"serve.token: {missing}") from None
    host, _, port = address.asked_at.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=_PATIENCE)
    try:
        connection.request("GET", "/healthz" if question is Question.ALIVE else "/readyz", headers=headers)
        answer = connection.getresponse()
        return answer.status == 200, _told(answer.read(64 * 1024).decode(errors="replace"))
    except (OSError, HTTPException) as error:
        raise Failure(
            f"nobody answers at {address.asked_at}: {error}", "Start `driftbot serve`, or look at serve.listen."
        ) from error
    finally:
        connection.close()


def _told(body: str) -> str:
    """The checks a line each, or what was said otherwise."""
    try:
        checks = json.loads(body)["checks"]
        return "\n".join(f"{check['state']:<9} {check['name']}: {check['told']}" for check in checks)
    except (ValueError, LookupError, TypeError):
        return body.strip()
