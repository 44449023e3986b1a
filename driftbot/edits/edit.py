"""An edit: bytes of one file and what stands there instead; and why there is none."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXT = 3
"""Lines of a diff before and after the changed ones, as git and ``diff -u`` show."""


class Refused(Exception):
    """The edit is not made; ``reason`` says why, with the place, and what a person can do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` at the bytes ``start`` to ``end`` (exclusive) of ``path`` becomes ``new``.

    ``line`` (from 1) is where it stands; ``diff`` is the change as a unified diff, as ``git apply`` takes it, of the
    text that the file's bytes are in ``encoding``.
    """

    path: str
    start: int
    end: int
    old: bytes
    new: bytes
    line: int
    diff: str
    encoding: str = "utf-8"

    def apply(self, content: bytes) -> bytes:
        """The file's content after the edit.

        Raises:
            Refused: the old bytes do not stand where they are expected.
        """
        if content[self.start : self.end] != self.old:
            raise Refused(f"{self.path}:{self.line}: the file has changed, what is to be replaced stands elsewhere now")
        return content[: self.start] + self.new + content[self.end :]


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
    old, new = before.split("\n"), after.split("\n")
    hunks = _hunks(_runs(old, new))
    return "".join([f"--- a/{path}\n+++ b/{path}\n", *(_hunk(old, new, runs) for runs in hunks)]) if hunks else ""


def _runs(old: list[str], new: list[str]) -> list[_Run]:
    """The runs of changed lines, apart from each other by equal ones."""
    if len(old) != len(new):
        shorter = min(len(old), len(new))
        same = next((index for index in range(shorter) if old[index] != new[index]), shorter)
        left = shorter - same
        tail = next((index for index in range(left) if old[-1 - index] != new[-1 - index]), left)
        return [_Run(same, len(old) - tail, len(new) - tail)]
    changed = [index for index, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
    starts = [index for number, index in enumerate(changed) if not number or changed[number - 1] < index - 1]
    ends = [index + 1 for number, index in enumerate(changed) if changed[number + 1 : number + 2] != [index + 1]]
    return [_Run(start, end, end) for start, end in zip(starts, ends, strict=True)]


def _hunks(runs: list[_Run]) -> list[list[_Run]]:
    """The runs whose context meets, together."""
    hunks: list[list[_Run]] = []
    for run in runs:
        if hunks and run.start - hunks[-1][-1].old_end <= 2 * CONTEXT:
            hunks[-1].append(run)
        else:
            hunks.append([run])
    return hunks


def _hunk(old: list[str], new: list[str], runs: list[_Run]) -> str:
    first, last = max(runs[0].start - CONTEXT, 0), runs[-1].old_end
    told, shown = [], first
    for run in runs:
        told += [f" {line}" for line in _shown(old, shown, run.start)]
        told += [f"-{line}" for line in _shown(old, run.start, run.old_end)]
        told += [f"+{line}" for line in _shown(new, run.start, run.new_end)]
        shown = run.old_end
    told += [f" {line}" for line in _shown(old, last, last + CONTEXT)]
    old_count = sum(not line.startswith("+") for line in told)
    new_count = sum(not line.startswith("-") for line in told)
    return "\n".join([f"@@ -{first + 1},{old_count} +{first + 1},{new_count} @@", *told]) + "\n"


def _shown(lines: list[str], first: int, end: int) -> list[str]:
    """The lines of this range; the empty piece after a final newline is no line, a last line without one says so."""
    last = len(lines) - 1
    taken = lines[first : min(end, last)]
    if first <= last < end and lines[last]:
        taken = [*taken, f"{lines[last]}\n\\ No newline at end of file"]
    return taken
