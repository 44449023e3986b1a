"""Which finding a person means: by the start of its fingerprint, by rule and subject, or by either alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife

LISTED = 5
"""Candidates that an error names."""


class NoSuchFinding(Failure):
    """Nothing known answers to these words."""


class AmbiguousFinding(Failure):
    """More than one finding answers to these words."""


def find(lives: Iterable[FindingLife], words: Sequence[str]) -> FindingLife:
    """The one finding that every word speaks of: a fingerprint or its start, a rule, or a subject.

    A subject is ``kind:environment/name`` or its name alone.

    Raises:
        AmbiguousFinding: several findings answer; some are listed.
        NoSuchFinding: none does; the nearest are named.
    """
    known = sorted(lives, key=lambda life: (life.finding.rule, str(life.finding.subject)))
    wanted = " ".join(words)
    if not words or not all(words):
        raise NoSuchFinding("no finding was named", "Give a finding's id as scan prints it, or a rule and a subject.")
    found = [life for life in known if all(_speaks_of(word, life) for word in words)]
    if len(found) == 1:
        return found[0]
    if found:
        more = f"\n  … and {len(found) - LISTED:,} more" if len(found) > LISTED else ""
        listed = "".join(f"\n  {_told(life)}" for life in found[:LISTED])
        raise AmbiguousFinding(f"{len(found):,} findings answer to {wanted!r}:{listed}{more}", "Name one by its id.")
    near = _nearest(known, words)
    hint = "The nearest:" + "".join(f"\n  {_told(life)}" for life in near) if near else ""
    raise NoSuchFinding(
        f"no finding answers to {wanted!r}", hint or "Run `driftbot scan` first; it lists what there is."
    )


def _speaks_of(word: str, life: FindingLife) -> bool:
    finding = life.finding
    named = word in (finding.rule, str(finding.subject), finding.subject.name)
    return named or (len(word) >= 2 and finding.fingerprint.startswith(word.lower()))


def _nearest(lives: Sequence[FindingLife], words: Sequence[str]) -> Sequence[FindingLife]:
    by_name: dict[str, list[FindingLife]] = {}
    for life in lives:
        finding = life.finding
        for name in (finding.fingerprint, finding.rule, str(finding.subject), finding.subject.name):
            by_name.setdefault(name, []).append(life)
    names = [name for word in words for name in difflib.get_close_matches(word, by_name, n=3, cutoff=0.5)]
    return list({life.finding.fingerprint: life for name in names for life in by_name[name]}.values())[:3]


def _told(life: FindingLife) -> str:
    return f"{life.finding.fingerprint}  {life.finding.rule}  {life.finding.subject}"
