"""One service of apprise's: found by its URL, sent a text, and what it logs meanwhile kept from everybody else."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from driftbot.actions.secrets_masked import Secrets
from driftbot.notifiers.nightly_text import NightlyText, Tone

if TYPE_CHECKING:
    import apprise

_LOGGER = logging.getLogger("apprise")
_LINES: ContextVar[list[str] | None] = ContextVar("what apprise logs", default=None)
_TYPES = {Tone.BLIND: "FAILURE", Tone.DRIFT: "WARNING", Tone.CALM: "INFO"}
"""Names in apprise's ``NotifyType``."""

# Services show apprise's logo from the web where they are not told otherwise.
_BARE: dict[str, Any] = {
    "app_id": "driftbot",
    "app_desc": "driftbot",
    **dict.fromkeys(("app_url", "image_url_mask", "image_url_logo", "image_path_mask"), ""),
}


@cache
def _library() -> ModuleType:
    """Apprise, with its plugins: 270 modules and 25 MB, which only those pay who send by it."""
    import apprise

    with warnings.catch_warnings():
        # It loads its plugins with the first URL, and some of them import what Python 3.11 deprecates.
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        apprise.Apprise.instantiate("json://localhost")
    return apprise


def service_of(url: str) -> apprise.NotifyBase | None:
    """The service of a URL, without pictures and redirects; None where there is none."""
    library = _library()
    asset = library.AppriseAsset(async_mode=False, interpret_emojis=False, **_BARE)
    asset.http_redirects = False
    found: apprise.NotifyBase | None = library.Apprise.instantiate(url, asset=asset)
    return found


def sent(service: apprise.NotifyBase, text: NightlyText) -> bool:
    """Whether the service took it; whatever a plugin raises is a no."""
    library = _library()
    box = library.Apprise(asset=service.asset)
    box.add(service)
    try:
        return bool(
            box.notify(
                body=text.body,
                title=text.title,
                notify_type=getattr(library.NotifyType, _TYPES[text.tone]),
                body_format=library.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        )
    except Exception as error:
        _LOGGER.error("%s: %s", type(error).__name__, error)
        return False


def secrets_of(url: str) -> Secrets:
    """Every part of a URL that may be a secret: of apprise's URLs that is each of them, hosts included."""
    try:
        parts = urlsplit(url)
        split = [
            parts.netloc,
            parts.username or "",
            parts.password or "",
            parts.hostname or "",
            parts.path,
            parts.query,
        ]
        split += [one for one in parts.path.split("/") if len(one) > 3]
    except ValueError:
        split = []
    return Secrets.of([url, url.partition("://")[2], *(one for one in split if len(one) > 3)])


@contextmanager
def captured() -> Iterator[list[str]]:
    """What apprise logs as a problem of this delivery; it goes nowhere else, for it may hold secrets."""
    lines: list[str] = []
    handler = _Lines(lines)
    _LOGGER.propagate = False
    _LOGGER.setLevel(logging.WARNING)
    _LOGGER.addHandler(handler)
    token = _LINES.set(lines)
    try:
        yield lines
    finally:
        _LINES.reset(token)
        _LOGGER.removeHandler(handler)


class _Lines(logging.Handler):
    """Keeps what is logged on behalf of its own delivery: several channels are told side by side.

    A context goes along into the threads that apprise sends from.
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        if _LINES.get() is self._lines:
            self._lines.append(record.getMessage())
