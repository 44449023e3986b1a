"""The syntax of Alertmanager's label matchers: read, and written in one form.

Both syntaxes are read: the classic one (``severity=page``, ``{team="a,b"}``) and that of release 0.27, whose names may
be any quoted text (https://prometheus.io/docs/alerting/latest/configuration/#matcher). Where both apply, the classic
one counts, as in Alertmanager's default mode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.alerts.label_matcher import NotAMatcher, checked
from driftbot.promql.selector import Match, Matcher

_CLASSIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*((?s:.*?))\s*", re.ASCII)
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_BARE = r"[^\s{}!=~,\\\"'`]+"
_UTF_8 = re.compile(rf"\s*({_QUOTED}|{_BARE})\s*(=~|=|!=|!~)\s*({_QUOTED}|{_BARE})\s*")
_UTF_8_TOKEN = re.compile(rf"(?:{_QUOTED}|[^,\"])*")
_PLAIN_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}
_CLASSIC_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}


def read_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of one line, with or without braces, in the order of the line.

    Raises:
        NotAMatcher: it is none, or its regular expression is none of RE2.
    """
    try:
        found = tuple(_classic(token) for token in _classic_tokens(text))
    except NotAMatcher as error:
        try:
            found = tuple(_utf_8(token) for token in _utf_8_tokens(text))
        except NotAMatcher:
            raise error from None
    return tuple(checked(matcher) for matcher in found)


def written(matcher: Matcher) -> str:
    """The one form in which facts show a matcher; ``read_matchers`` reads it back."""
    name = matcher.label if _PLAIN_NAME.fullmatch(matcher.label) else _quote(matcher.label)
    return f"{name}{matcher.match}{_quote(matcher.value)}"


def _classic_tokens(text: str) -> Iterator[str]:
    quoted = escaped = False
    token = ""
    for character in text.removeprefix("{").removesuffix("}"):
        if character == "," and not quoted:
            yield token
            token = ""
            continue
        if character == '"':
            quoted = quoted if escaped else not quoted
            escaped = False
        else:
            escaped = character == "\\" and not escaped
        token += character
    if token.strip():
        yield token


def _classic(token: str) -> Matcher:
    found = _CLASSIC.fullmatch(token)
    if found is None:
        raise _no_matcher(token)
    name, match, raw = found.groups()
    return Matcher(name, Match(match), _classic_value(raw, token))


def _classic_value(raw: str, token: str) -> str:
    """The value without its quotes and with its three escapes undone; any other backslash stands for itself."""
    quoted = raw.startswith('"')
    value, at = "", int(quoted)
    while at < len(raw):
        pair = raw[at : at + 2]
        if raw[at] == '"':
            if quoted and at == len(raw) - 1:
                return value
            raise _no_matcher(token)
        value += _CLASSIC_ESCAPES.get(pair, raw[at])
        at += len(pair) if pair in _CLASSIC_ESCAPES else 1
    if quoted:
        raise _no_matcher(token)
    return value


def _utf_8_tokens(text: str) -> Iterator[str]:
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        raise _no_matcher(text)
    inner = inner.removeprefix("{").removesuffix("}")
    at = 0
    while at < len(inner):
        found = _UTF_8_TOKEN.match(inner, at)
        end = found.end() if found else at
        if end < len(inner) and inner[end] != ",":
            raise _no_matcher(text)
        if end < len(inner) or inner[at:end].strip():
            yield inner[at:end]
        at = end + 1


def _utf_8(token: str) -> Matcher:
    found = _UTF_8.fullmatch(token)
    if found is None:
        raise _no_matcher(token)
    name, match, value = found.groups()
    label = _unquoted(name, token)
    if not label:
        raise _no_matcher(token)
    return Matcher(label, Match(match), _unquoted(value, token))


def _unquoted(text: str, token: str) -> str:
    """A quoted text with the escapes of Go undone; a bare one as it stands."""
    if not text.startswith('"'):
        return text

    def undone(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "xuU" and len(escape) > 1:
            return _character(int(escape[1:], 16), token)
        if len(escape) == 3:
            return _character(int(escape, 8), token)
        if escape not in _ESCAPED:
            raise _no_matcher(token)
        return _ESCAPED[escape]

    return _ESCAPE.sub(undone, text[1:-1])


def _character(code: int, token: str) -> str:
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise _no_matcher(token)
    return chr(code)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _no_matcher(token: str) -> NotAMatcher:
    return NotAMatcher(f'{token.strip()[:80]!r} is no label matcher; write it like severity="page" or team=~"db|web"')
