"""Severities: which of two words in the label ``severity`` is the louder one."""

from __future__ import annotations

import re

_RANKS = (
    ("info", "information", "informational", "notice", "low"),
    ("warning", "warn", "minor", "medium", "moderate"),
    ("error", "major", "high"),
    ("critical", "crit", "severe"),
    ("page", "pager", "paging", "emergency", "disaster", "fatal", "blocker"),
)
"""From quiet to loud, as rule files in public use them (ours)."""

_NUMBERED = re.compile(r"(?:p|s|sev|prio|priority|severity)[-_ ]?([1-5])")
_RANK_OF = {word: rank for rank, words in enumerate(_RANKS, start=1) for word in words}


def loudness(severity: str) -> int | None:
    """A rank from 1 (info) to 5 (page), None for words outside the scale (``task``, ``none``, a team's own).

    ``P1`` … ``P5`` and ``sev1`` … count down: 1 is the loudest.
    """
    word = severity.strip().lower()
    numbered = _NUMBERED.fullmatch(word)
    return 6 - int(numbered[1]) if numbered else _RANK_OF.get(word)
