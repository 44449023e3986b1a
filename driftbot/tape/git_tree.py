"""The files of a revision of a git repository, as if they stood in a folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftbot.core.body import Body
from driftbot.git import NotAnswered, ask
from driftbot.tape.folder import MAX_BYTES
from driftbot.tape.git_objects import contents_of, files_of
from driftbot.tape.patterns import wanted_by


def commit_of(folder: Path, revision: str) -> str:
    """The commit that a revision means in the folder's repository; ``main...`` is where HEAD and main parted.

    Raises:
        NotAnswered: there is no such revision, or no repository.
    """
    if revision.endswith("..."):
        theirs, ours = commit_of(folder, revision.removesuffix("...")), commit_of(folder, "HEAD")
        return ask(folder, "merge-base", theirs, ours).decode().strip()
    told = ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return told.decode().strip()


def read_tree(folder: Path, commit: str, path: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
    """The files of a commit below ``path`` (relative to ``folder``) that match, with locators relative to it, sorted.

    ``path`` may be a single file, which is read whatever the patterns say. Links are not followed.

    Raises:
        NotAnswered: git does not tell, or the path lies outside of the repository.
    """
    prefix = ask(folder, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")
    below = posixpath.normpath(posixpath.join(prefix, Path(path).as_posix()))
    if below.startswith(".."):
        raise NotAnswered(f"{path} lies outside of the repository")
    top = Path(ask(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n"))
    alone, wanted = posixpath.basename(below), wanted_by(include, exclude)
    found = {}
    for whole, name in files_of(top, commit).items():
        locator = posixpath.relpath(whole, below)
        if whole == below:
            found[alone] = name
        elif not locator.startswith("..") and wanted(locator):
            found[locator] = name
    contents = contents_of(top, found.values())
    for locator, name in sorted(found.items()):
        known = name in contents
        problem = "" if known else f"the file has more than {MAX_BYTES:,} bytes, or is not in this clone"
        yield Body(locator, contents[name] if known else b"", problem)
