"""``driftbot history``: a value's whole life with dates."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, opened, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbot.core.history import Interval
    from driftbot.core.subject import Subject, SubjectId
    from driftbot.store.store import Store


@click.command(
    epilog="Examples: `driftbot history workload:production/shop/cart`, `driftbot history shop/cart timeout.request`."
)
@click.argument("subject")
@click.argument("key", required=False)
@config_option
@store_option
def command(subject: str, key: str | None, config: Path | None, url: str | None) -> None:
    """Tell what SUBJECT's values (or its KEY's) were, from when to when, as every night knew them.

    An alert answers to its name of today and to the one it was first seen under, which it is kept under.
    """
    from driftbot.report.timeline import timeline

    with opened(config, url) as (_, store):
        identity, kept = _meant(subject, store)
        intervals = store.history(identity)
    if not intervals:
        raise Failure(
            f"no night knows {identity}", "`driftbot scan` lists what it sees; spell it kind:environment/name."
        )
    if kept:
        click.echo(f"{kept}\n")
    show(timeline(identity, _of_key(intervals, key) if key else intervals))


def _meant(text: str, store: Store) -> tuple[SubjectId, str]:
    """The subject of that id, or the only one of that name, and where it is kept under another name than asked for."""
    from driftbot.core.lookup import find_subject, kept_under
    from driftbot.core.subject import SubjectId

    known = store.subjects_last_seen()
    try:
        identity = SubjectId.parse(text)
    except ValueError:
        identity = None
    # Somebody who asks for a subject that is gone knows its id; it has a history without being seen.
    if identity and store.history(identity):
        return identity, ""
    if found := find_subject(known, text):
        return found.id, kept_under([text], found)
    raise Failure(f"no night knows {text!r}", _hint(text, known))


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
