"""``driftbot alerts diff``: the two sides read, compared and shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from driftbot.alerts.change import Direction
from driftbot.alerts.tree_comparison import AlertTree, TreeComparison, compare
from driftbot.collectors.alert_files import PATTERNS
from driftbot.collectors.alert_tree import read_alerts
from driftbot.core.body import Body
from driftbot.core.failure import Failure
from driftbot.git import NotAnswered, in_repository
from driftbot.report.alert_changes import ComparedTrees, as_json, as_markdown, as_text
from driftbot.tape.folder import read_folder
from driftbot.tape.git_tree import commit_of, read_tree

WORKING_TREE = "working tree"


def compared(old: str, new: str | None, path: str, fail_on: str) -> ComparedTrees:
    """Both sides compared; raises what a command may raise.

    Raises:
        click.UsageError: a side is neither a folder nor a revision.
        Failure: git refuses, or no side has a rule file.
    """
    before, after = _tree(old, path), _tree(new, path)
    if not before.files and not after.files:
        names = ", ".join(PATTERNS)
        raise Failure(f"no side has a rule file below {path}", f"Name their folder with --path; read are {names}.")
    told = compare(before, after)
    return ComparedTrees(old, new or WORKING_TREE, told, exit_code(told, fail_on))


def exit_code(told: TreeComparison, fail_on: str) -> int:
    """1 where something could not be read, 2 where something changed that counts, else 0."""
    if told.unread:
        return 1
    counts = {"looser": told.count(Direction.LOOSER), "any": len(told.changed), "never": 0}
    return 2 if counts[fail_on] else 0


def shown(found: ComparedTrees, form: str, to_file: bool) -> str:
    """The comparison in one of the formats."""
    if form == "json":
        return as_json(found)
    if form == "markdown":
        return as_markdown(found)
    from driftbot.cli.terminal_output import terminal

    return as_text(found, None if to_file else terminal())


def _tree(side: str | None, path: str) -> AlertTree:
    root = Path(side or ".")
    if side is None or root.is_dir():
        shown = os.path.normpath(root / path)
        return read_alerts(read_folder(root / path, PATTERNS, ()) if (root / path).exists() else (), shown)
    try:
        return read_alerts(_revision(side, path), os.path.normpath(path))
    except NotAnswered as error:
        raise Failure(f"{path} of {side} cannot be read: {error}", "See that `git show` can read it here.") from error


def _revision(side: str, path: str) -> Iterator[Body]:
    here = Path.cwd()
    try:
        commit = commit_of(here, side)
    except NotAnswered as error:
        if not in_repository(here):
            raise click.UsageError(f"{side!r} is no folder, and {here} is in no git repository") from error
        if not error.silent:
            raise
        hint = "fetch it first (a shallow clone may lack it), or spell it as git does: origin/main, HEAD~5, main..."
        raise click.UsageError(f"{side!r} is neither a folder nor a revision that git knows here; {hint}") from error
    return read_tree(here, commit, path, PATTERNS, ())
