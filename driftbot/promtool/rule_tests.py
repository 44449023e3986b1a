"""Rule tests: the files of a repository that test its alerting and recording rules with promtool."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from driftbot.documents.yaml import read_yaml

MOST_FILES = 20_000
"""Files below the root that are looked at."""

LARGEST = 1_000_000
"""Bytes; a larger file is not taken for a test."""

_SUFFIXES = (".yaml", ".yml")
_NOT_OURS = frozenset({"node_modules", "vendor", "__pycache__"})


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A test file and the rule files that it names; paths are relative to the root."""

    path: str
    rule_files: tuple[str, ...]


def tests_of(root: Path, path: str) -> Iterator[RuleTest]:
    """The tests below ``root`` (resolved) that name the rule file; what they name outside of it is left out."""
    wanted = (root / path).resolve()
    for file in _candidates(root):
        named = tuple(_rule_files(file))
        if wanted in {one.resolve() for one in named}:
            inside = (_relative(one, root) for one in named if one.resolve().is_relative_to(root))
            yield RuleTest(_relative(file, root), tuple(name for name in inside if name))


def _relative(file: Path, root: Path) -> str:
    """The path from the root on as it is written; empty where it leaves the root."""
    written = Path(os.path.normpath(file))
    return written.relative_to(root).as_posix() if written.is_relative_to(root) else ""


def _candidates(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_OURS)
        for name in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            file = Path(folder, name)
            if name.endswith(_SUFFIXES) and file.is_file() and file.stat().st_size <= LARGEST:
                yield file


def _rule_files(file: Path) -> Iterator[Path]:
    """The files that a test names by ``rule_files``; nothing where it is no test."""
    try:
        content = file.read_bytes()
    except OSError:
        return
    if b"rule_files" not in content or b"tests" not in content:
        return
    for document in read_yaml(content, "", str(file)).nodes:
        named = document.get("rule_files")
        if named is not None and document.get("tests") is not None:
            for pattern in named.items:
                yield from _matching(file.parent, pattern.text)


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    if pattern and not pattern.startswith("/"):
        yield from sorted(found for found in folder.glob(pattern) if found.is_file())
