"""A collector's golden case: options and files in, facts, labels, gaps and notes out; one case a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from requests import Session

from driftbot.collectors.collector import Body, Collector, Context
from driftbot.core.commit import FileHistory
from driftbot.core.fact import Fact, show
from driftbot.core.snapshot import Reading

FileEntry = str | bytes | dict[str, str]


@dataclass(frozen=True)
class FileTape:
    """Hands out the files of a case: text, bytes, or a problem."""

    entries: dict[str, FileEntry]

    def files(self, source: str, root: str, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Body]:
        del source, root, include, exclude
        for locator, entry in sorted(self.entries.items()):
            match entry:
                case dict():
                    yield Body(locator, problem=entry["problem"])
                case str():
                    yield Body(locator, entry.encode())
                case bytes():
                    yield Body(locator, entry)

    def history(self, *_: object) -> FileHistory:
        return FileHistory()

    def session(self, source: str) -> Session:
        raise AssertionError(f"{source} reads files only")


def read(collector: Collector, options: dict[str, Any], files: dict[str, FileEntry]) -> Reading:
    context = Context("source", "production", datetime(2026, 9, 1, tzinfo=UTC), FileTape(files))
    return collector.read(collector.options.model_validate(options), context)


def stated(reading: Reading) -> dict[str, Any]:
    """What a reading says, as a case writes it."""
    said = {
        "labels": {f"{fact.subject.kind} {fact.subject.name}": dict(fact.subject.labels) for fact in reading.facts},
        "facts": [line(fact) for fact in reading.facts],
        "gaps": [
            f"{' '.join((entry.kind, *sorted(entry.keys)))}: {gap.origin}: {gap.reason}"
            for entry in reading.coverage
            for gap in entry.gaps
        ],
        "failed": sorted({entry.kind for entry in reading.coverage if entry.failed}),
        "notes": list(reading.notes),
    }
    return {name: value for name, value in said.items() if value}


def line(fact: Fact) -> str:
    at = fact.origin
    place = f"{at.locator}:{at.line}:{at.column} {at.start}-{at.end}"
    return f"{fact.subject.kind} {fact.subject.name} {fact.key} = {show(fact.value)} | {fact.provenance} | {place}"
