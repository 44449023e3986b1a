"""Waivers from a chat in ``driftbot.approvals.yaml``, as `driftbot waive` puts them there."""

from __future__ import annotations

from pathlib import Path

from driftbot.approvals_file import FILE_NAME, ApprovalsFileError, load_approvals, save_approvals
from driftbot.core.excuse import Waiver
from driftbot.core.failure import Failure
from driftbot.store.store import Store


def file_waiver(root: Path, store: Store, waiver: Waiver) -> str:
    """Put it into the file where that can be written, and say where it stands; writing it to the store is the caller's.

    Where there is no file the store decides, so that the store alone is enough.

    Raises:
        Failure: a file stands that decides and cannot be written, so that the waiver would never be in force.
    """
    filed = load_approvals(root)
    standing = filed.in_force(store.approvals(), store.waivers())
    try:
        path = save_approvals(root, standing.with_added((), (waiver,)))
    except ApprovalsFileError as error:
        if filed.filed and not filed.problems:
            raise Failure(
                f"{FILE_NAME} decides which waivers hold, and it cannot be written here",
                f"Waive it where that file is kept: driftbot waive {waiver.fingerprint}"
                f' --until {waiver.expires:%Y-%m-%d} --reason "…"',
            ) from error
        return f"kept in the store only, because {error.message.splitlines()[0].rstrip(':')}"
    return f"commit {path.name} to have it reviewed"
