"""Spans: what is held of a measured key, so that a night fetches only what is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """What is held of a series key: its samples from ``since`` to ``until`` (Unix seconds), ``step`` seconds apart.

    What a server no longer had is held as well: ``since`` is from when it was asked. ``signals`` is the digest of the
    signals that measured it, empty where nobody noted it (stores of version 1, whose ``step`` is 0).
    """

    since: float
    until: float
    step: float
    signals: str = ""

    @classmethod
    def nothing(cls, at: float, step: float, signals: str) -> Span:
        """A span that holds nothing yet."""
        return cls(at, at, step, signals)

    def replaces(self, held: Span | None) -> bool:
        """Whether samples held until now were measured by other signals, so that they are not of the same series."""
        return held is not None and bool(held.signals) and held.signals != self.signals


@dataclass(frozen=True, slots=True, order=True)
class Measured:
    """What is held of a series key of a source after a night; the next one goes on from there."""

    environment: str
    kind: str
    key: str
    source: str
    span: Span

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What the span is about: environment, kind, key, source."""
        return self.environment, self.kind, self.key, self.source
