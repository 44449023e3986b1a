"""Where Slack's Web API is asked: whether a token may be sent there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def keeps_secret(url: str) -> bool:
    """Whether nobody on the way can read a token that is sent there: by https, or to this machine.

    Raises:
        ValueError: it is no address.
    """
    place = urlsplit(url)
    return place.scheme == "https" or (place.scheme == "http" and _is_loopback(place.hostname or ""))


def checked(url: str) -> str:
    """The address, where a token may be sent to it.

    Raises:
        ValueError: it may not.
    """
    if not keeps_secret(url):
        raise ValueError("anybody on the way could read the token: give it an https address")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
