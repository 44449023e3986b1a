"""Secrets do not leave the house: what a recording masks, byte for byte, so that lines and offsets stay.

Masked are

- passwords in URLs, the values of their parameters that are named like a secret, and keys in place of a user's name;
- tokens after ``Bearer`` and ``Basic``, private keys in PEM, and tokens that show what they are (GitHub's, GitLab's,
  Slack's and its webhooks, JSON Web Tokens, …);
- values of names that end in a word for a secret (``DB_PASSWORD=…``, ``"api-key": "…"``, ``clientSecret: …``), over
  several lines as well, the ``value`` of a ``name``/``value`` pair of such a name, and what follows ``--password``;
- every value below ``data`` and ``stringData`` of a Kubernetes Secret, as YAML or JSON;
- keys of integrations and URLs of webhooks in a configuration of Alertmanager.

References are kept: ``${VARIABLE}``, ``{env: NAME}``, ``{{ template }}``, ``<placeholder>``, ``*alias``, true, false,
null, and names such as ``secretName`` or ``passwordFile`` that end in something else. The mask is as long as what it
hides, so that a replay finds every other value at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.tape.alertmanager_secret import alertmanager_secrets
from driftbot.tape.kubernetes_secret import kubernetes_secrets
from driftbot.tape.secret_setting import secret_settings
from driftbot.tape.secret_text import Span, secret_texts

_MARK = b"REDACTED"
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def redact(content: bytes) -> bytes:
    """The content with secrets masked; same length, same lines."""
    encoding = _UTF_16.get(content[:2])
    if encoding and len(content) % 2 == 0:
        return _redacted_text(content, encoding)
    masked = bytearray(content)
    for start, end in _secrets(content):
        masked[start:end] = _mask(bytes(masked[start:end]))
    return bytes(masked)


def redact_text(text: str) -> str:
    """The same for text: a URL, a sentence."""
    return redact(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _redacted_text(content: bytes, encoding: str) -> bytes:
    """A file in UTF-16: its units are looked at as single bytes, in which everything beyond ASCII is a letter."""
    high, low = (1, 0) if encoding.endswith("le") else (0, 1)
    units = bytes(
        unit if not page and unit < 128 else ord("x")
        for page, unit in zip(content[high::2], content[low::2], strict=True)
    )
    masked = redact(units)
    changed = bytearray(content)
    for index, (before, after) in enumerate(zip(units, masked, strict=True)):
        if before != after:
            changed[2 * index + low], changed[2 * index + high] = after, 0
    return bytes(changed)


def _mask(secret: bytes) -> bytes:
    """The mark, filled up; line ends and indentation stay, and a number stays a number."""
    if re.fullmatch(rb"-?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?", secret):
        return re.sub(rb"[0-9]", b"9", secret)
    lines = re.split(rb"(\s*[\r\n]\s*)", secret)
    return b"".join(part if part.isspace() else (_MARK + b"x" * len(part))[: len(part)] for part in lines)


def _secrets(content: bytes) -> Iterator[Span]:
    yield from secret_texts(content)
    yield from secret_settings(content)
    if b"Secret" in content:
        yield from kubernetes_secrets(content)
    if b"_configs" in content:
        yield from alertmanager_secrets(content)
