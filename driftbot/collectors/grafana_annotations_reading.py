"""Annotations as releases: the fields that tags and text name, and those that name nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import re2

from driftbot.collectors.collector import Context
from driftbot.collectors.grafana_annotations_server import AnnotationsServer
from driftbot.collectors.newest_markers import newest
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble
from driftbot.collectors.prometheus_series import STALE
from driftbot.collectors.release_log_entry import FIELDS, KINDS, EntryReader
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Origin
from driftbot.core.marker import MARKERS, Marker, MarkerSpan
from driftbot.core.snapshot import Reading
from driftbot.core.span import Measured, Span

SHOWN = 3
"""Examples that are told one by one."""

PASSING = {Trouble.UNREACHABLE, Trouble.BUSY, Trouble.SLOW}
"""What the next night may find mended without anybody's doing."""

LONGEST_TEXT = 2000
"""Characters of a text that are searched."""

_TAG = re.compile(r"([^:=]+)[:=](.+)", re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class AnnotationReader:
    """Reads annotations of one Grafana; ``text`` is a regular expression, ``fields`` maps our names to tags'."""

    context: Context
    url: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """Where annotations are read."""
        return Origin(self.context.source, f"{self.url}/api/annotations")

    def releases(self, entry: Any) -> Iterator[Marker | Gap]:
        """The releases that an annotation tells, or why it tells none."""
        if not isinstance(entry, dict) or not isinstance(entry.get("time"), int | float):
            yield Gap(self.origin, f"an annotation without a time: {entry!r:.120}")
            return
        told = self._told(entry)
        if not any(told.get(kind) for kind in KINDS):
            tags = ", ".join(sorted(_tags(entry)))
            yield Gap(self.origin, f"annotation {entry.get('id', '?')} ({tags}) does not say what was released")
            return
        if not told.get("version") and not told.get("commit"):
            told["version"] = _plain(entry) or f"annotation {entry.get('id', '?')}"
        reader = EntryReader(self.context.environment)
        yield from reader.markers({**told, "at": entry["time"]}, self.origin)

    def _told(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Fields by our names; a tag counts before the text."""
        found: dict[str, str] = {}
        match = re2.search(self.text, _plain(entry)[:LONGEST_TEXT]) if self.text else None
        if match is not None:
            found |= {name: value for name, value in match.groupdict().items() if value}
        ours = {self.fields.get(name, name): name for name in FIELDS}
        for tag in _tags(entry):
            parts = _TAG.fullmatch(tag)
            if parts and (name := ours.get(parts[1].strip())):
                found[name] = parts[2].strip()
        return found


def read_annotations(
    server: AnnotationsServer, reader: AnnotationReader, tags: Sequence[str], window: float, known: Span | None
) -> Reading:
    """The releases of the window (seconds); what could not be read, or names nothing, is told.

    ``known`` is what earlier nights were told: a server that is away for a night is no gap then, as what it did not
    tell yet is told once it is back.
    """
    context = reader.context
    now = context.as_of.timestamp()
    context.progress(f"asking {server.endpoint}")
    try:
        entries = server.find(int((now - window) * 1000), int(now * 1000), tags)
    except AnswerProblem as problem:
        return _away(reader, problem, known)
    told = [one for entry in entries for one in reader.releases(entry)]
    notes = list(_notes(context.source, [one.reason for one in told if isinstance(one, Gap)], len(entries)))
    markers = newest((one for one in told if isinstance(one, Marker)), context.source, notes)
    spans = {one.subject.environment for one in markers} | {context.environment}
    span = Span(now - window, now, 0.0)
    return Reading(
        coverage=(_coverage(context),),
        notes=tuple(notes),
        markers=markers,
        marked=tuple(MarkerSpan(place, context.source, now - window, now) for place in sorted(spans)),
        measured=(Measured(context.environment, MARKERS, MARKERS, context.source, span),),
    )


def _away(reader: AnnotationReader, problem: AnswerProblem, known: Span | None) -> Reading:
    """What is told of a server that did not answer as it should."""
    context = reader.context
    if known is None or problem.trouble not in PASSING or context.as_of.timestamp() - known.until > STALE:
        return Reading(coverage=(_coverage(context, Gap(reader.origin, str(problem))),))
    until = datetime.fromtimestamp(known.until, UTC)
    note = f"{context.source}: {problem}; releases since {until:%Y-%m-%d %H:%M} UTC are told once it answers"
    return Reading(coverage=(_coverage(context),), notes=(note,))


def _coverage(context: Context, *gaps: Gap) -> Coverage:
    return Coverage(context.source, context.environment, MARKERS, frozenset({MARKERS}), gaps)


def _notes(source: str, nameless: Sequence[str], count: int) -> Iterator[str]:
    if nameless:
        shown = "; ".join(sorted(nameless)[:SHOWN])
        yield (
            f"{source}: {len(nameless)} of {count} annotations are no releases that can be read: {shown}; tag them like"
            " service:checkout, or let `text` find it"
        )


def _tags(entry: Mapping[str, Any]) -> list[str]:
    tags = entry.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _plain(entry: Mapping[str, Any]) -> str:
    """The annotation's text without markup, on one line."""
    text = entry.get("text")
    return " ".join(_MARKUP.sub(" ", str(text)[: 4 * LONGEST_TEXT]).split()) if text else ""
