"""The edits that a finding's recommendations ask for, as ``driftbot explain`` shows them: made, tried, not written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from driftbot.core.finding import Finding
from driftbot.core.history import Interval
from driftbot.edits.combined_edit import combined
from driftbot.edits.edit import Edit, Refused
from driftbot.edits.setting import can_edit, edit_recommended
from driftbot.promtool import try_change
from driftbot.report.explanation import ProposedEdit


def proposed_edits(root: Path, finding: Finding, intervals: Iterable[Interval]) -> tuple[ProposedEdit, ...]:
    """One edit of each file below ``root`` that makes all that is recommended there; then what is not edited, and why.

    ``intervals`` are the values of the finding's subject; those that still hold say where a value stands.
    """
    declared = [interval.fact for interval in intervals if interval.closed is None]
    read = cache(_reader(root))
    files: dict[str, _FileEdit] = {}
    refused = []
    for advice in finding.recommendations:
        if can_edit(finding.subject.kind, advice.key):
            try:
                edit, content = edit_recommended(advice, declared, read)
                files[edit.path] = files.get(edit.path, _FileEdit(content)).joined(advice.key, edit)
            except Refused as refusal:
                refused.append(ProposedEdit(advice.key, refused=refusal.reason))
    return (*(file.tried(root) for file in files.values()), *refused)


@dataclass(frozen=True, slots=True)
class _FileEdit:
    """What is changed of one file so far, for which keys, and its content before."""

    content: bytes
    keys: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()

    def joined(self, key: str, edit: Edit) -> _FileEdit:
        more = (*self.edits, edit)
        combined(more, self.content)
        return _FileEdit(self.content, (*self.keys, key), more)

    def tried(self, root: Path) -> ProposedEdit:
        edit = combined(self.edits, self.content)
        trial = try_change(root, edit.path, self.content, edit.apply(self.content))
        return ProposedEdit(", ".join(self.keys), edit, trial.sentence)


def _reader(root: Path) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        file = (root / path).resolve()
        if not file.is_relative_to(root.resolve()):
            raise Refused(f"{path} does not lie below the folder of driftbot.yaml")
        try:
            return file.read_bytes()
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}") from error

    return read
