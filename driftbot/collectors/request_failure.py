"""Why a request brought no answer, in words without object addresses."""

from __future__ import annotations

import re

from requests.exceptions import ConnectionError as NoConnection

LONGEST = 320
"""Characters of a foreign reason that are kept."""


class NotRecorded(NoConnection):
    """A replayed bundle holds no answer to the request."""


def cause(error: BaseException) -> str:
    """The innermost reason of an exception of requests or urllib3."""
    inner: BaseException = error
    for _ in range(6):
        nested = getattr(inner, "reason", None) or next((a for a in inner.args if isinstance(a, BaseException)), None)
        if not isinstance(nested, BaseException):
            break
        inner = nested
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    text = re.sub(r"^.*?(?:object at 0x[0-9a-f]+>|Connection\([^)]*\)): ", "", str(text))
    return " ".join(text.split())[:LONGEST]
