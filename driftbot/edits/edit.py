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

    ``line`` (from 1) is where it stands; ``diff`` is the change as a unified diff, as ``git apply`` takes it.
    """

    path: str
    start: int
    end: int
    old: bytes
    new: bytes
    line: int
    diff: str

    def apply(self, content: bytes) -> bytes:
        """The file's content after the edit.

        Raises:
            Refused: the old bytes do not stand where they are expected.
        """
        if content[self.start : self.end] != self.old:
            raise Refused(f"{self.path}:{self.line}: the file has changed, what is to be replaced stands elsewhere now")
        return content[: self.start] + self.new + content[self.end :]


def unified_diff(path: str, before: str, after: str) -> str:
    """The one run of changed lines between two texts as a unified diff; lines end with ``\\n`` or stay unended.

    Unlike ``difflib`` it takes time in proportion to the text, whatever its lines are.
    """
    old, new = before.split("\n"), after.split("\n")
    shorter = min(len(old), len(new))
    same = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    left = shorter - same
    tail = next((index for index in range(left) if old[-1 - index] != new[-1 - index]), left)
    if same == len(old) == len(new):
        return ""
    first = max(same - CONTEXT, 0)
    head = [f" {line}" for line in _shown(old, first, same)]
    changed = [f"-{line}" for line in _shown(old, same, len(old) - tail)]
    changed += [f"+{line}" for line in _shown(new, same, len(new) - tail)]
    rest = [f" {line}" for line in _shown(old, len(old) - tail, len(old) - tail + CONTEXT)]
    old_count = _count(head, rest, changed, "-")
    new_count = _count(head, rest, changed, "+")
    hunk = f"@@ -{first + 1},{old_count} +{first + 1},{new_count} @@"
    return "\n".join([f"--- a/{path}", f"+++ b/{path}", hunk, *head, *changed, *rest]) + "\n"


def _shown(lines: list[str], first: int, end: int) -> list[str]:
    """The lines of this range; the empty piece after a final newline is no line, a last line without one says so."""
    last = len(lines) - 1
    taken = lines[first : min(end, last)]
    if first <= last < end and lines[last]:
        taken = [*taken, f"{lines[last]}\n\\ No newline at end of file"]
    return taken


def _count(head: list[str], rest: list[str], changed: list[str], sign: str) -> int:
    return len(head) + len(rest) + sum(line.startswith(sign) for line in changed)
