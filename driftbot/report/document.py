"""The JSON report's shape, version 1: fields are added, never renamed or dropped, within a version."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftbot.report.night_entries import NoticeEntry, StageEntry

SCHEMA = "driftbot/report/1"
"""What ``schema`` says in every document of this shape."""


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """What a finding is about; ``id`` is ``kind:environment/name``."""

    id: str
    kind: str
    environment: str
    name: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """A value as people read it; ``number`` and ``unit`` where it is a quantity."""

    text: str
    number: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class OriginEntry:
    """Where a value was read; line and column count from 1, 0 is not known."""

    source: str
    locator: str
    line: int
    column: int
    query: str


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """One value that the judgement rests on; ``value`` is null where it could not be read, ``note`` says why."""

    name: str
    value: ValueEntry | None
    view: str | None
    provenance: str | None
    origins: list[OriginEntry]
    note: str


@dataclass(frozen=True, slots=True)
class RecommendationEntry:
    """What a key should become; ``value`` is null where something it needs is not readable."""

    key: str
    value: ValueEntry | None
    note: str


@dataclass(frozen=True, slots=True)
class BandEntry:
    """A line with what lies around it; times are ISO 8601 in UTC, null is a value that is not known."""

    times: list[str]
    lower: list[float | None]
    middle: list[float | None]
    upper: list[float | None]


@dataclass(frozen=True, slots=True)
class FlagEntry:
    """A named moment."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """A series with what was concluded from it, thinned to what a picture shows; ``summary`` is all of it in words.

    ``baseline`` is what is usual of the series or of its peers, as ``held_against`` says; it and ``forecast`` are 80 %
    intervals; ``changes`` are change points, ``markers`` releases and settings beside them.
    """

    key: str
    unit: str
    summary: str
    times: list[str]
    values: list[float | None]
    baseline: BandEntry | None
    trend: BandEntry | None
    forecast: BandEntry | None
    limit: float | None
    changes: list[FlagEntry]
    markers: list[FlagEntry]
    held_against: str


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """What the rule was learnt from: an incident, or a reference (``incident`` is empty then)."""

    incident: str
    date: str | None
    url: str
    summary: str


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """One finding and its life. Times are ISO 8601 with offset; ``resolved`` is null while it stands.

    ``owner`` is the subject's (its label ``owner`` or ``team``); where it names none, the rule's.
    """

    fingerprint: str
    rule: str
    subject: SubjectEntry
    verdict: str
    life: str
    severity: str
    title: str
    message: str
    observed: str
    expected: str
    reasons: list[str]
    first_seen: str
    last_seen: str
    changed: str | None
    previous: str
    resolved: str | None
    times_opened: int
    news: bool
    owner: str
    lesson: LessonEntry | None
    playbook: str | None
    evidence: list[EvidenceEntry]
    recommendations: list[RecommendationEntry]
    charts: list[ChartEntry]


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """How one rule fared tonight."""

    id: str
    subjects: int
    selected: int
    ok: int
    drift: int
    unknown: int
    waived: int
    undecided: int
    never_seen: list[str]
    stopped: str


@dataclass(frozen=True, slots=True)
class BlindnessEntry:
    """Something an enabled rule needs that nobody could read; ``gap`` is the name for accepting it."""

    cause: str
    place: str
    reason: str
    gap: str


@dataclass(frozen=True, slots=True)
class SilenceEntry:
    """A waiver, an accepted gap or an approval (which never expires) that needs a decision."""

    kind: str
    fingerprint: str
    state: str
    detail: str
    owner: str
    reason: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class UpkeepEntry:
    """A rule that somebody should look at."""

    rule: str
    neglect: str
    detail: str


@dataclass(frozen=True, slots=True)
class GapEntry:
    """A place that could not be read, and why."""

    fingerprint: str
    origin: OriginEntry
    reason: str


@dataclass(frozen=True, slots=True)
class CoverageEntry:
    """What one source looked at for one kind of subject; no ``keys`` means all that the source provides."""

    source: str
    environment: str
    kind: str
    keys: list[str]
    complete: bool
    failed: bool
    gaps: list[GapEntry]


@dataclass(frozen=True, slots=True)
class UnjoinedEntry:
    """Something that could not be joined to what other sources know."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Judgements by verdict, and how many rules and judgements there were."""

    drift: int
    unknown: int
    waived: int
    ok: int
    rules: int
    judgements: int


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. ``findings`` stand or are not readable, ``resolved`` ended tonight.

    ``stages`` and ``notices`` are those of a whole night (``driftbot run``), and empty in a scan's report;
    ``exit_code`` is then the night's.
    """

    schema: str
    driftbot: str
    as_of: str
    exit_code: int
    fail_on: str
    first_night: bool
    counts: Counts
    findings: list[FindingEntry]
    resolved: list[FindingEntry]
    rules: list[RuleEntry]
    blindness: list[BlindnessEntry]
    silences: list[SilenceEntry]
    upkeep: list[UpkeepEntry]
    coverage: list[CoverageEntry]
    unjoined: list[UnjoinedEntry]
    notes: list[str]
    stages: list[StageEntry] = field(default_factory=list)
    notices: list[NoticeEntry] = field(default_factory=list)


def json_schema() -> dict[str, object]:
    """The JSON Schema of version 1, rendered from the types above; ``schemas/report.schema.json`` is this."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Document).json_schema()
    schema["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:driftbot:schema:report",
        **schema,
        "title": "driftbot report",
    }
