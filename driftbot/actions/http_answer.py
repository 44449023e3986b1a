"""Answers to requests, with our own secrets masked: nothing of them may reach a journal or a terminal. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftbot.actions.secrets_masked import Secrets
from driftbot.core.harmless import harmless

SHOWN = 200
"""Characters of an answer that a sentence shows."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status, as much of the content as was read (``cut`` where there was more), and where a redirect leads."""

    status: int
    content: bytes
    cut: bool = False
    location: str = ""
    secrets: Secrets = field(default_factory=Secrets)

    def safe(self, text: str) -> str:
        """A text made of the answer, harmless and without secrets."""
        return harmless(self.secrets.masked(text), 2 * SHOWN)

    @property
    def told(self) -> str:
        """Status and beginning in a phrase, harmless and without secrets."""
        # Masked before it is cut: half a secret is not recognised.
        text = " ".join(self.secrets.masked(self.content.decode("utf-8", "replace"), cut=self.cut).split())
        shown = harmless(text, SHOWN) if text else "nothing"
        leads = f", which leads to {self.safe(self.location)}" if self.location else ""
        return f"{self.status}{leads}: {shown}" + (" (cut off)" if self.cut else "")
