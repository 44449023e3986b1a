"""``driftbot rules new``: the file of a new rule, from a few answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click

from driftbot.core.failure import Failure
from driftbot.core.key import Key, Vocabulary
from driftbot.core.rule import Lesson, Severity
from driftbot.lessons.scaffold import TODO, Draft, first_key, rule_id, written

_A_YEAR = 365


def started(
    title: str,
    kind: str | None,
    key: str | None,
    incident: str | None,
    day: datetime | None,
    url: str,
    summary: str,
    why: str | None,
    severity: str,
    owner: str,
    into: Path,
    config: Path | None,
) -> Iterator[str]:
    """Write the file and say what comes next.

    Raises:
        Failure: an answer cannot be used, or the file exists or cannot be written.
    """
    from driftbot.cli.rules_shelf import known_words

    words = known_words(config)
    kind = kind or click.prompt("What is judged", type=click.Choice(words.kinds), default="workload")
    if incident and day is None:
        raise Failure("an incident has a day", "Add --date YYYY-MM-DD, or leave --incident out for a reference.")
    if not rule_id(title):
        raise Failure(f"no id can be made from the title {title!r}", "Say what is healthy, in a few English words.")
    lesson = Lesson(url, summary, incident or "", day.date() if day and incident else None)
    today = datetime.now(UTC).date()
    draft = Draft(
        title=title,
        lesson=lesson,
        key=_key(words, kind, key),
        why=why or f"{TODO}: why this hurts when it is forgotten.",
        severity=Severity(severity),
        owner=owner,
        review_by=date.fromordinal(today.toordinal() + _A_YEAR),
    )
    path = into / f"{draft.id}.yaml"
    _write(path, written(draft))
    yield f"wrote {path}"
    yield f"  now: say what is healthy in `expect`, and replace each {TODO}"
    yield f"  then: driftbot rules lint {path} && driftbot rules test {path}"


def _key(words: Vocabulary, kind: str, name: str | None) -> Key:
    if kind not in words.kinds:
        raise Failure(f"nobody knows a {kind!r}", f"There are: {', '.join(words.kinds)}.")
    found = words.find(kind, name) if name else first_key(words, kind)
    if found is None:
        near = words.nearest(kind, name) if name else ()
        names = near or tuple(key.name for key in words.of_kind(kind))
        raise Failure(f"nobody provides {name!r} for a {kind}", f"There are: {', '.join(names)}.")
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Failure(f"{path} exists already", "Choose another title, or go on with that rule.") from error
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}", "Name another folder with --into.") from error
