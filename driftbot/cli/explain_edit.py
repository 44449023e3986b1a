"""The edits that a finding's recommendations ask for, as ``driftbot explain`` shows them: made, tried, not written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from driftbot.core.fact import Fact
from driftbot.core.finding import Finding, Recommendation
from driftbot.core.history import Interval
from driftbot.edits.edit import Refused
from driftbot.edits.setting import can_edit, edit_recommended
from driftbot.promtool import try_change
from driftbot.report.explanation import ProposedEdit


def proposed_edits(root: Path, finding: Finding, intervals: Iterable[Interval]) -> tuple[ProposedEdit, ...]:
    """An edit, or why there is none, of every recommendation for a key that is edited in files below ``root``.

    ``intervals`` are the values of the finding's subject; those that still hold say where the value stands.
    """
    declared = [interval.fact for interval in intervals if interval.closed is None]
    asked = [advice for advice in finding.recommendations if can_edit(finding.subject.kind, advice.key)]
    return tuple(_proposed(root, advice, declared) for advice in asked)


def _proposed(root: Path, advice: Recommendation, declared: Iterable[Fact]) -> ProposedEdit:
    try:
        edit, content = edit_recommended(advice, declared, _reader(root))
    except Refused as refusal:
        return ProposedEdit(advice.key, refused=refusal.reason)
    trial = try_change(root, edit.path, content, edit.apply(content))
    return ProposedEdit(advice.key, edit, trial.sentence)


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
