"""``driftbot.approvals.yaml``: approvals and waivers beside the configuration, reviewed like code.

The file is sorted and rendered whole, so that a decision is a few lines of difference. A scan merges it with the
store's record only where it has to (``Decisions.in_force``): what a review takes out of the file is out of force.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from driftbot.approval_entry import approval_entry, read_approval, read_waiver, waiver_entry
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.failure import Failure
from driftbot.core.rule import Problem
from driftbot.core.subject import SubjectId
from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml

if TYPE_CHECKING:
    from driftbot.store.store import Store

FILE_NAME = "driftbot.approvals.yaml"
SOURCE = "approvals"
_HEADER = """\
# What people decided about values and findings. Written by `driftbot approve` and `driftbot waive`, sorted, and made to
# be reviewed; edit it by hand if you like (comments are not kept). approvals: values that rules compare with.
# waivers: findings somebody answers for until a date.
"""


class Decisions(NamedTuple):
    """What the file says, sorted, and everything that is wrong with it; what is wrong is not in force."""

    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    problems: tuple[Problem, ...] = ()
    filed: bool = False

    def with_added(self, approvals: Iterable[Approval], waivers: Iterable[Waiver]) -> Decisions:
        """These and others: of two decisions about the same thing the later one holds."""
        return self._replace(
            approvals=tuple(_latest_approvals([*approvals, *self.approvals]).values()),
            waivers=tuple(_latest_waivers([*waivers, *self.waivers]).values()),
        )

    def in_force(self, approvals: Iterable[Approval], waivers: Iterable[Waiver]) -> Decisions:
        """The decisions that hold, given the store's: where there is a file it decides, else the store does.

        A file with problems may have lost entries, so the store's hold beside it until the problems are mended.
        """
        return self if self.filed and not self.problems else self.with_added(approvals, waivers)

    def without(self, fingerprints: Iterable[str]) -> Decisions:
        """These without the waivers of some findings."""
        ended = frozenset(fingerprints)
        return self._replace(waivers=tuple(waiver for waiver in self.waivers if waiver.fingerprint not in ended))

    def without_approvals(self, values: Iterable[tuple[SubjectId, str]]) -> Decisions:
        """These without the approvals of some keys of some subjects."""
        ended = frozenset(values)
        kept = tuple(approval for approval in self.approvals if (approval.subject, approval.key) not in ended)
        return self._replace(approvals=kept)


class ApprovalsFileError(Failure):
    """The file cannot be read or written; it stays as it was."""


def read_approvals(content: bytes, locator: str = FILE_NAME) -> Decisions:
    """Understand the file; every problem of it at once, with its line, and every good entry kept."""
    documents = read_yaml(content, SOURCE, locator)
    problems = list(documents.problems)
    approvals: list[Approval] = []
    waivers: list[Waiver] = []
    for root in documents.nodes:
        problems += _strangers(root)
        for node in _entries(root, "approvals", problems):
            approvals += read_approval(node, problems)
        for node in _entries(root, "waivers", problems):
            waivers += read_waiver(node, problems)
    return Decisions(
        tuple(_latest_approvals(approvals).values()), tuple(_latest_waivers(waivers).values()), tuple(sorted(problems))
    )


def render_approvals(decisions: Decisions) -> str:
    """The file's text: sorted by subject and key, and by rule and subject."""
    document = {
        "approvals": [approval_entry(approval) for approval in _latest_approvals(decisions.approvals).values()],
        "waivers": [waiver_entry(waiver) for waiver in _latest_waivers(decisions.waivers).values()],
    }
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return f"{_HEADER}\n{body}"


def load_approvals(folder: Path) -> Decisions:
    """The decisions in the file in ``folder``; none where there is no file.

    Raises:
        ApprovalsFileError: there is a file, and it cannot be read.
    """
    path = folder / FILE_NAME
    try:
        return read_approvals(path.read_bytes(), str(path))._replace(filed=True)
    except FileNotFoundError:
        return Decisions()
    except OSError as error:
        raise ApprovalsFileError(
            f"{path} cannot be read: {error.strerror}", "Make it readable, or move it away."
        ) from error


@contextmanager
def deciding(folder: Path) -> Iterator[None]:
    """Nobody else changes the file until the block ends, so that what is read in it may be written over.

    A command and a decision in chat could lose each other's otherwise. Where the folder's file system keeps no locks,
    nothing is waited for.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def save_approvals(folder: Path, decisions: Decisions) -> Path:
    """Write the file as a whole or not at all, and return where.

    Raises:
        ApprovalsFileError: it cannot be written, or what stands there has problems and would lose entries.
    """
    path = folder / FILE_NAME
    if problems := load_approvals(folder).problems:
        listed = "\n".join(str(problem) for problem in problems)
        raise ApprovalsFileError(f"{path} is not written over, because it has problems:\n{listed}", "Correct it first.")
    try:
        _replace(path, render_approvals(decisions).encode())
    except OSError as error:
        raise ApprovalsFileError(
            f"{path} cannot be written: {error.strerror}", "Make its folder writable; nothing was decided."
        ) from error
    return path


def add_decisions(
    folder: Path, store: Store, approvals: Iterable[Approval] = (), waivers: Iterable[Waiver] = ()
) -> Path:
    """Write what is in force now and these decisions, whatever others decided while a person was asked; and where.

    Raises:
        ApprovalsFileError: as ``save_approvals`` raises.
    """
    with deciding(folder):
        standing = load_approvals(folder).in_force(store.approvals(), store.waivers())
        return save_approvals(folder, standing.with_added(approvals, waivers))


class _Dumper(yaml.SafeDumper):
    """Quotes what is not printable: bare line separators would be folded into blanks by the next reader."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _text)


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _strangers(root: Node) -> Iterable[Problem]:
    if root.shape is not Shape.MAPPING:
        yield Problem(root.origin, "the file is no mapping", "write approvals: and waivers:")
    for entry in root.entries:
        if entry.key.text not in ("approvals", "waivers"):
            yield Problem(entry.key.origin, f"{entry.key.text!r} is not known here", "approvals or waivers")


def _entries(root: Node, name: str, problems: list[Problem]) -> Iterable[Node]:
    node = root.get(name)
    if node is None or node.is_null:
        return ()
    if node.shape is not Shape.SEQUENCE:
        problems.append(Problem(node.origin, f"{name} is no list"))
    return node.items


def _latest_approvals(approvals: Iterable[Approval]) -> Mapping[tuple[SubjectId, str], Approval]:
    found = sorted(approvals, key=lambda approval: approval.at)
    latest = {(approval.subject, approval.key): approval for approval in found}
    return dict(sorted(latest.items(), key=lambda entry: entry[0]))


def _latest_waivers(waivers: Iterable[Waiver]) -> Mapping[tuple[str, SubjectId], Waiver]:
    found = sorted(waivers, key=lambda waiver: waiver.created)
    latest = {(waiver.rule, waiver.subject): waiver for waiver in found}
    return dict(sorted(latest.items(), key=lambda entry: entry[0]))
