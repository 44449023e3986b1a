"""``driftbot rules new``: the file of a new rule, from a few answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.core.failure import Failure
from driftbot.core.key import Key, Vocabulary
from driftbot.core.rule import Lesson, Severity
from driftbot.lessons.scaffold import TODO, Draft, first_key, rule_id, written

if TYPE_CHECKING:
    from driftbot.collectors.alert_files import AlertFileOptions
    from driftbot.config import Config

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
    from driftbot.cli.rules_shelf import known_words, settings_of

    if settings := settings_of(config):
        _refuse_alerts(into, settings)
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


def _refuse_alerts(into: Path, settings: Config) -> None:
    """Raise where alerts are: once such a folder is among ``rules.paths``, each of its files is read as a lesson."""
    from driftbot.collectors.alert_files import AlertFileOptions

    for source in settings.sources:
        if isinstance(source.options, AlertFileOptions) and _holds_alerts(into, settings.root, source.options):
            raise Failure(
                f"{into} holds alert rules: the source {source.name!r} reads them in {source.options.path}",
                "Give lessons a folder of their own: name another with --into, and in driftbot.yaml under rules.paths.",
            )


def _holds_alerts(into: Path, root: Path, options: AlertFileOptions) -> bool:
    """Whether alerts are read from all of a folder, or a folder below the one read has some already."""
    from driftbot.collectors.written_alert import read_rules
    from driftbot.tape.folder import read_folder

    folder, alerts = into.resolve(), (root / options.path).resolve()
    if alerts.is_relative_to(folder):
        return True
    if not folder.is_relative_to(alerts) or not folder.is_dir():
        return False
    bodies = read_folder(folder, options.include, options.exclude)
    return any(read_rules(body, "alerts").groups for body in bodies if not body.problem)


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
