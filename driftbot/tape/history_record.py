"""The past of files in a bundle: ``landings.jsonl`` with a commit a line, and the contents by their ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from driftbot.core.commit import Commit, FileChange, FileHistory, Landing
from driftbot.tape.bundle import BundleError, leaves
from driftbot.tape.redaction import redact, redact_text

LANDINGS, CONTENTS = "landings.jsonl", "contents"
_ID = re.compile(r"[0-9a-f]{40,64}")


def write_history(folder: Path, told: FileHistory) -> None:
    """Keep the past without secrets, also one that is empty."""
    contents = folder / CONTENTS
    contents.mkdir(parents=True, exist_ok=True)
    for name, content in told.contents.items():
        (contents / name).write_bytes(redact(content))
    lines: list[dict[str, Any]] = [{"since": told.since.isoformat()}] if told.since else []
    lines += [{"note": redact_text(note)} for note in told.notes]
    lines += [_document(landing) for landing in told.landings]
    text = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    (folder / LANDINGS).write_text(text, "utf-8")


def _document(landing: Landing) -> dict[str, Any]:
    commit = landing.commit
    said = {} if commit is None else {
        "commit": commit.id, "author": redact_text(commit.author), "at": commit.at.isoformat(),
        "subject": redact_text(commit.subject),
    }  # fmt: skip
    return {**said, "changes": [[change.locator, change.before, change.after] for change in landing.changes]}


def read_record(
    folder: Path, inside: Callable[[Path], Path], wanted: Callable[[str], bool], since: datetime
) -> FileHistory:
    """Read what ``write_history`` wrote, as far as it is asked for.

    Raises:
        BundleError: it cannot be read, or a symbolic link leads out of the bundle (``inside`` says so).
    """
    path = inside(folder / LANDINGS)
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        landings = [_landing(line) for line in lines if "changes" in line]
        whole = [max(since, datetime.fromisoformat(line["since"])) for line in lines if "since" in line]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path} cannot be read: {error}", "Record again with `driftbot record`.") from None
    landings = list(_asked_for(landings, wanted, since))
    names = {name for one in landings for change in one.changes for name in (change.before, change.after)}
    found = {name: inside(folder / CONTENTS / name) for name in sorted(names) if _ID.fullmatch(name)}
    contents = {name: file.read_bytes() for name, file in found.items() if file.is_file()}
    notes = tuple(str(line["note"]) for line in lines if "note" in line)
    return FileHistory(whole[0] if whole else None, tuple(landings), contents, notes)


def _landing(line: dict[str, Any]) -> Landing:
    changes = tuple(FileChange(*map(str, change)) for change in line["changes"] if not leaves(str(change[0])))
    if "commit" not in line:
        return Landing(None, changes)
    at = datetime.fromisoformat(line["at"])
    return Landing(Commit(str(line["commit"]), str(line["author"]), at, str(line["subject"])), changes)


def _asked_for(landings: list[Landing], wanted: Callable[[str], bool], since: datetime) -> Iterator[Landing]:
    for landing in landings:
        changes = tuple(change for change in landing.changes if wanted(change.locator))
        if changes and (landing.commit is None or landing.commit.at >= since):
            yield Landing(landing.commit, changes)
