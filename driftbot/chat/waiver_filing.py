"""Waivers from a chat in ``driftbot.approvals.yaml``, as `driftbot waive` puts them there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftbot.approvals_file import (
    FILE_NAME,
    ApprovalsFileError,
    Decisions,
    deciding,
    load_approvals,
    save_approvals,
)
from driftbot.core.excuse import Waiver
from driftbot.core.failure import Failure
from driftbot.store.store import Store


class NotFiled(Failure):
    """The file decides which waivers hold and cannot be written, so that this one would never be in force."""


@contextmanager
def filed(root: Path, store: Store, waiver: Waiver) -> Iterator[str]:
    """Put it into the file where that can be written, and say where it stands.

    Writing it to the store is what the block does; where that fails, the file is put back. Where there is no file the
    store decides, so that the store alone is enough.

    Raises:
        NotFiled: before the block.
        Failure: the block failed, and the file could not be put back.
    """
    with deciding(root):
        before = load_approvals(root)
        standing = before.in_force(store.approvals(), store.waivers())
        unwritable = _written(root, before, standing.with_added((), (waiver,)), waiver)
    if unwritable is not None:
        yield f"kept in the store only, because {unwritable.message.splitlines()[0].rstrip(':')}"
        return
    try:
        yield f"commit {FILE_NAME} to have it reviewed"
    except BaseException as reason:
        _put_back(root, before, waiver, reason)
        raise


def _written(root: Path, before: Decisions, after: Decisions, waiver: Waiver) -> ApprovalsFileError | None:
    """Write the file; why it could not be written, where the store decides without it."""
    try:
        save_approvals(root, after)
    except ApprovalsFileError as error:
        if before.filed and not before.problems:
            raise NotFiled(
                f"{FILE_NAME} decides which waivers hold, and it cannot be written here",
                f"Waive it where that file is kept: driftbot waive {waiver.fingerprint}"
                f' --until {waiver.expires:%Y-%m-%d} --reason "…"',
            ) from error
        return error
    return None


def _put_back(root: Path, before: Decisions, waiver: Waiver, reason: BaseException) -> None:
    """As it was, but for what others decided since."""
    former = (one for one in before.waivers if one.fingerprint == waiver.fingerprint)
    try:
        with deciding(root):
            if before.filed:
                save_approvals(root, load_approvals(root).without((waiver.fingerprint,)).with_added((), former))
            else:
                (root / FILE_NAME).unlink(missing_ok=True)
    except (ApprovalsFileError, OSError) as error:
        raise Failure(
            f"{reason}; and the waiver stands in {FILE_NAME} all the same, because it cannot be put back: {error}",
            f"End it where that file is kept: driftbot waive --end {waiver.fingerprint}",
        ) from reason
