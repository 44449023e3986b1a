"""A remedy as text and back: what the journal keeps, what plan files hold, and what a digest is checked against."""

from __future__ import annotations

from driftbot.core.canonical import canonical
from driftbot.core.remedy import Remedy
from driftbot.core.restored import restored


def remedy_to_text(remedy: Remedy) -> str:
    """The whole remedy as canonical JSON."""
    return canonical(remedy)


def remedy_from_text(text: str) -> Remedy:
    """The remedy of ``remedy_to_text``; equal, and with the same digest.

    Raises:
        ValueError: it is no such text; with the place in it.
    """
    return restored(Remedy, text)
