"""Label matchers: whether an alert's labels satisfy them, with regular expressions as Alertmanager reads them (RE2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import re2

from driftbot.promql.selector import Match, Matcher

LONGEST_REGEX = 20_000
"""Characters of a regular expression that is compiled; nobody writes a longer one."""

_MEMORY = 8 << 20


class NotAMatcher(ValueError):
    """The text is no label matcher; the message says what of it and how to write it."""


def checked(matcher: Matcher) -> Matcher:
    """The matcher itself.

    Raises:
        NotAMatcher: its regular expression is none of RE2.
    """
    if matcher.match in (Match.REGEX, Match.NOT_REGEX):
        _compiled(matcher.value)
    return matcher


def matches(matcher: Matcher, value: str) -> bool:
    """Whether a label's value satisfies the matcher; a label that an alert lacks has the empty value."""
    match matcher.match:
        case Match.EQUAL:
            return value == matcher.value
        case Match.NOT_EQUAL:
            return value != matcher.value
        case Match.REGEX:
            return _compiled(matcher.value).match(value) is not None
        case Match.NOT_REGEX:
            return _compiled(matcher.value).match(value) is None


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether an alert with exactly these labels satisfies every matcher."""
    return all(matches(matcher, labels.get(matcher.label, "")) for matcher in matchers)


@lru_cache(maxsize=20_000)
def _compiled(pattern: str) -> Any:
    """The expression as Alertmanager compiles it: anchored at both ends, in time linear in the value.

    Raises:
        NotAMatcher: RE2 does not take it.
    """
    if len(pattern) > LONGEST_REGEX:
        raise NotAMatcher(f"a regular expression of {len(pattern):,} characters is not read")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(f"^(?:{pattern})$", options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        reason = told.partition(": ^(?:")[0]
        raise NotAMatcher(f"{pattern[:80]!r} is no regular expression of RE2: {reason}") from None
    except UnicodeEncodeError:
        raise NotAMatcher(f"{pattern[:80]!r} is no text that UTF-8 can hold") from None
