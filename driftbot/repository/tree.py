"""What stands at paths of a commit, and contents by their names, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from driftbot.core.harmless import harmless
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.file_path import parents_of
from driftbot.repository.git_process import Git

NEW_FILE = "100644"
_FOLDER, _LINK, _MODULE = "040000", "120000", "160000"
_ARGUMENT_BYTES = 100_000
"""Bytes of paths in one command line: the smallest limit of the systems in use is 256 KiB, the environment included."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A path of a commit: its mode as git writes it, and the name of its content, tree or commit."""

    path: str
    mode: str
    name: str

    @property
    def is_file(self) -> bool:
        """Whether it is a plain file, executable or not."""
        return self.mode.startswith("100")


Entries = Mapping[str, Entry]


def entries(git: Git, commit: str, paths: Iterable[str]) -> Entries:
    """What stands at these paths of a commit and at the folders above them; what is not there is left out.

    Raises:
        RepositoryFailure: git does not tell.
    """
    wanted = sorted({name for path in paths for name in (path, *parents_of(path))})
    found = {}
    for some in _portions(wanted):
        listed = git.ask("ls-tree", "-z", "-t", "--full-tree", commit, "--", *some)
        found.update({entry.path: entry for entry in _listed(listed) if entry.path in some})
    return found


def _portions(paths: list[str]) -> Iterator[dict[str, None]]:
    portion: dict[str, None] = {}
    size = 0
    for path in paths:
        size += len(path.encode("utf-8", "surrogateescape")) + 1
        if portion and size > _ARGUMENT_BYTES:
            yield portion
            portion, size = {}, 0
        portion[path] = None
    if portion:
        yield portion


def _listed(answer: bytes) -> Iterator[Entry]:
    for line in filter(None, answer.split(b"\0")):
        head, _, path = line.partition(b"\t")
        mode, _kind, name = head.decode().split()
        yield Entry(path.decode("utf-8", "surrogateescape"), mode, name)


def check_place(path: str, standing: Entries) -> None:
    """Refuse a path that is no file, or that leads through something that is no folder.

    Raises:
        RepositoryFailure: ``UNSAFE_PATH``.
    """
    for parent in parents_of(path):
        if parent in standing and standing[parent].mode != _FOLDER:
            raise _unsafe(path, f"{harmless(parent)} is {_word(standing[parent])}")
    if path in standing and not standing[path].is_file:
        raise _unsafe(path, f"it is {_word(standing[path])}")


def _word(entry: Entry) -> str:
    words = {_FOLDER: "a folder", _LINK: "a symbolic link", _MODULE: "a submodule"}
    return words.get(entry.mode, "a file")


def _unsafe(path: str, reason: str) -> RepositoryFailure:
    return RepositoryFailure(
        Fault.UNSAFE_PATH,
        f"{harmless(path)} is not written: {reason}",
        "change the file that it leads to, in the repository that holds it",
    )


def contents(git: Git, names: Iterable[str]) -> Mapping[str, bytes]:
    """Contents, commits or trees by their names, as git stores them: no filter turns them into anything else.

    Raises:
        RepositoryFailure: ``INCOMPLETE``, the clone lacks one of them.
    """
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    answer = git.ask("cat-file", "--batch", "--buffer", told="".join(f"{name}\n" for name in wanted).encode())
    return dict(_objects(answer))


def _objects(answer: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        head = answer[at:end].decode().split()
        if len(head) != 3:
            raise RepositoryFailure(Fault.INCOMPLETE, f"the clone lacks the object {head[0]}", "fetch the whole branch")
        start, at = end + 1, end + 2 + int(head[2])
        yield head[0], answer[start : at - 1]
