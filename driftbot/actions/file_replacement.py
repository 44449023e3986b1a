"""A file read and replaced whole: after a crash it is the old one or the new one, with owner, mode and attributes kept.

The new content is written beside the file, flushed to the disk, and takes the file's name in one step (``rename(2)``).
What a crash leaves is a file beside it whose name tells what it is; it is removed when the file is next looked at.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from driftbot.actions.action import ActionFailed
from driftbot.actions.file_intent import digest

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file that is changed (ours: configuration that people write is a thousandth of it)."""

_LEFTOVER = ".driftbot-new"
_PROTECTED = frozenset({"driftbot.yaml", "driftbot.approvals.yaml"})
_NEW_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file of a path really stands: links are followed, and it lies below an allowed folder."""

    path: str
    real: Path

    @property
    def leftover(self) -> Path:
        """What a crash leaves beside it; no pattern of rule or manifest files matches the name."""
        return self.real.with_name(f".{self.real.name}{_LEFTOVER}")


def placed(root: Path, path: str, folders: Sequence[str]) -> Place:
    """The place of a path that is relative to ``root``, inside one of the allowed folders.

    Raises:
        ActionFailed: it leads elsewhere, into a repository's own folder, or to driftbot's own files.
    """
    allowed = [(root / folder).resolve() for folder in folders]
    try:
        real = (root / path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ActionFailed(f"{path} leads nowhere: {error}", "mend the link") from None
    if not any(real.is_relative_to(folder) for folder in allowed):
        raise ActionFailed(
            f"{path} does not lie below a folder that may be changed ({', '.join(folders) or 'none is'})",
            "allow its folder in acting.reach, if it may",
        )
    if ".git" in real.parts or real.name in _PROTECTED:
        raise ActionFailed(f"{path} is never changed: git's own files and driftbot's configuration are a person's")
    return Place(path, real)


def content_of(place: Place) -> bytes | None:
    """The file's content, None where there is none.

    Raises:
        ActionFailed: it cannot be read, is no regular file, or is larger than any configuration.
    """
    try:
        descriptor = os.open(place.real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ActionFailed(f"{place.path} cannot be read: {error.strerror}", "let driftbot's user read it") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ActionFailed(f"{place.path} is no regular file")
        if found.st_size > LARGEST:
            raise ActionFailed(f"{place.path} has {found.st_size:,} bytes, more than any configuration")
        try:
            return file.read()
        except OSError as error:
            raise ActionFailed(f"{place.path} cannot be read: {error.strerror}", "look at the disk") from None


def replace_file(place: Place, expected: str, content: bytes, boundary: Callable[[str], None]) -> None:
    """Give the file this content, if the digest of what it has is still the expected one.

    Raises:
        ActionFailed: it has changed, or the new content cannot stand in its place with nothing lost.
    """
    remove_leftover(place)
    with _told(place):
        before = None if not expected else _replaceable(place)
        if before is None:
            place.real.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(place, content, before)
        try:
            boundary("edit_file.written")
            _refuse_moved(place, expected)
            _take_name(place, before)
        except BaseException:
            remove_leftover(place)
            raise
    _flush_folder(place)
    boundary("edit_file.replaced")


def remove_file(place: Place, expected: str, boundary: Callable[[str], None]) -> None:
    """Remove the file, if the digest of what it has is the expected one.

    Raises:
        ActionFailed: it has changed, or cannot be removed.
    """
    with _told(place):
        _refuse_moved(place, expected)
        place.real.unlink()
    _flush_folder(place)
    boundary("edit_file.removed")


def remove_leftover(place: Place) -> None:
    """Remove what a crash left beside the file."""
    with suppress(OSError):
        if stat.S_ISREG(place.leftover.lstat().st_mode):
            place.leftover.unlink()


def _replaceable(place: Place) -> os.stat_result:
    found = place.real.lstat()
    if found.st_nlink > 1:
        raise ActionFailed(
            f"{place.path} has {found.st_nlink} names (hard links), and the others would keep the old content",
            "make the change by hand, or give each name a file of its own",
        )
    if not found.st_mode & 0o222:
        raise ActionFailed(f"{place.path} is read-only", "make it writable if it may be changed")
    if not os.access(place.real.parent, os.W_OK | os.X_OK):
        raise ActionFailed(f"the folder of {place.path} is read-only", "let driftbot's user write there")
    return found


def _write_beside(place: Place, content: bytes, before: os.stat_result | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(place.leftover, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _keep_manners(place, descriptor, before)
            os.fsync(descriptor)
    except BaseException:
        remove_leftover(place)
        raise


def _keep_manners(place: Place, descriptor: int, before: os.stat_result | None) -> None:
    """Owner, mode and extended attributes (access lists, labels of SELinux) as the old file has them."""
    if before is None:
        os.fchmod(descriptor, _NEW_MODE)
        return
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    for name, value in _attributes(place.real):
        if dict(_attributes(descriptor)).get(name) != value:
            os.setxattr(descriptor, name, value)


def _attributes(file: Path | int) -> Iterator[tuple[str, bytes]]:
    """A file's extended attributes; none where the system or the file system knows no such thing."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(file)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return
        raise
    for name in names:
        yield name, os.getxattr(file, name)


def _refuse_moved(place: Place, expected: str) -> None:
    if digest(content_of(place)) != expected:
        raise ActionFailed(f"{place.path} has been changed by somebody else at this moment", "plan again")


def _take_name(place: Place, before: os.stat_result | None) -> None:
    if before is None:
        # A file that appeared in the meantime is not overwritten: a second name is refused where one exists.
        os.link(place.leftover, place.real)
        place.leftover.unlink()
    else:
        place.leftover.replace(place.real)


def _flush_folder(place: Place) -> None:
    try:
        descriptor = os.open(place.real.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        reason = f"{place.path} has been written, but whether it lasts cannot be told: {error.strerror}"
        raise ActionFailed(reason, "look at the disk", uncertain=True) from None


@contextmanager
def _told(place: Place) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ActionFailed(f"{place.path} cannot be written: {reason}", _NEXT.get(error.errno or 0, "")) from None


_NEXT = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room in the quota",
    errno.EFBIG: "raise the limit on the size of files",
    errno.EROFS: "the file system is mounted read-only",
    errno.EACCES: "let driftbot's user write there",
    errno.EPERM: "let driftbot's user keep the file's owner and attributes, or run as its owner",
    errno.EEXIST: "somebody made the file in the meantime; plan again",
}
