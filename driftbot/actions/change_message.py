"""The message of a commit: what changes and why, the incident, the evidence, the arithmetic, and the way back. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from driftbot.actions.action import Occasion
from driftbot.core.harmless import harmless
from driftbot.core.remedy import ValueChange
from driftbot.forges.markdown import plain_line

WIDTH = 72
"""Characters of a line, as git's own documentation advises."""

_MOST_TOLD = 20
_LONGEST = 400


def subject_line(occasions: Sequence[Occasion], changes: Sequence[ValueChange]) -> str:
    """The first line: the values of one subject, else how many are changed for which rule."""
    playbook = occasions[0].playbook
    if len(occasions) > 1:
        told = f"{playbook}: {len(occasions)} findings of {occasions[0].rule.id}"
    else:
        told = f"{playbook}: {_values(changes)} of {occasions[0].finding.subject.name}"
    return plain_line(told, WIDTH)


def change_message(occasions: Sequence[Occasion], changes: Sequence[ValueChange]) -> str:
    """The whole message; what the estate, a server or a rule says is one line each, and nothing in it is obeyed.

    A forge closes issues and pings people by what a message says.
    """
    first = occasions[0]
    paragraphs = [
        subject_line(occasions, changes),
        _wrapped(f"{first.rule.title}. {first.rule.why}"),
        "\n".join(_lesson(first)),
        *("\n".join(_finding(one)) for one in occasions[:_MOST_TOLD]),
    ]
    if len(occasions) > _MOST_TOLD:
        paragraphs.append(f"… and {len(occasions) - _MOST_TOLD} findings more")
    paragraphs.append("\n".join(_changed(changes)))
    paragraphs.append(
        "To take it back: driftbot undo RUN (driftbot runs shows its number),\nor git revert once it is merged."
    )
    paragraphs.append("\n".join(f"Driftbot-Fingerprint: {one.covered.fingerprint}" for one in occasions))
    return "\n\n".join(paragraphs)


def way_back_message(message: str, branch: str, changes: Sequence[ValueChange]) -> str:
    """The message of the commit that takes back what the one with ``message`` brought by ``branch``."""
    subject, *_, trailers = message.split("\n\n")
    reversed_ones = [replace(one, before=one.after, after=one.before or "nothing") for one in changes]
    paragraphs = [
        f"Take back: {subject}",
        _wrapped(
            f"{branch} brought the change, and it was merged. The run is being undone: it did not help, a later step"
            " failed, or somebody asked for it. driftbot runs list shows the run, driftbot runs show tells why."
        ),
        "\n".join(_changed(reversed_ones)),
        trailers,
    ]
    return "\n\n".join(filter(None, paragraphs))


def _lesson(occasion: Occasion) -> Iterator[str]:
    rule, lesson = occasion.rule, occasion.rule.lesson
    yield _line(f"Rule: {rule.id} ({rule.severity}, {rule.owner})")
    if lesson.incident:
        yield _line(f"Incident: {lesson.incident}: {lesson.summary}")
    else:
        yield _line(f"Reference: {lesson.summary}")
    yield f"  {harmless(lesson.url)}"


def _finding(occasion: Occasion) -> Iterator[str]:
    covered = occasion.covered
    yield _line(f"Finding: {covered.subject}: {covered.message}")
    if covered.observed:
        yield _line(f"  observed: {covered.observed}")
    if covered.expected:
        yield _line(f"  expected: {covered.expected}")
    for line in covered.evidence:
        yield _line(f"  - {line}")


def _changed(changes: Sequence[ValueChange]) -> Iterator[str]:
    for change in changes[:_MOST_TOLD]:
        yield _line(f"Change: {change.key} of {change.subject}: {change.before or 'nothing'} -> {change.after}")
    if len(changes) > _MOST_TOLD:
        yield f"… and {len(changes) - _MOST_TOLD} changes more"


def _values(changes: Sequence[ValueChange]) -> str:
    if not changes:
        return "a change"
    first, more = changes[0], len(changes) - 1
    told = f"{first.key} {first.before} -> {first.after}" if first.before else f"add {first.key}"
    return f"{told} and {more} more" if more else told


def _line(text: str) -> str:
    """The text as one harmless line; an indented one stays indented."""
    inner = text.lstrip()
    return f"{text[: len(text) - len(inner)]}{plain_line(inner, _LONGEST)}"


def _wrapped(text: str) -> str:
    return textwrap.fill(plain_line(text, 2_000), WIDTH)
