"""Answers to requests, with our own secrets masked: nothing of them may reach a journal or a terminal. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from driftbot.core.harmless import harmless

MASK = "REDACTED"
SHOWN = 200
"""Characters of an answer that a sentence shows."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be shown, in all the ways in which a server may repeat it."""

    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[str]) -> Secrets:
        """The secrets as they are, encoded for URLs, inside JSON and in base64; the longest first."""
        forms = {
            form
            for secret in secrets
            if secret
            for form in (
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                b64encode(secret.encode()).decode(),
            )
        }
        return cls(tuple(sorted(forms, key=lambda one: (-len(one), one))))

    def masked(self, text: str) -> str:
        """The text without them."""
        for secret in self.written:
            text = text.replace(secret, MASK)
        return text


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status, as much of the content as was read (``cut`` where there was more), and where a redirect leads."""

    status: int
    content: bytes
    cut: bool = False
    location: str = ""
    secrets: Secrets = Secrets()

    def safe(self, text: str) -> str:
        """A text made of the answer, harmless and without secrets."""
        return harmless(self.secrets.masked(text), 2 * SHOWN)

    @property
    def told(self) -> str:
        """Status and beginning in a phrase, harmless and without secrets."""
        # Masked before it is cut: half a secret is not recognised.
        text = " ".join(self.secrets.masked(self.content.decode("utf-8", "replace")).split())
        shown = harmless(text, SHOWN) if text else "nothing"
        leads = f", which leads to {self.safe(self.location)}" if self.location else ""
        return f"{self.status}{leads}: {shown}" + (" (cut off)" if self.cut else "")
