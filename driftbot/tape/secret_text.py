"""Secrets that show by their own form or by the word before them: in URLs, headers, arguments and well-known tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_KEYS = rb"(?:api|access|account|auth|encryption|master|private|secret|session|shared|signing|ssh)[-_.]?keys?"
_WORDS = (
    rb"passwords?|passwd|passphrases?|pwd|secret|token|credentials?|authorization|cookie|signature|"
    + _KEYS
    + rb"|(?<![A-Za-z0-9])pass|(?-i:(?<=[a-z0-9])Pass)"
)
SECRET_NAME = rb"[A-Za-z0-9_.\-]*(?:" + _WORDS + rb")"
"""A name that ends in a word for a secret; to be compiled with ``re.IGNORECASE``."""

_REFERENCE = re.compile(
    rb"\{\{|<[^<>\n]*>$|\*[A-Za-z0-9_\-]+$|(?:\$\{[^{}\n]*\}[:/@.\-]?)+$|\$\(|(?:true|false|null|none|~)?$",
    re.IGNORECASE,
)

_PATTERNS = (
    re.compile(rb"\b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@\"']*:(?P<secret>[^\s/@\"']+)(?=@)", re.IGNORECASE),
    # A password that holds "/" or "@" itself; what begins like a port is none.
    re.compile(
        rb"\b[a-z][a-z0-9+.\-]{0,30}://[^\s/:@\"']*:(?!\d{1,5}(?:[/?#,\\]|$))"
        rb"(?P<secret>[^\s\"'<>,\\\[\]{}]{1,500})(?=@[^\s@\"'])",
        re.IGNORECASE,
    ),
    re.compile(rb"\bhttps?://(?P<secret>[a-z0-9_\-]{20,})(?=@)", re.IGNORECASE),
    re.compile(rb"[?&]" + SECRET_NAME + rb"=(?P<secret>[^&\s\"'#]+)", re.IGNORECASE),
    re.compile(rb"\b(?:bearer|basic)\s{1,9}(?P<secret>[A-Za-z0-9+/=._~\-]{8,})", re.IGNORECASE),
    re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*?)(?=-----END [A-Z ]*PRIVATE KEY-----)", re.DOTALL),
    re.compile(
        rb"\b(?P<secret>(?:gh[a-z]_|github_pat_|glpat-|dckr_pat_|npm_|xox[a-z]-|hvs\.|AIza)[A-Za-z0-9_\-]{16,})"
    ),
    re.compile(rb"\b(?P<secret>eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*)"),
    re.compile(rb"\bhooks\.slack\.com/[a-z]+/(?P<secret>[A-Za-z0-9/_\-]+)"),
    re.compile(rb"\b(?:discord|discordapp)\.com/api/webhooks/(?P<secret>[A-Za-z0-9/_\-]+)"),
    re.compile(
        rb"(?<![A-Za-z0-9_\-])--" + SECRET_NAME + rb"(?:[\"']?[ \t]{0,9},[ \t]{0,9}(?:\r?\n[ \t]{0,200})?[\"']?"
        rb"|[\"']?[ \t]{0,9}\r?\n[ \t]{0,200}-[ \t]{1,9}[\"']?|[ \t]{1,9}[\"']?)"
        rb"(?P<secret>[^\s\"',;\]\\\-][^\s\"',;\]\\]*)",
        re.IGNORECASE,
    ),
    re.compile(
        rb"(?<![A-Za-z0-9_\-])(?:-u|--user)[ =][\"']?[^\s:\"'\\,]+:(?!\d+(?:[\s\"',]|$))(?P<secret>[^\s\"'\\]+)"
    ),
    re.compile(
        rb"(?P<quote>[\"']?)\bvalue(?P=quote)[ \t]{0,9}:[ \t]{0,9}[\"']?"
        rb"(?P<secret>[^\s\"',\\{\[|>][^\"',\r\n\\]{0,4000})[\"']?[ \t]{0,9}"
        rb"(?:,\s{0,200}|\r?\n[ \t]{1,200})[\"']?name[\"']?[ \t]*:[ \t]*[\"']?"
        + SECRET_NAME
        + rb"[\"']?[ \t]{0,9}(?:[,}\r\n]|$)",
        re.IGNORECASE,
    ),
)


def secret_texts(content: bytes) -> Iterator[Span]:
    """Where such secrets stand."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(content):
            if not is_reference(found["secret"]):
                yield found.span("secret")


def is_reference(value: bytes) -> bool:
    """Whether a value only names the place of a secret, or is none at all."""
    return _REFERENCE.match(value) is not None
