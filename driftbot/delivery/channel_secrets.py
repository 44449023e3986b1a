"""The secrets of a channel, so that nothing that is said about it repeats them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from pydantic import BaseModel

from driftbot.actions.secrets_masked import Secrets
from driftbot.credential import Credential, CredentialMissing


def channel_secrets(options: Iterable[BaseModel | None]) -> Secrets:
    """Every secret that these options refer to; of one that is an address also what follows the host."""
    found = [secret for model in options if model is not None for secret in _read(model)]
    return Secrets.of([*found, *(part for secret in found for part in _below_host(secret))])


def _read(value: object) -> Iterator[str]:
    if isinstance(value, Credential):
        with suppress(CredentialMissing):
            yield value.read()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _read(getattr(value, name))
    elif isinstance(value, dict):
        yield from (secret for one in value.values() for secret in _read(one))
    elif isinstance(value, tuple | list):
        yield from (secret for one in value for secret in _read(one))


def _below_host(secret: str) -> Iterator[str]:
    try:
        parts = urlsplit(secret)
    except ValueError:
        return
    if parts.scheme and parts.netloc and len(parts.path) > 1:
        yield f"{parts.path}?{parts.query}" if parts.query else parts.path
