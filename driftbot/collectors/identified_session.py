"""A session as every server of the configuration is asked: who asks, whom it trusts, and by which way it goes."""

from __future__ import annotations

from typing import Protocol

from requests import Session

from driftbot import __version__
from driftbot.collectors.prometheus_options import Tls


class Reached(Protocol):
    """Options that say how a server is reached."""

    @property
    def tls(self) -> Tls:
        """Whose certificates are trusted, and which one is ours."""
        ...

    @property
    def proxy(self) -> str | None:
        """The URL of a proxy; None for none."""
        ...


def identify(session: Session, options: Reached) -> None:
    """Have the session ask as driftbot, trusting what the options say; nothing of the environment is used."""
    session.trust_env = False
    session.headers["User-Agent"] = f"driftbot/{__version__}"
    session.verify = options.tls.ca or options.tls.verify
    if options.tls.certificate:
        session.cert = (options.tls.certificate, options.tls.key) if options.tls.key else options.tls.certificate
    if options.proxy:
        session.proxies = {"http": options.proxy, "https": options.proxy}
