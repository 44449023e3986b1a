"""``edit_file``: change settings in a file of the working tree, byte for byte, and nothing else.

Look
    Reads the files that the subject's facts name (or that are to be made), below the allowed folders.
Propose
    One file a step. The step's precondition is the SHA-256 of the file as it was read, its intent every replaced byte,
    the address of each value, and the SHA-256 of the file afterwards.
Sight
    ``BEFORE`` and ``AFTER`` by the digests; where something else in the file has changed, by re-reading each value at
    its address. Whatever is neither beyond doubt is ``OTHER``.
Perform
    Writes the new content beside the file, flushes it, and gives it the file's name in one step; owner, mode, line
    ends, byte order mark, encoding and final newline stay. Refused are hard links, read-only files and folders, links
    that lead out of the allowed folders, git's own files and driftbot's configuration.
Undo
    Puts the bytes before back where the bytes after still stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.declaration import setting_file
from driftbot.actions.edit_settings import EditSettings
from driftbot.actions.file_intent import FileIntent, digest
from driftbot.actions.file_replacement import Place, content_of, placed, remove_file, remove_leftover, replace_file
from driftbot.actions.setting_changes import changes_of, files_needed
from driftbot.actions.strict import Strict
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refusal, Refused
from driftbot.edits.setting_file import SettingFile

NAME = "edit_file"
_ALLOWED = "edit_file.allowed"

Content = TypeVar("Content", bytes, bytes | None)


class _Done(Strict):
    """What performing did: digests of the file's content before and after it; equal where nothing was to be done."""

    path: str
    before: str
    after: str


class EditFile:
    """The action; it keeps nothing."""

    name = NAME
    settings = EditSettings
    irreversible = ""

    def look(self, settings: EditSettings, occasion: Occasion, tools: Tools) -> Mapping[str, SettingFile | None]:
        """The files that the settings are about, by path; None where there is none.

        Raises:
            Refused: one cannot be read, or may not be changed.
        """
        paths = files_needed(settings, occasion)
        for path in paths:
            _refuse_elsewhere(path, tools)
        return {path: read_file(path, occasion.finding.subject.kind, tools) for path in paths}

    def propose(self, settings: EditSettings, occasion: Occasion, seen: Mapping[str, SettingFile | None]) -> Step:
        """The step that makes all changes of one file.

        Raises:
            Refused: one of them cannot be made and proved, or they are of several files.
        """
        changes = changes_of(settings, occasion, seen)
        if len(changes) != 1:
            files = ", ".join(one.intent.path for one in changes)
            raise Refused(f"one step edits one file, and these are several: {files}", Refusal.SEVERAL)
        (change,) = changes
        return Step(
            action=NAME,
            target=f"file:{change.intent.path}",
            precondition=canonical({"path": change.intent.path, "sha256": change.intent.before}),
            intent=canonical(change.intent.model_dump(mode="json")),
            because=occasion.covered.message,
            preview=change.diff,
            changes=change.values,
        )

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:  # noqa: ARG002 - the file itself tells all
        """How the file stands to the step; what a crash left beside it is removed."""
        try:
            intent = intent_of(step)
            place = _place(intent.path, tools)
            remove_leftover(place)
            standing = intent.standing(content_of(place))
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, failure.reason)
        return Sight(standing, f"{intent.path} {_TOLD[standing]}")

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - content is its own key
        """Change the file.

        Raises:
            ActionFailed: it is not what was proposed, or cannot be written.
        """
        intent = intent_of(step)
        place = _place(intent.path, tools)
        content = content_of(place)
        now = digest(content)
        if intent.standing(content) is Standing.AFTER:
            return Effect(f"{intent.path} was so already", _done(intent.path, now, now))
        after = _or_failed(lambda: intent.made(content))
        replace_file(place, now, after, tools.boundary)
        return Effect(f"{intent.path} was changed", _done(intent.path, now, digest(after)))

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002 - as above
        """Put back what was before, where what was made still stands.

        Raises:
            ActionFailed: it does not, or the file cannot be written.
        """
        intent = intent_of(step)
        done = _Done.model_validate_json(effect) if effect and effect != "{}" else None
        if done is not None and done.before == done.after:
            return Effect(f"{intent.path} had not been changed by this step, and was left as it is", effect)
        place = _place(intent.path, tools)
        content = content_of(place)
        now = digest(content)
        if intent.standing(content) is Standing.BEFORE:
            return Effect(f"{intent.path} is as it was before already", _done(intent.path, now, now))
        before = _or_failed(lambda: intent.reverted(content))
        if before is None:
            remove_file(place, now, tools.boundary)
            return Effect(f"{intent.path} was removed", _done(intent.path, now, ""))
        replace_file(place, now, before, tools.boundary)
        return Effect(f"{intent.path} is as it was before", _done(intent.path, now, digest(before)))


def intent_of(step: Step) -> FileIntent:
    """What the step does to its file.

    Raises:
        ActionFailed: the step was written by another version, or changed by hand.
    """
    try:
        return FileIntent.model_validate_json(step.intent)
    except ValidationError as error:
        reason = f"the step for {step.target} cannot be read: {error.error_count()} parts of it are not as expected"
        raise ActionFailed(reason, "plan again") from None


def read_file(path: str, kind: str, tools: Tools) -> SettingFile | None:
    """The file, read once for all steps of a plan; None where there is none.

    Raises:
        Refused: it cannot be read, or stands where neither files nor repositories may be changed.
    """
    files: dict[str, SettingFile | None] = tools.cache.setdefault(NAME, {})
    if path not in files:
        try:
            repositories = [one.folder for one in tools.options.git_change.repositories]
            content = content_of(placed(tools.root, path, (*tools.options.edit_file.folders, *repositories)))
        except ActionFailed as failure:
            raise Refused(failure.reason, Refusal.UNREADABLE) from None
        files[path] = None if content is None else setting_file(path, content, kind)
    return files[path]


def _refuse_elsewhere(path: str, tools: Tools) -> None:
    """Looked at once a plan: following links asks the disk for each folder on the way."""
    allowed: set[str] = tools.cache.setdefault(_ALLOWED, set())
    if path in allowed:
        return
    try:
        _place(path, tools)
    except ActionFailed as failure:
        raise Refused(failure.reason, Refusal.NOT_EDITED) from None
    allowed.add(path)


def _or_failed(content: Callable[[], Content]) -> Content:
    try:
        return content()
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "plan again") from None


def _place(path: str, tools: Tools) -> Place:
    return placed(tools.root, path, tools.options.edit_file.folders)


def _done(path: str, before: str, after: str) -> str:
    return canonical({"path": path, "before": before, "after": after})


_TOLD = {
    Standing.BEFORE: "is as it was when the step was proposed",
    Standing.AFTER: "has the change",
    Standing.OTHER: "is neither as it was nor as the step would make it: somebody changed it",
}

action = EditFile()
