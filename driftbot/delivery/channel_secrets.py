"""The secrets of a channel, so that nothing that is said about it repeats them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from pydantic import BaseModel

from driftbot.actions.secrets_masked import Secrets
from driftbot.credential import CredentialMissing, credentials_in


def channel_secrets(options: Iterable[BaseModel | None]) -> Secrets:
    """Every secret that these options refer to; of one that is an address also what follows the host."""
    found = list(_read(tuple(options)))
    return Secrets.of([*found, *(part for secret in found for part in _below_host(secret))])


def _read(options: object) -> Iterator[str]:
    for credential in credentials_in(options):
        with suppress(CredentialMissing):
            yield credential.read()


def _below_host(secret: str) -> Iterator[str]:
    try:
        parts = urlsplit(secret)
    except ValueError:
        return
    if parts.scheme and parts.netloc and len(parts.path) > 1:
        yield f"{parts.path}?{parts.query}" if parts.query else parts.path
