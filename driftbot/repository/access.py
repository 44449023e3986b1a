"""How a remote over HTTP is given a token: by a helper that answers for that one host, not by an argument or a URL."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from driftbot.credential import Credential, CredentialMissing
from driftbot.repository.failure import Fault, RepositoryFailure

_USER, _TOKEN = "DRIFTBOT_GIT_USER", "DRIFTBOT_GIT_TOKEN"
# Run by git's shell, which holds the two variables. Git asks to `get`; it also tells to `store` and to `erase`.
_HELPER = f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_TOKEN}"; }}; f'
_USERINFO = re.compile(r"(://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Access:
    """A token for remotes over HTTP, by reference, and the user's name that goes with it.

    GitHub wants ``x-access-token`` beside an app's token; it and GitLab take any name beside a personal one.
    """

    token: Credential
    username: str = "x-access-token"

    def arguments(self, url: str) -> tuple[str, ...]:
        """Git's arguments that let this token answer for the host of ``url``, and nothing else answer for any host.

        Empty for remotes that are not reached over HTTP. A redirect to another host finds no answer there.

        Raises:
            RepositoryFailure: ``DENIED``, the token would travel unencrypted.
        """
        place = urlsplit(url)
        if place.scheme not in ("http", "https") or not place.hostname:
            return ()
        if place.scheme == "http" and not _is_loopback(place.hostname):
            raise RepositoryFailure(
                Fault.DENIED,
                f"the token is not sent to {without_secret(url)}, where anybody on the way could read it",
                "give the remote an https URL (git remote set-url)",
            )
        host = place.netloc.rpartition("@")[2]
        return (
            *("-c", "credential.helper=", "-c", f"credential.{place.scheme}://{host}.helper={_HELPER}"),
            *("-c", "core.askPass="),
        )

    def environment(self) -> Mapping[str, str]:
        """The variables that the helper reads; the token is read anew each time.

        Raises:
            RepositoryFailure: ``DENIED``, the token's place holds none.
        """
        try:
            token = self.token.read()
        except CredentialMissing as error:
            raise RepositoryFailure(Fault.DENIED, f"no token for the git remote: {error}") from None
        if "\n" in token or "\0" in token:
            raise RepositoryFailure(Fault.DENIED, "the token for the git remote has more than one line")
        return {_USER: self.username, _TOKEN: token}


def without_secret(text: str, token: str = "") -> str:
    """The text without a token and without what stands before the ``@`` of its URLs."""
    shown = text.replace(token, "…") if token else text
    return _USERINFO.sub(r"\1…@", shown)


def token_of(environment: Mapping[str, str]) -> str:
    """The token that an environment holds for the helper, or nothing."""
    return environment.get(_TOKEN, "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
