"""Release log: a file that a pipeline appends to, an entry a release: what, which version, when, from which commit.

JSON lines, CSV with a line of names, or YAML, by the file's suffix::

    {"service": "checkout", "version": "2.4.1", "at": "2026-03-01T14:05:00Z", "commit": "3f2a91c"}

``service``, ``workload`` (``namespace/name``) or ``job`` say what was released, ``environment`` where, if not in the
source's; ``at`` is ISO 8601 with its offset, or seconds or milliseconds since 1970. Other fields are the pipeline's
own. Every error is told with its line, and the other entries count. A last line that is still being written is left
for the next night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from pydantic import Field, field_validator

from driftbot.collectors.collector import Body, Collector, Context, Options
from driftbot.collectors.newest_markers import newest
from driftbot.collectors.release_log_entry import FIELDS, EntryReader
from driftbot.collectors.release_log_rows import read_rows
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Origin
from driftbot.core.marker import MARKERS, Marker, MarkerSpan
from driftbot.core.snapshot import Reading

SHOWN = 50
"""Errors of one file that are told one by one."""

AHEAD = 300.0
"""Seconds by which an entry may lie in the future before the clocks are said to differ."""

BACK = 3600.0
"""Seconds by which an entry may be older than the one before it before the clocks are said to differ.

Ours: pipelines that run at once append in any order, but a time zone that was forgotten is off by an hour at least.
"""


class ReleaseLogOptions(Options):
    """Where the log is, and what its fields are called."""

    path: str = Field(description="the log, or a folder of logs, relative to driftbot.yaml")
    include: tuple[str, ...] = Field(
        ("*.jsonl", "*.ndjson", "*.json", "*.csv", "*.tsv", "*.yaml", "*.yml"),
        description="patterns of files to read where the path is a folder, as in .gitignore",
    )
    exclude: tuple[str, ...] = Field((), description="patterns of files and folders to leave out, as in .gitignore")
    fields: Mapping[str, str] = Field(
        default={},
        description=f"what the log calls a field, where it is not our name for it: {{at: finished_at}};"
        f" ours are {', '.join(FIELDS)}",
    )

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: Mapping[str, str]) -> Mapping[str, str]:
        unknown = sorted(set(fields) - set(FIELDS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no field of an entry; known are {', '.join(FIELDS)}")
        return fields


@dataclass(slots=True)
class _Log:
    """One reading under way."""

    context: Context
    reader: EntryReader
    markers: list[Marker] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0
    whole: bool = True

    def take(self, body: Body) -> None:
        """Read one file: its releases, its errors, and what its times tell about clocks."""
        self.files += 1
        if body.problem:
            self.gaps.append(Gap(Origin(self.context.source, body.locator), body.problem))
            return
        rows = read_rows(body.content, self.context.source, body.locator)
        read = [told for row in rows.rows for told in self.reader.markers(row.fields, row.origin)]
        markers = [told for told in read if isinstance(told, Marker)]
        gaps = sorted([*rows.gaps, *(told for told in read if isinstance(told, Gap))], key=lambda gap: gap.origin)
        half = [gap for gap in gaps if rows.open_line and gap.origin.line >= rows.open_line]
        self._complain([gap for gap in gaps if gap not in half])
        if half:
            self.whole = False
            why = "the last entry has no end of line and is probably still being written; the next night reads it"
            self.notes.append(f"{half[0].origin}: {why} ({half[0].reason})")
        self.markers += markers
        self.notes += _clocks(markers, self.context.as_of.timestamp())

    def _complain(self, gaps: Sequence[Gap]) -> None:
        self.gaps += gaps[:SHOWN]
        if len(gaps) > SHOWN:
            self.gaps.append(Gap(gaps[SHOWN].origin, f"{len(gaps) - SHOWN:,} more entries could not be read"))

    def reading(self) -> Reading:
        """What was read; where nothing is missing, that these are all releases since the oldest one."""
        context = self.context
        coverage = Coverage(
            context.source, context.environment, MARKERS, frozenset({MARKERS}), tuple(dict.fromkeys(self.gaps))
        )
        markers = newest(self.markers, context.source, self.notes)
        spans = tuple(self._spans(markers)) if self.whole and not self.gaps else ()
        return Reading(coverage=(coverage,), notes=tuple(self.notes), markers=markers, marked=spans)

    def _spans(self, markers: Sequence[Marker]) -> Iterator[MarkerSpan]:
        now = self.context.as_of.timestamp()
        for environment in sorted({marker.subject.environment for marker in markers}):
            oldest = min(marker.at for marker in markers if marker.subject.environment == environment)
            yield MarkerSpan(environment, self.context.source, oldest, max(oldest, now))


def read(options: ReleaseLogOptions, context: Context) -> Reading:
    """All releases of the log; nothing at its place is a gap, as a misspelt path looks the same."""
    log = _Log(context, EntryReader(context.environment, options.fields))
    for body in context.files(options.path, options.include, options.exclude):
        log.take(body)
    if not log.files:
        log.gaps.append(
            Gap(Origin(context.source, options.path), "no release log is there; check `path` and `include`")
        )
    return log.reading()


def _clocks(markers: Sequence[Marker], now: float) -> Iterator[str]:
    """What a person should know about the times of one file."""
    late = [marker for marker in markers if marker.at > now + AHEAD]
    if late:
        first = late[0]
        yield (
            f"{first.origin}: {first} of {first.subject} lies in the future ({_time(first.at)}),"
            f" {len(late)} in all; such releases count from then on: check the clock and the time zone of the pipeline"
        )
    back = [(one, two) for one, two in pairwise(markers) if two.at < one.at - BACK]
    if back:
        one, two = back[0]
        yield (
            f"{two.origin}: its time ({_time(two.at)}) lies before that of the entry before it ({_time(one.at)}),"
            f" {len(back)} in all: do the pipelines' clocks and time zones agree?"
        )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _keys(_options: ReleaseLogOptions | None = None) -> tuple[()]:
    """Releases are no facts: rules speak of them through measures of series."""
    return ()


collector = Collector("release_log", ReleaseLogOptions, _keys, read)
