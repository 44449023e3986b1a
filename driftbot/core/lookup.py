"""Which subject or finding a person means: by identity, by the name people know, by fingerprint, by rule and subject.

An alert keeps the identity it was first seen under when it is renamed; people know it by what it is called today.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife
from driftbot.core.sighting import ALERT, CONDITION
from driftbot.core.subject import Subject

LISTED = 5
"""Candidates that an error names."""


class AmbiguousSubject(Failure):
    """More than one subject answers to these words."""


class NoSuchFinding(Failure):
    """Nothing known answers to these words."""


class AmbiguousFinding(Failure):
    """More than one finding answers to these words."""


def called(subject: Subject) -> str:
    """What people call an alert today, and ``<alert>/<n>`` for its n-th condition; any other subject's own name."""
    name = subject.label("alertname")
    if not name or subject.kind not in (ALERT, CONDITION):
        return subject.name
    return name if subject.kind == ALERT else f"{name}/{subject.name.rpartition('/')[2]}"


def kept_under(words: Sequence[str], subject: Subject) -> str:
    """A sentence where somebody named the subject otherwise than driftbot keeps it; empty where not."""
    alert = subject.label("alertname")
    names = {called(subject), _current(subject), *([alert] if alert and subject.kind == CONDITION else [])}
    other = names - {subject.name, str(subject)}
    return next((f"{word} is kept under {subject}" for word in words if word in other), "")


def find_subject(known: Iterable[Subject], text: str) -> Subject | None:
    """The one subject that is meant by ``kind:environment/name``, or by the name alone; None where there is none.

    A whole identity means that subject; all else may be a name of today as well.

    Raises:
        AmbiguousSubject: several answer; some are listed.
    """
    subjects = list(known)
    for subject in subjects:
        if text == str(subject):
            return subject
    found = [subject for subject in subjects if text in (subject.name, called(subject), _current(subject))]
    if len(found) <= 1:
        return found[0] if found else None
    listed = ", ".join(sorted(f"{subject}{_today(subject)}" for subject in found)[:LISTED])
    more = f" and {len(found) - LISTED:,} more" if len(found) > LISTED else ""
    raise AmbiguousSubject(f"{text!r} names {len(found):,} subjects: {listed}{more}", "Write one of them whole.")


def _current(subject: Subject) -> str:
    return f"{subject.kind}:{subject.environment}/{called(subject)}"


def _today(subject: Subject) -> str:
    return "" if called(subject) == subject.name else f" (called {called(subject)} today)"


def find(lives: Iterable[FindingLife], words: Sequence[str]) -> FindingLife:
    """The one finding that every word speaks of: a fingerprint or its start, a rule, or a subject.

    A subject is ``kind:environment/name`` or its name alone; an alert and its conditions answer to its name of today.

    Raises:
        AmbiguousFinding: several findings answer; some are listed.
        NoSuchFinding: none does; the nearest are named.
    """
    known = sorted(lives, key=lambda life: (life.finding.rule, str(life.finding.subject)))
    wanted = " ".join(words)
    if not words or not all(words):
        raise NoSuchFinding("no finding was named", "Give a finding's id as scan prints it, or a rule and a subject.")
    found = [life for life in known if all(_speaks_of(word, life) for word in words)]
    # What is asked for by its whole identity is not what is called so today.
    found = [life for life in found if str(life.finding.subject) in words] or found
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
    named = named or bool(kept_under([word], finding.subject))
    return named or (len(word) >= 2 and finding.fingerprint.startswith(word.lower()))


def _nearest(lives: Sequence[FindingLife], words: Sequence[str]) -> Sequence[FindingLife]:
    by_name: dict[str, list[FindingLife]] = {}
    for life in lives:
        finding = life.finding
        for name in (
            finding.fingerprint,
            finding.rule,
            str(finding.subject),
            finding.subject.name,
            called(finding.subject),
        ):
            by_name.setdefault(name, []).append(life)
    names = [name for word in words for name in difflib.get_close_matches(word, by_name, n=3, cutoff=0.5)]
    return list({life.finding.fingerprint: life for name in names for life in by_name[name]}.values())[:3]


def _told(life: FindingLife) -> str:
    finding = life.finding
    return f"{finding.fingerprint}  {finding.rule}  {finding.subject}{_today(finding.subject)}"
