"""Our own secrets, masked in whatever a server or a program repeats. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

MASK = "REDACTED"


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

    def masked(self, text: str, *, cut: bool = False) -> str:
        """The text without them; of one that was ``cut`` off also without the beginning of one at its end."""
        for secret in self.written:
            text = text.replace(secret, MASK)
        longest = max(map(len, self.written), default=0)
        for length in range(min(longest, len(text)) if cut else 0, 0, -1):
            if any(secret.startswith(text[-length:]) for secret in self.written):
                return text[:-length] + MASK
        return text
