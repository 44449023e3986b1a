"""The connection to one GitLab: our token goes to this server alone, and refusals keep their headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase
from requests.exceptions import RequestException

from driftbot.credential import Credential
from driftbot.forges.transport import Elsewhere

_PORTS = {"http": 80, "https": 443}


class Answered(RequestException):
    """An answer of 400 and above, before python-gitlab drops the headers that say how long to wait."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status_code}", response=response)
        self.answer = response


class ReferredToken(AuthBase):
    """A token that is read where it is kept for each request.

    GitLab takes personal, project, group and OAuth tokens alike in the ``Authorization`` header, which requests drops
    on its way to another server; it would not drop ``PRIVATE-TOKEN``.
    """

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {self._credential.read()}"
        return request


class OneServer(Session):
    """A session that reaches no other server, whatever redirects and links to next pages say."""

    def __init__(self, address: str, token: Credential) -> None:
        super().__init__()
        self._server = _server(address)
        # With an `auth` of its own, requests does not look into .netrc.
        self.auth = ReferredToken(token)

    def send(self, request: PreparedRequest, **named: Any) -> Response:
        """Send to our server.

        Raises:
            Elsewhere: the request is for another server.
            Answered: the answer is a refusal.
        """
        if _server(request.url or "") != self._server:
            parts = urlsplit(request.url or "")
            raise Elsewhere(f"to {parts.scheme}://{parts.netloc}{parts.path}")
        response = super().send(request, **named)
        if response.status_code >= 400:
            raise Answered(response)
        return response


def _server(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
