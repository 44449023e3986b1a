"""What a request or an issue says: what changes and why, what it rests on, what was proved, and the way back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.actions.action import Occasion
from driftbot.core.harmless import harmless
from driftbot.core.remedy import ValueChange
from driftbot.forges.markdown import cell, code_block, code_span, literal

_MOST_TOLD = 50

CONTRACT = (
    "Every file was read again after the edit: exactly the values above differ, and all other bytes are as they were. "
    "Comments, quotes, units and line ends are the author's."
)
"""What the edit is proved to be (see ``driftbot.edits``)."""


def request_body(occasions: Sequence[Occasion], changes: Sequence[ValueChange], diff: str) -> str:
    """The body of a request for findings that one change mends together (one at least), as Markdown."""
    first = occasions[0]
    parts = [
        f"{literal(first.rule.title)}: what the lesson asks for has been forgotten here, and this change restores it.",
        *_changes(changes),
        *_lesson(first),
        *_findings(occasions),
        "### The change",
        code_block(diff, "diff"),
        CONTRACT,
        *_risk(first.risk),
        "### If you disagree",
        "Close this request: driftbot respects that and does not open another while the finding is the same. Commits "
        "that you add to the branch are never overwritten. Once it is merged, driftbot measures again; `driftbot undo "
        "RUN` (`driftbot runs` shows its number) or reverting the merge takes it back.",
    ]
    return "\n\n".join(parts)


def notice_body(occasions: Sequence[Occasion], note: str) -> str:
    """The body of an issue about findings that nothing is changed for (one at least), as Markdown."""
    first = occasions[0]
    parts = [
        f"{literal(first.rule.title)}: what the lesson asks for has been forgotten here.",
        *([literal(note)] if note else []),
        *_lesson(first),
        *_findings(occasions),
        *_risk(first.risk),
        "### If you disagree",
        "Close this issue: driftbot respects that. `driftbot explain "
        f"{first.covered.fingerprint}` shows all that it rests on, `driftbot waive` silences it for a time.",
    ]
    return "\n\n".join(parts)


def notice_text(occasions: Sequence[Occasion], note: str) -> str:
    """The same as plain lines, for channels that know no Markdown."""
    rule = occasions[0].rule
    lines = [harmless(note)] if note else []
    for one in occasions[:_MOST_TOLD]:
        covered = one.covered
        lines.append(f"{harmless(str(covered.subject))}: {harmless(covered.message)}")
        lines += [f"  observed {harmless(covered.observed)}"] if covered.observed else []
        lines += [f"  expected {harmless(covered.expected)}"] if covered.expected else []
        lines.append(f"  driftbot explain {covered.fingerprint}")
    if len(occasions) > _MOST_TOLD:
        lines.append(f"… and {len(occasions) - _MOST_TOLD} findings more")
    source = f"incident {rule.lesson.incident}" if rule.lesson.incident else "reference"
    lines.append(f"{harmless(source)}: {harmless(rule.lesson.url)}")
    return "\n".join(lines)


def _changes(changes: Sequence[ValueChange]) -> Iterator[str]:
    rows = [
        f"| {cell(str(one.subject))} | {cell(one.key)} | {cell(one.before or 'nothing')} | {cell(one.after)} |"
        for one in changes[:_MOST_TOLD]
    ]
    if rows:
        yield "\n".join(["| of | key | before | after |", "| --- | --- | --- | --- |", *rows])
    if len(changes) > _MOST_TOLD:
        yield f"… and {len(changes) - _MOST_TOLD} more, all in the diff."


def _lesson(occasion: Occasion) -> Iterator[str]:
    rule, lesson = occasion.rule, occasion.rule.lesson
    yield "### Why"
    yield literal(rule.why)
    source = f"Incident {code_span(lesson.incident)}" if lesson.incident else "Reference"
    link = f" {lesson.url}" if _is_link(lesson.url) else ""
    yield f"{source}: {literal(lesson.summary)}{link}"
    yield f"Rule {code_span(rule.id)}, severity {rule.severity}, owner {code_span(rule.owner)}."


def _findings(occasions: Sequence[Occasion]) -> Iterator[str]:
    yield "### What it rests on"
    for one in occasions[:_MOST_TOLD]:
        covered = one.covered
        lines = [f"- {code_span(str(covered.subject))}: {literal(covered.message)}"]
        lines += [f"  - observed: {code_span(covered.observed)}"] if covered.observed else []
        lines += [f"  - expected: {code_span(covered.expected)}"] if covered.expected else []
        lines += [f"  - {code_span(line)}" for line in covered.evidence]
        lines.append(f"  - finding {code_span(covered.fingerprint)}")
        yield "\n".join(lines)
    if len(occasions) > _MOST_TOLD:
        yield f"… and {len(occasions) - _MOST_TOLD} findings more."


def _risk(risk: str) -> Iterator[str]:
    if risk:
        yield "### Risk"
        yield literal(risk)


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not set(url) & set("<> \n\t\"'`")
