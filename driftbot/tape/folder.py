"""Files below a folder: patterns as in ``.gitignore``, symbolic links only inside, sizes limited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from driftbot.collectors.collector import Body

MAX_BYTES = 20_000_000
"""A configuration file above this is generated data or a mistake; it is named, not read."""

_NEVER = (".git", ".hg", ".svn")


def read_folder(root: Path, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
    """Every file below ``root`` that some ``include`` pattern matches and no ``exclude`` pattern, sorted by path.

    Patterns are those of ``.gitignore``: ``*.yaml`` matches in every folder, ``/a/*.yaml`` only there, ``**`` any
    depth. ``root`` may be a single file, which is read whatever the patterns say.
    """
    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        yield Body(".", problem=f"{root} cannot be opened: {_reason(error)}; correct the source's path")
        return
    if real.is_file():
        yield _read(real, real.name)
        return
    wanted, unwanted = GitIgnoreSpec.from_lines(include or ["*"]), GitIgnoreSpec.from_lines(exclude)
    for path, problem in sorted(_walk(real, real, unwanted)):
        locator = path.relative_to(real).as_posix()
        relevant = wanted.match_file(locator) or (problem and path.is_dir())
        if relevant and not unwanted.match_file(locator):
            yield Body(locator, problem=problem) if problem else _read(path, locator)


def _walk(folder: Path, root: Path, unwanted: GitIgnoreSpec) -> Iterator[tuple[Path, str]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield folder, f"the folder cannot be listed: {_reason(error)}"
        return
    for entry in entries:
        if entry.is_symlink():
            yield from _linked(entry, root)
        elif entry.is_dir():
            # Kubernetes mounts a ConfigMap as links into a folder named `..<date>`: read through the links only.
            hidden = entry.name in _NEVER or entry.name.startswith("..")
            if not hidden and not unwanted.match_file(f"{entry.relative_to(root).as_posix()}/"):
                yield from _walk(entry, root, unwanted)
        elif entry.is_file():
            yield entry, ""


def _linked(link: Path, root: Path) -> Iterator[tuple[Path, str]]:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        yield link, f"the symbolic link leads nowhere: {_reason(error)}"
        return
    if not target.is_relative_to(root):
        yield link, "the symbolic link leads outside of the source's folder and is not followed"
    elif target.is_file():
        yield link, ""


def _read(path: Path, locator: str) -> Body:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            return Body(locator, problem=f"the file has {size:,} bytes; files above {MAX_BYTES:,} are not read")
        return Body(locator, path.read_bytes())
    except OSError as error:
        return Body(locator, problem=f"the file cannot be read: {_reason(error)}")


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
