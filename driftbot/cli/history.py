"""``driftbot history``: a value's whole life with dates."""

from __future__ import annotations

import difflib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import as_of_option, config_option, night_asked_for, opened, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftbot.core.history import FindingLife, Interval
    from driftbot.core.marker import Marker
    from driftbot.core.subject import Subject, SubjectId
    from driftbot.store.store import Store


@click.command(
    epilog="Examples: `driftbot history workload:production/shop/cart`, `driftbot history shop/cart replicas`, "
    "`driftbot history shop/cart --as-of 2026-03-11`."
)
@click.argument("subject")
@click.argument("key", required=False)
@config_option
@store_option
@as_of_option
def command(subject: str, key: str | None, config: Path | None, url: str | None, as_of: str | None) -> None:
    """Tell what SUBJECT's values (or its KEY's) were, from when to when, as every night knew them.

    A name will do where only one subject has it, or only one that has the KEY. An alert answers to its name of today
    and to the one it was first seen under, which it is kept under. What is gone answers where nothing of that name is.
    Releases of it, and of what belongs to it, follow its values, then what was found of it. What only measured series
    know has no values here, but those.
    """
    from driftbot.report.timeline import timeline

    with opened(config, url) as (_, store):
        night = night_asked_for(store, as_of)
        lives = store.latest_lives(night)
        identity, kept = _meant(subject, key, store, night, [life.finding.subject for life in lives])
        intervals = store.history(identity, as_of=night)
        markers = () if key else _released(store, identity, night)
        findings = () if key else _found(lives, identity)
    if not (intervals or markers or findings):
        if key:
            raise Failure(
                f"{identity} never had a value for {key!r}", "Without the key its releases and findings are told."
            )
        raise Failure(
            f"no night has a value, a release or a finding of {identity}",
            "`driftbot scan` lists what it sees; what is only measured has no values here.",
        )
    if kept:
        click.echo(f"{kept}\n")
    show(timeline(identity, _of_key(intervals, key) if key else intervals, markers, findings))


def _released(store: Store, identity: SubjectId, night: datetime | None) -> tuple[Marker, ...]:
    """What was released by that night about the subject, or about what belongs to it."""
    from driftbot.core.marker_book import MarkerBook
    from driftbot.core.subject import Subject

    markers = store.markers(as_of=night)
    if not markers:
        return ()
    known = store.subjects_last_seen(night)
    subject = Subject(identity.kind, identity.environment, identity.name)
    return MarkerBook(markers, (*known, subject)).of(subject)


def _found(lives: Iterable[FindingLife], identity: SubjectId) -> tuple[FindingLife, ...]:
    """What was found of the subject, resolved findings as well, the oldest first."""
    about = (life for life in lives if life.finding.subject.id == identity)
    return tuple(sorted(about, key=lambda life: (life.first_seen, life.finding.rule)))


def _meant(
    text: str, key: str | None, store: Store, night: datetime | None, judged: Sequence[Subject]
) -> tuple[SubjectId, str]:
    """The subject of that id, or the only one of that name (and with that key), and where it is kept under another.

    ``judged`` are those of findings: what only series know is not among what a night has seen.
    """
    from driftbot.core.lookup import AmbiguousSubject, find_subject, kept_under
    from driftbot.core.subject import SubjectId, distinct

    known = store.subjects_last_seen(night)
    try:
        identity = SubjectId.parse(text)
    except ValueError:
        identity = None
    # Somebody who asks for a subject that is gone knows its id; it has a history without being seen.
    if identity and (
        any(subject.id == identity for subject in judged)
        or store.history(identity, as_of=night)
        or _is_marked(store, identity, night)
        or _is_measured(store, identity, night)
    ):
        return identity, ""
    try:
        found = find_subject(known, text)
    except AmbiguousSubject:
        having = {fact.subject.id for fact in store.facts(night) if fact.key == key}
        if not having:
            raise
        found = find_subject([subject for subject in known if subject.id in having], text)
        if found is None:
            raise
    gone = () if found else store.subjects_gone(night)
    found = found or find_subject(gone, text) or find_subject(distinct(judged), text)
    if found:
        return found.id, kept_under([text], found)
    raise Failure(f"no night knows {text!r}", _hint(text, (*gone, *known, *judged)))


def _is_marked(store: Store, identity: SubjectId, night: datetime | None) -> bool:
    """Whether a release of it is known, though nothing else may be."""
    return any(marker.subject.id == identity for marker in store.markers(as_of=night))


def _is_measured(store: Store, identity: SubjectId, night: datetime | None) -> bool:
    """Whether samples of it are kept from before that night's end."""
    end = night.timestamp() if night else None
    return next(store.series(kind=identity.kind, subject=identity, end=end), None) is not None


def _hint(text: str, known: Iterable[Subject]) -> str:
    from driftbot.core.lookup import called

    names = {name: subject for subject in known for name in (str(subject), subject.name, called(subject))}
    near = {str(names[name]) for name in difflib.get_close_matches(text, names, n=5, cutoff=0.5)}
    return f"The nearest: {', '.join(sorted(near))}" if near else "Spell it kind:environment/name."


def _of_key(intervals: tuple[Interval, ...], key: str) -> tuple[Interval, ...]:
    found = tuple(interval for interval in intervals if interval.fact.key == key)
    if found:
        return found
    keys = sorted({interval.fact.key for interval in intervals})
    near = difflib.get_close_matches(key, keys, n=3, cutoff=0.4) or keys[:8]
    raise Failure(f"{intervals[0].fact.subject} never had a value for {key!r}", f"It has: {', '.join(near)}")
