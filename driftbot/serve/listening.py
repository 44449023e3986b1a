"""Where the process listens, and what keeps strangers out: loopback alone, or a token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from driftbot.core.failure import Failure
from driftbot.credential import Credential, CredentialMissing
from driftbot.serve_options import ServeOptions

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """An address and a port to listen on."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """The address that ``driftbot.yaml`` writes as ``127.0.0.1:9464`` or ``[::1]:9464``."""
        host, _, port = text.rpartition(":")
        return cls(_LOOPBACK if host == "localhost" else host.removeprefix("[").removesuffix("]"), int(port))

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ip_address(self.host).is_loopback

    @property
    def asked_at(self) -> str:
        """The host and port at which a process on this machine asks it."""
        address = ip_address(self.host)
        host = ("::1" if address.version == 6 else _LOOPBACK) if address.is_unspecified else self.host
        return f"[{host}]:{self.port}" if isinstance(ip_address(host), IPv6Address) else f"{host}:{self.port}"


def check_exposure(options: ServeOptions) -> Address:
    """The address to listen on.

    Raises:
        Failure: others could reach it and no token is asked for, or the token cannot be read.
    """
    address = Address.of(options.listen)
    if options.token is None:
        if not address.loopback:
            raise Failure(
                f"serve.listen: {options.listen} can be reached from other machines, and nobody has to prove anything",
                "Name the place of a token (serve.token: {env: DRIFTBOT_TOKEN}), or listen on 127.0.0.1.",
            )
        return address
    try:
        options.token.read()
    except CredentialMissing as missing:
        raise Failure(f"serve.token: {missing}", "Put the token there, then start again.") from None
    return address


def is_bearer(header: str, token: Credential) -> bool:
    """Whether an ``Authorization`` header carries the token; takes as long for a wrong one as for the right one.

    Raises:
        CredentialMissing: there is no token to compare with.
    """
    kind, _, given = header.partition(" ")
    expected = token.read().encode()
    return hmac.compare_digest(given.strip().encode(errors="replace"), expected) and kind.lower() == "bearer"


def names_loopback(host: str) -> bool:
    """Whether a ``Host`` header names this machine: a page elsewhere whose name was pointed here names its own
    (DNS rebinding).
    """
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
