"""Severities: which of two words in the label ``severity`` is the louder one."""

from __future__ import annotations

import re

LEVELS = (
    ("critical", "crit", "page", "pager", "paging", "emergency", "fatal", "disaster", "blocker", "severe"),
    ("error", "high", "major", "urgent"),
    ("warning", "warn", "ticket", "task", "medium", "moderate"),
    ("minor", "low"),
    ("info", "information", "informational", "notice", "debug", "none"),
)
"""Usual severities, the loudest first, as rule files in public use them (ours); a level's names are equally loud."""

_NUMBERED = re.compile(r"(?:p|s|sev|prio|priority|severity)[-_ ]?([1-5])")
_LOUDNESS = {word: len(LEVELS) - level for level, words in enumerate(LEVELS) for word in words}


def loudness(severity: str) -> int | None:
    """From 1 (info) to 5 (critical, page); None for words outside the scale (a number, a team's own).

    ``P1`` … ``P5`` and ``sev1`` … count down: 1 is the loudest.
    """
    word = severity.strip().lower()
    numbered = _NUMBERED.fullmatch(word)
    return 6 - int(numbered[1]) if numbered else _LOUDNESS.get(word)
