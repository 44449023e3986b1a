"""What happened to a request that brought no usable answer, and what of it may be told."""

from __future__ import annotations

import re

import urllib3.exceptions
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, RequestException, SSLError

from driftbot.credential import Credential, CredentialMissing
from driftbot.forges.failure import Errand, FailureKind, ForgeFailure, distrusted, redirected, unanswered, unreadable

_UNSENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_DEPTH = 8


class Elsewhere(RequestException):
    """A request would have gone to another server than the one the token is for."""


def failure_of(error: Exception, errand: Errand, token: Credential) -> ForgeFailure:
    """The failure that an exception of a client's transport or reading is; the token is masked in it."""
    told = masked(_cause(error), token)
    if isinstance(error, CredentialMissing):
        step = f"put the token of {errand.forge} where the configuration says"
        return ForgeFailure(FailureKind.NO_TOKEN, f"there is no token for {errand.repository}: {told}", step)
    # PyGithub has no kind of error of its own for a redirect that it does not follow.
    if isinstance(error, Elsewhere) or (isinstance(error, RuntimeError) and "redirected" in told):
        return redirected(errand, told)
    if isinstance(error, SSLError) or (isinstance(error, OSError) and "CA certificate" in told):
        return distrusted(errand, told)
    if isinstance(error, RequestException) and not isinstance(error, ValueError):
        return unanswered(errand, told, sent=_was_sent(error))
    return unreadable(errand, told)


def masked(text: str, token: Credential) -> str:
    """The text without our token: some proxies repeat the request in what they answer."""
    try:
        return text.replace(token.read(), "REDACTED")
    except CredentialMissing:
        return text


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = [error]
    while len(chain) < _DEPTH:
        inner = getattr(chain[-1], "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((one for one in chain[-1].args if isinstance(one, BaseException)), None)
        if inner is None:
            break
        chain.append(inner)
    return chain


def _was_sent(error: RequestException) -> bool:
    """Whether the request may have reached the server: nothing is sent before a connection stands."""
    if isinstance(error, ConnectTimeout):
        return False
    chain = _chain(error)
    return isinstance(error, NoConnection) is False or not any(isinstance(inner, _UNSENT) for inner in chain)


def _cause(error: BaseException) -> str:
    inner = _chain(error)[-1]
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return re.sub(r"^.*?(?:object at 0x[0-9a-f]+>|Connection(?:Pool)?\([^)]*\)): ", "", str(text))
