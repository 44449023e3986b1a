"""``driftbot history``: a value's whole life with dates."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, opened
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
def command(subject: str, key: str | None, config: Path | None) -> None:
    """Tell what SUBJECT's values (or its KEY's) were, from when to when, as every night knew them."""
    from driftbot.report.timeline import timeline

    with opened(config) as (_, store):
        identity = _meant(subject, store)
        intervals = store.history(identity)
    if not intervals:
        raise Failure(
            f"no night knows {identity}", "`driftbot scan` lists what it sees; spell it kind:environment/name."
        )
    show(timeline(identity, _of_key(intervals, key) if key else intervals))


def _meant(text: str, store: Store) -> SubjectId:
    """The subject of that id, or the only one of that name."""
    from driftbot.core.subject import SubjectId

    known = store.subjects_last_seen()
    named = [subject for subject in known if text in (str(subject), subject.name)]
    if len(named) == 1:
        return named[0].id
    if named:
        raise Failure(f"{text!r} names {len(named)} subjects: {_listed(named)}", "Write one of them whole.")
    try:
        identity = SubjectId.parse(text)
    except ValueError:
        identity = None
    # Somebody who asks for a subject that is gone knows its id; it has a history without being seen.
    if identity and store.history(identity):
        return identity
    raise Failure(f"no night knows {text!r}", _hint(text, known))


def _hint(text: str, known: Iterable[Subject]) -> str:
    names = {name: subject for subject in known for name in (str(subject), subject.name)}
    near = {str(names[name]) for name in difflib.get_close_matches(text, names, n=5, cutoff=0.5)}
    return f"The nearest: {', '.join(sorted(near))}" if near else "Spell it kind:environment/name."


def _listed(subjects: Iterable[Subject]) -> str:
    return ", ".join(sorted(map(str, subjects))[:5])


def _of_key(intervals: tuple[Interval, ...], key: str) -> tuple[Interval, ...]:
    found = tuple(interval for interval in intervals if interval.fact.key == key)
    if found:
        return found
    keys = sorted({interval.fact.key for interval in intervals})
    near = difflib.get_close_matches(key, keys, n=3, cutoff=0.4) or keys[:8]
    raise Failure(f"{intervals[0].fact.subject} never had a value for {key!r}", f"It has: {', '.join(near)}")
