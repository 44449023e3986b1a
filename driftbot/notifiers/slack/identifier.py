"""Identifiers of Slack in ``driftbot.yaml``: refused in words, where pydantic would only show a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable


def matching(pattern: str, advice: str) -> Callable[[str], str]:
    """A check that a text is of that pattern; ``advice`` tells somebody who wrote another what to write."""
    form = re.compile(pattern)

    def checked(text: str) -> str:
        if form.search(text) is None or text.endswith("\n"):
            raise ValueError(advice)
        return text

    return checked
