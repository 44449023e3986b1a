"""What is to become of one file: its changes, and digests of its content before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from pydantic import Field

from driftbot.actions.action import Standing
from driftbot.actions.file_change import FileChange, MadeFile, ReplacedText
from driftbot.actions.strict import Strict
from driftbot.documents.format import Format
from driftbot.edits.combined_edit import combined
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.setting_file import SettingFile

ABSENT = ""
"""The digest of a file that is not there."""


def digest(content: bytes | None) -> str:
    """SHA-256 of a file's content in hexadecimal; of a missing file nothing."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


class FileIntent(Strict):
    """The changes of one file. ``before`` and ``after`` are digests of its content as it was proposed.

    ``after`` is None where the changes were proposed apart from each other: then each is looked for at its address.
    """

    path: str
    before: str
    after: str | None
    format: Format | None = None
    changes: tuple[FileChange, ...] = Field(min_length=1)

    @property
    def makes_file(self) -> bool:
        """Whether the file is not there before."""
        return self.before == ABSENT

    def standing(self, content: bytes | None) -> Standing:
        """How a file's content stands to the changes: exactly by its digest, else change by change."""
        now = digest(content)
        if now in (self.before, self.after):
            return Standing.BEFORE if now == self.before else Standing.AFTER
        if content is None or self.makes_file:
            return Standing.OTHER
        file = self._file(content)
        found = {change.standing(file) for change in self.changes}
        return found.pop() if len(found) == 1 else Standing.OTHER

    def made(self, content: bytes | None) -> bytes:
        """The content after the changes.

        Raises:
            Refused: they cannot be made exactly as they were proposed.
        """
        if digest(content) == self.before:
            return self._proposed(content or b"")
        if content is None:
            raise Refused(f"{self.path}: the file is gone; plan again", Refusal.MOVED)
        return self._one_by_one(content, self.changes, lambda change, file: change.made(file))

    def reverted(self, content: bytes | None) -> bytes | None:
        """The content without the changes, None where the file goes.

        Raises:
            Refused: what they made does not stand there any more.
        """
        if content is None:
            raise Refused(f"{self.path}: the file is gone", Refusal.MOVED)
        if digest(content) == self.after:
            return None if self.makes_file else self._original(content)
        if self.makes_file:
            raise Refused(f"{self.path}: the file that was made has been changed since", Refusal.MOVED)
        return self._one_by_one(content, self.changes[::-1], lambda change, file: change.reverted(file))

    def _file(self, content: bytes) -> SettingFile:
        return SettingFile(self.path, content, self.format)

    def _proposed(self, content: bytes) -> bytes:
        after = _spliced(content, [(one.start, one.old_bytes, one.new_bytes) for one in self.changes])
        exact = self._is_proved(content, after) if self.after is None else digest(after) == self.after
        if not exact:
            raise Refused(f"{self.path}: the step does not give the content that it names; plan again")
        return after

    def _is_proved(self, content: bytes, after: bytes) -> bool:
        """Whether every change is there, and of text that was replaced no more leaves differ than were meant to."""
        was, now = self._file(content), self._file(after)
        if not _are_there(self.changes, now):
            return False
        if not all(isinstance(one, ReplacedText) for one in self.changes):
            return True
        differing = [pair for pair in zip(was.leaves, now.leaves, strict=False) if pair[0] != pair[1]]
        return len(was.leaves) == len(now.leaves) and len(differing) == len(self.changes)

    def _original(self, content: bytes) -> bytes:
        ordered = sorted(self.changes, key=lambda change: change.start)
        shift, splices = 0, []
        for change in ordered:
            splices.append((change.start + shift, change.new_bytes, change.old_bytes))
            shift += len(change.new_bytes) - len(change.old_bytes)
        before = _spliced(content, splices)
        if digest(before) != self.before:
            raise Refused(f"{self.path}: taking the changes back does not give what was there")
        return before

    def _one_by_one(
        self, content: bytes, changes: Sequence[FileChange], edit: Callable[[FileChange, SettingFile], Edit]
    ) -> bytes:
        for change in changes:
            content = edit(change, self._file(content)).apply(content)
        return content


def together(intents: Sequence[FileIntent]) -> FileIntent:
    """The changes of one file that were proposed one by one for the same content, as one intent.

    Raises:
        Refused: they were made for different content, or two of them exclude each other.
    """
    first = intents[0]
    if len(intents) == 1:
        return first
    if len({(one.before, one.format) for one in intents}) > 1 or first.makes_file:
        raise Refused(f"{first.path}: its changes were made for different content; plan again", Refusal.MOVED)
    ordered = _joined(first.path, [change for one in intents for change in one.changes])
    return FileIntent(path=first.path, before=first.before, after=None, format=first.format, changes=ordered)


def intended(file: SettingFile, changes: Sequence[tuple[FileChange, Edit]]) -> tuple[FileIntent, str]:
    """The intent of changes that were each made for the same content of a file, and their diff.

    Raises:
        Refused: two of them change the same bytes, or together they are not what each is alone.
    """
    edits = [edit for _, edit in changes]
    whole = edits[0] if len(edits) == 1 else combined(edits, file.content)
    ordered = _joined(file.path, [change for change, _ in changes])
    makes = any(isinstance(change, MadeFile) for change in ordered)
    after = whole.apply(file.content)
    if len(ordered) > 1 and not _are_there(ordered, file.changed(after)):
        reason = f"{file.path}: the changes of this file disturb each other; make one, then scan again"
        raise Refused(reason, Refusal.OVERLAPPING)
    before = ABSENT if makes else digest(file.content)
    intent = FileIntent(path=file.path, before=before, after=digest(after), format=file.format, changes=ordered)
    return intent, whole.diff


def _joined(path: str, changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """The changes in the order of the file, those of one scalar as one, and what is asked for twice once."""
    if len(changes) == 1:
        return tuple(changes)
    found: dict[str, FileChange] = {}
    for change in changes:
        name = change.model_dump_json(include={"kind", "address", "parent", "key", "value"})
        known = found.get(name, change)
        if known != change:
            if not isinstance(known, ReplacedText) or not isinstance(change, ReplacedText):
                raise Refused(f"{path}: two changes of one place exclude each other", Refusal.OVERLAPPING)
            change = known.joined(change)
        found[name] = change
    return tuple(sorted(found.values(), key=lambda change: (change.start, change.end)))


def _are_there(changes: Sequence[FileChange], after: SettingFile) -> bool:
    return after.documents.complete and all(change.standing(after) is Standing.AFTER for change in changes)


def _spliced(content: bytes, splices: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """The content with each old text at its place replaced; places are those in ``content``, in order."""
    parts, at = [], 0
    for start, old, new in sorted(splices, key=lambda splice: splice[0]):
        if start < at or content[start : start + len(old)] != old:
            raise Refused("the bytes that the step replaces do not stand where it says; plan again")
        parts += [content[at:start], new]
        at = start + len(old)
    return b"".join([*parts, content[at:]])
