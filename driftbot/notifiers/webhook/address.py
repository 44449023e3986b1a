"""Where a webhook's requests go: its secrets, read when they are needed, and what of it may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from driftbot.actions.secrets_masked import Secrets
from driftbot.credential import Credential, CredentialMissing
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.notifiers.webhook.options import WebhookOptions
from driftbot.notifiers.webhook.signature import PREFIX, signing_key

SHORTEST = 5
"""Parts of a path that are no longer are words rather than secrets, and would be masked in other words."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go, and all that must not be shown of how."""

    url: str
    place: str
    secrets: Secrets
    headers: tuple[tuple[str, str], ...] = ()
    key: bytes = b""

    @classmethod
    def of(cls, options: WebhookOptions) -> Address:
        """Read the secrets that the options name.

        Raises:
            DeliveryFailed: a place holds none, or none that can be used.
        """
        try:
            url = options.url.read()
            headers = {
                name: one.read() if isinstance(one, Credential) else one for name, one in options.headers.items()
            }
            secret = options.secret.read() if options.secret else ""
            key = signing_key(secret)
        except CredentialMissing as error:
            raise DeliveryFailed(str(error), "Put the secret there.") from None
        except ValueError as error:
            raise DeliveryFailed(
                f"the secret of channel {options.name} cannot be used: {error}", "Write it anew."
            ) from None
        parts = _parts(url, options.name)
        hidden = [name for name, one in options.headers.items() if isinstance(one, Credential)]
        return cls(
            url,
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            Secrets.of(
                [*_hidden(url, parts), secret, secret.removeprefix(PREFIX), *(headers[name] for name in hidden)]
            ),
            tuple(headers.items()),
            key,
        )


def _parts(url: str, channel: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in url):
        raise DeliveryFailed(
            f"the address of channel {channel} is no URL with http:// or https:// and a host", "Write it anew."
        )
    return parts


def _hidden(url: str, parts: SplitResult) -> Iterator[str]:
    """The parts of an address that are secret wherever they are repeated."""
    yield from (url, parts.username or "", parts.password or "", parts.query)
    if len(parts.path) > 1:
        yield parts.path
    yield from (part for part in parts.path.split("/") if len(part) > SHORTEST)
