"""What ``.gitattributes`` say of files: which of them git stores otherwise than people see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from driftbot.core.harmless import harmless
from driftbot.repository.change import Change
from driftbot.repository.failure import Fault, RepositoryFailure
from driftbot.repository.file_path import parents_of
from driftbot.repository.git_process import Git
from driftbot.repository.tree import Entries, contents, entries

NAME = ".gitattributes"
_ASKED = ("filter", "text", "eol")
_NONE = frozenset({"unspecified", "unset"})


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is said of one file: the filter that its content goes through, if any, and whether line ends are stored as
    ``\\n`` alone.
    """

    filter: str = ""
    normalised: bool = False


def attribute_files(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files that may say something of these paths: one in each folder above them."""
    folders = {parent for path in paths for parent in parents_of(path)}
    return (NAME, *sorted(f"{folder}/{NAME}" for folder in folders))


def attributes(git: Git, commit: str, paths: tuple[str, ...]) -> Mapping[str, Attributes]:
    """What a commit's attribute files, and those of the machine, say of these paths of it.

    They are read through an index of their own in a temporary folder; nobody's index is touched.

    Raises:
        RepositoryFailure: git does not tell.
    """
    found = entries(git, commit, attribute_files(paths))
    rows = "".join(f"{one.mode} {one.name}\t{one.path}\0" for one in found.values() if one.is_file)
    with TemporaryDirectory(prefix="driftbot-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        if rows:
            git.ask("update-index", "-z", "--index-info", told=_raw(rows), variables=index)
        asked = _raw("".join(f"{path}\0" for path in paths))
        answer = git.ask("check-attr", "--cached", "-z", "--stdin", *_ASKED, told=asked, variables=index)
    return dict(_told(answer))


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _told(answer: bytes) -> Iterator[tuple[str, Attributes]]:
    """Git tells path, attribute and value, in the order asked: three of each path."""
    words = answer.decode("utf-8", "surrogateescape").split("\0")[:-1]
    for at in range(0, len(words), 3 * len(_ASKED)):
        path, filtered, text, eol = words[at], words[at + 2], words[at + 5], words[at + 8]
        normalised = text != "unset" and not {text, eol} <= _NONE
        yield path, Attributes("" if filtered in _NONE else filtered, normalised)


def check_attributes(git: Git, commit: str, changes: tuple[Change, ...], standing: Entries) -> Mapping[str, str]:
    """Why files of these changes are not written, by path.

    A file that goes through a filter (LFS, an encryption) is stored as something else than people see, and new bytes
    for it cannot be made without running the filter's program. Where line ends are stored as ``\\n``, new ``\\r\\n``
    come from a working tree, and git would show the file as changed for ever.

    Raises:
        RepositoryFailure: git does not tell.
    """
    after = {file.path: file.after for change in changes for file in change.files}
    said = attributes(git, commit, tuple(sorted(after)))
    suspects = {path: standing[path].name for path in after if path in standing and _ends(after[path])}
    before = contents(git, suspects.values()) if any(said[path].normalised for path in suspects) else {}
    refused = {}
    for path, one in said.items():
        had = before.get(suspects.get(path, ""), b"")
        if one.filter:
            refused[path] = f"it goes through the filter {harmless(one.filter)}"
        elif one.normalised and _ends(after[path]) and not _ends(had):
            refused[path] = "line ends are stored as LF, and the new content has CR LF"
    return refused


def filtered(path: str, reason: str) -> RepositoryFailure:
    """The failure that says why a file is not written."""
    return RepositoryFailure(
        Fault.FILTERED,
        f"{harmless(path)} is not written: {reason} ({NAME})",
        "change it by hand in a working tree",
    )


def _ends(content: bytes | None) -> bool:
    return content is not None and b"\r\n" in content
