"""Golden cases of collectors of documents: one text file a case, with the files read and what they must become.

A case begins with the sentence that it shows. ``== file <path>`` opens a file; ``== options`` holds the source's
options as YAML; ``== facts [globs]`` the facts whose ``kind:key`` matches a glob, one a line; ``== labels [kinds]`` the
subjects' labels; ``== markers`` the markers; ``== gaps`` the gaps of each kind of subject; ``== notes`` the notes. A
fact shows the very bytes it stands in.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from driftbot.collectors.collector import Body, Collector, Context
from driftbot.core.commit import FileHistory
from driftbot.core.fact import Fact, show
from driftbot.core.marker import Marker
from driftbot.core.snapshot import Reading

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
_HEADING = re.compile(r"^== (\w+) ?(.*)\n", re.MULTILINE)


@dataclass(slots=True)
class Case:
    """A case: files by path, options, and the expected lines by heading."""

    title: str
    files: dict[str, bytes] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    expected: dict[tuple[str, str], list[str]] = field(default_factory=dict)


class Shelf:
    """A tape that holds the files of a case."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def files(self, *_: object) -> Iterator[Body]:
        for locator, content in sorted(self._files.items()):
            yield Body(locator, content)

    def history(self, *_: object) -> FileHistory:
        return FileHistory()

    def session(self, *_: object) -> object:
        raise AssertionError("files need no session")


def read_case(path: Path) -> Case:
    title, *parts = _HEADING.split(path.read_text(encoding="utf-8"))
    case = Case(title.strip())
    for heading, argument, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if heading == "file":
            case.files[argument] = body.encode()
        elif heading == "options":
            case.options = yaml.safe_load(body)
        else:
            case.expected[heading, argument] = body.splitlines()
    return case


def run(case: Case, collector: Collector) -> Reading:
    options = collector.options(**{"path": ".", **case.options})
    return collector.read(options, Context("source", "production", AS_OF, Shelf(case.files)))  # type: ignore[arg-type]


def shown(case: Case, reading: Reading, heading: str, argument: str) -> list[str]:
    match heading:
        case "facts":
            return [_fact(fact, case.files) for fact in reading.facts if _wanted(fact, argument.split())]
        case "labels":
            return sorted({_labels(fact) for fact in reading.facts if _kind_wanted(fact, argument.split())})
        case "gaps":
            gaps = {(gap.origin, gap.reason): [] for entry in reading.coverage for gap in entry.gaps}
            for entry in reading.coverage:
                for gap in entry.gaps:
                    gaps[gap.origin, gap.reason].append(entry.kind)
            return [f"{origin} [{' '.join(kinds)}] {reason}" for (origin, reason), kinds in sorted(gaps.items())]
        case "markers":
            return [_marker(marker) for marker in reading.markers]
        case "notes":
            return list(reading.notes)
    raise AssertionError(f"== {heading} is no heading of a case")


def _marker(marker: Marker) -> str:
    at = datetime.fromtimestamp(marker.at, UTC).isoformat()
    return f"{at} {marker.subject} {marker} at {marker.origin}"


def _wanted(fact: Fact, globs: Iterable[str]) -> bool:
    kinds = [glob.partition(":") for glob in globs or ["*:*"]]
    return any(fnmatchcase(fact.subject.kind, kind) and fnmatchcase(fact.key, key or "*") for kind, _, key in kinds)


def _kind_wanted(fact: Fact, kinds: list[str]) -> bool:
    return not kinds or fact.subject.kind in kinds


def _labels(fact: Fact) -> str:
    labels = ", ".join(f"{name}={value}" for name, value in fact.subject.labels)
    return f"{fact.subject.kind} {fact.subject.name} {{{labels}}}"


def _fact(fact: Fact, files: dict[str, bytes]) -> str:
    origin = fact.origin
    written = files[origin.locator][origin.start : origin.end].decode()
    span = f"`{written}`" if "\n" not in written and len(written) <= 50 else "a block"
    subject = f"{fact.subject.kind} {fact.subject.name}"
    if fact.subject.environment != "production":
        subject = f"{fact.subject.environment} {subject}"
    return f"{subject} {fact.key} = {show(fact.value)} ({fact.provenance}) at {origin} {span}"
