"""How GitHub is asked: with a token that is kept elsewhere, and with sentences for what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from github import GithubException
from github.Auth import Auth

from driftbot.credential import Credential
from driftbot.forges.failure import Errand, ForgeFailure, Refusal, refused, unreadable
from driftbot.forges.transport import failure_of, masked


class ReferredToken(Auth):
    """A token that is read where it is kept each time it is needed."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    @property
    def token_type(self) -> str:
        """The scheme of the ``Authorization`` header; every kind of token may be a bearer."""
        return "Bearer"

    @property
    def token(self) -> str:
        """The token itself."""
        return self._credential.read()


@contextmanager
def explained(errand: Errand, token: Credential) -> Iterator[None]:
    """Whatever PyGithub raises as the failure that it is.

    Raises:
        ForgeFailure: GitHub refused, did not answer, or answered what nobody can read.
    """
    try:
        yield
    except ForgeFailure:
        raise
    except GithubException as error:
        if error.headers is None or error.status < 400:
            # PyGithub's own: an answer lacks what it needs.
            raise unreadable(errand, masked(str(error.message or error.data), token)) from None
        headers = {name.lower(): str(value) for name, value in error.headers.items()}
        raise refused(errand, Refusal(error.status, masked(_said(error.data), token), headers)) from None
    # PyGithub lets through whatever reading an odd answer raises: assertions, type and key errors.
    except Exception as error:
        raise failure_of(error, errand, token) from None


def _said(data: Any) -> str:
    """What GitHub says in a refusal: its message, and of each field what is wrong."""
    if not isinstance(data, dict):
        return str(data or "")
    errors = data.get("errors")
    details = [_detail(error) for error in errors] if isinstance(errors, list) else []
    message = str(data.get("message") or data.get("data") or "")
    return f"{message} ({'; '.join(details)})" if details else message


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    named = ".".join(str(error[part]) for part in ("resource", "field") if error.get(part))
    said = str(error.get("message") or error.get("code") or "")
    return f"{named}: {said}" if named and said else named or said
