"""Stray approvals: a baseline of a subject that nobody sees any more, although everybody looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from driftbot.core.excuse import Approval
from driftbot.core.fact import View, show
from driftbot.core.graph import PATH_KIND
from driftbot.core.lookup import called
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject


def stray_approvals(approvals: Iterable[Approval], snapshot: Snapshot) -> tuple[Silence, ...]:
    """The approvals whose subject was not seen and that no gap may hide, sorted by subject and key.

    Rules cannot compare with such an approval: the subject is gone, or is kept under another name, as an alert is that
    was renamed before this store first saw it. Where exactly one subject is called so today, it is named.
    """
    known = tuple(approvals)
    if not known:
        return ()
    alive = [subject for subject in _alive(snapshot) if subject.kind != PATH_KIND]
    seen = {subject.id for subject in alive}
    hidden = {(entry.environment, entry.kind) for entry in snapshot.coverage if not entry.complete}
    stray = (
        approval
        for approval in known
        if approval.subject not in seen
        and approval.subject.kind != PATH_KIND
        and (approval.subject.environment, approval.subject.kind) not in hidden
    )
    return tuple(
        Silence(approval, SilenceState.MATCHES_NOTHING, _detail(approval, alive))
        for approval in sorted(stray, key=lambda approval: (approval.subject, approval.key))
    )


def _alive(snapshot: Snapshot) -> Iterable[Subject]:
    told = [fact.subject for fact in snapshot.facts if fact.view is not View.APPROVED]
    return {
        subject: subject for subject in (*snapshot.lingering, *(series.subject for series in snapshot.series), *told)
    }.values()


def _detail(approval: Approval, alive: Sequence[Subject]) -> str:
    gone = f"an approval of {approval.key} = {show(approval.value)} matches nothing: the subject is gone or renamed"
    found = [subject for subject in alive if _answers(subject, approval)]
    return f"{gone}; perhaps it is {found[0]} now" if len(found) == 1 else gone


def _answers(subject: Subject, approval: Approval) -> bool:
    """Whether the subject is called today what the approval names."""
    wanted = approval.subject
    same = (subject.kind, subject.environment) == (wanted.kind, wanted.environment)
    return same and wanted.name in (called(subject), f"{subject.label('group')}/{called(subject)}")
