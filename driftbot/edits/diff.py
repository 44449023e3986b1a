"""Unified diffs, as git and ``patch`` take them: of two texts, and of known changes to the bytes of one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

CONTEXT = 3
"""Lines of a diff before and after the changed ones, as git and ``diff -u`` show."""


class Change(NamedTuple):
    """The bytes from ``start`` to ``end`` (exclusive) of a content and what stands there instead."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class _Run:
    """Changed lines: where they start in both texts, and where they end (exclusive) in each."""

    start: int
    old_end: int
    new_end: int


def unified_diff(path: str, before: str, after: str) -> str:
    """The changed lines between two texts as a unified diff; lines end with ``\\n`` or stay unended.

    Texts of as many lines are compared line by line; of others all between the first and the last change is one. Unlike
    ``difflib`` it takes time in proportion to the text, whatever its lines are.
    """
    hunks = _hunks(before, after, (0, 0))
    return "".join([f"--- a/{path}\n+++ b/{path}\n", *hunks]) if hunks else ""


def creation_diff(path: str, text: str) -> str:
    """The diff that makes a file of this text."""
    return "".join([f"--- /dev/null\n+++ b/{path}\n", *_hunks("", text, (0, 0))])


def changes_diff(path: str, content: bytes, changes: Sequence[Change], encoding: str) -> str:
    """The diff of changes that are sorted and apart from each other, each shown with its own lines.

    It decodes no more of a long file than it shows, where a line's end is a byte of its own.
    """
    if encoding not in ("utf-8", "latin-1"):
        after = changed(content, changes)
        return unified_diff(path, content.decode(encoding, "replace"), after.decode(encoding, "replace"))
    hunks: list[str] = []
    lines = offset = shift = 0
    for first, last, group in _groups(content, changes):
        lines += content.count(b"\n", offset, first)
        offset, old = first, content[first:last]
        new = changed(old, [Change(start - first, end - first, text) for start, end, text in group])
        hunks += _hunks(old.decode(encoding, "replace"), new.decode(encoding, "replace"), (lines, lines + shift))
        shift += new.count(b"\n") - old.count(b"\n")
    return "".join([f"--- a/{path}\n+++ b/{path}\n", *hunks]) if hunks else ""


def changed(content: bytes, changes: Sequence[Change]) -> bytes:
    """The content after changes that are sorted and apart from each other."""
    parts, at = [], 0
    for start, end, new in changes:
        parts += [content[at:start], new]
        at = end
    return b"".join([*parts, content[at:]])


def _groups(content: bytes, changes: Sequence[Change]) -> list[tuple[int, int, list[Change]]]:
    """The changes whose context meets, together, with the bytes of the whole lines that show them."""
    groups: list[tuple[int, int, list[Change]]] = []
    for change in changes:
        first, last = _lines_before(content, change.start), _lines_behind(content, change.end)
        if groups and first <= groups[-1][1]:
            first, _, joined = groups.pop()
            groups.append((first, last, [*joined, change]))
        else:
            groups.append((first, last, [change]))
    return groups


def _lines_before(content: bytes, at: int) -> int:
    for _ in range(CONTEXT + 1):
        at = content.rfind(b"\n", 0, at)
        if at < 0:
            return 0
    return at + 1


def _lines_behind(content: bytes, at: int) -> int:
    # One line more: what is inserted at a line's start changes none of that line.
    for _ in range(CONTEXT + 1):
        at = content.find(b"\n", at) + 1
        if not at:
            return len(content)
    return at


def _hunks(before: str, after: str, skipped: tuple[int, int]) -> list[str]:
    """The hunks of two texts, behind so many lines of each that are not compared."""
    old, new = _lines(before), _lines(after)
    return [_hunk(old, new, runs, skipped) for runs in _joined(_runs(old, new))]


def _lines(text: str) -> list[str]:
    """The lines with their ends; the last one may have none."""
    *ended, last = text.split("\n")
    return [f"{line}\n" for line in ended] + ([last] if last else [])


def _runs(old: list[str], new: list[str]) -> list[_Run]:
    """The runs of changed lines, apart from each other by equal ones."""
    if len(old) != len(new):
        shorter = min(len(old), len(new))
        same = next((index for index in range(shorter) if old[index] != new[index]), shorter)
        left = shorter - same
        tail = next((index for index in range(left) if old[-1 - index] != new[-1 - index]), left)
        return [_Run(same, len(old) - tail, len(new) - tail)]
    differing = [index for index, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
    starts = [index for number, index in enumerate(differing) if not number or differing[number - 1] < index - 1]
    ends = [index + 1 for number, index in enumerate(differing) if differing[number + 1 : number + 2] != [index + 1]]
    return [_Run(start, end, end) for start, end in zip(starts, ends, strict=True)]


def _joined(runs: list[_Run]) -> list[list[_Run]]:
    """The runs whose context meets, together."""
    hunks: list[list[_Run]] = []
    for run in runs:
        if hunks and run.start - hunks[-1][-1].old_end <= 2 * CONTEXT:
            hunks[-1].append(run)
        else:
            hunks.append([run])
    return hunks


def _hunk(old: list[str], new: list[str], runs: list[_Run], skipped: tuple[int, int]) -> str:
    first, last = max(runs[0].start - CONTEXT, 0), runs[-1].old_end
    told, shown = [], first
    for run in runs:
        told += [f" {line}" for line in old[shown : run.start]]
        told += [f"-{line}" for line in old[run.start : run.old_end]]
        told += [f"+{line}" for line in new[run.start : run.new_end]]
        shown = run.old_end
    told += [f" {line}" for line in old[last : last + CONTEXT]]
    old_count = sum(not line.startswith("+") for line in told)
    new_count = sum(not line.startswith("-") for line in told)
    old_place, new_place = skipped[0] + first + bool(old_count), skipped[1] + first + bool(new_count)
    shown_lines = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told]
    return "".join([f"@@ -{old_place},{old_count} +{new_place},{new_count} @@\n", *shown_lines])
