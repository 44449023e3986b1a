"""Which files of a folder are meant: patterns as in ``.gitignore``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pathspec import GitIgnoreSpec


def wanted_by(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Whether some ``include`` pattern matches a path below the folder, and no ``exclude`` pattern."""
    wanted, unwanted = GitIgnoreSpec.from_lines(include or ["*"]), GitIgnoreSpec.from_lines(exclude)
    return lambda path: wanted.match_file(path) and not unwanted.match_file(path)
