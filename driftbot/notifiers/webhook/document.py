"""What a webhook is posted, version 1: fields are added, never renamed or dropped, within a version.

Texts are those of the estate with control characters made visible; who shows them escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "driftbot/webhook/1"
"""What ``schema`` says in every document of this shape."""


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """What a finding is about; ``id`` is ``kind:environment/name``."""

    id: str
    kind: str
    environment: str
    name: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class LessonPart:
    """What the rule was learnt from: an incident, or a reference (``incident`` is empty then)."""

    incident: str
    url: str
    summary: str


@dataclass(frozen=True, slots=True)
class OfferPart:
    """What a playbook would do: the remedy's and the plan's digest, how far it may go, and what keeps it from being
    done now.
    """

    remedy: str
    plan: str
    playbook: str
    level: str
    change: str
    approved_by: list[str]
    approvals_missing: int
    held: list[str]


@dataclass(frozen=True, slots=True)
class RunPart:
    """The latest run that was for it; ``ended`` is null while it is under way."""

    number: int
    state: str
    told: str
    started: str
    ended: str | None


@dataclass(frozen=True, slots=True)
class AsidePart:
    """Who put it aside (``waiver`` or ``snooze``), why, and until when."""

    kind: str
    by: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class ChangePart:
    """One finding as it is now, whatever was told of it before. Times are ISO 8601 with offset.

    ``standing`` is ``new``, ``worse``, ``changed``, ``standing``, ``unread``, ``snoozed``, ``waived`` or ``fixed``.
    ``escalated`` is since when its owner is asked because nobody mended it in time. ``mark`` changes with what somebody
    would act on differently: a repetition is known by fingerprint and mark.
    """

    fingerprint: str
    mark: str
    standing: str
    rule: str
    severity: str
    title: str
    subject: SubjectPart
    owner: str
    message: str
    observed: str
    expected: str
    reasons: list[str]
    why: str
    lesson: LessonPart | None
    first_seen: str
    last_seen: str
    changed: str | None
    previous: str
    resolved: str | None
    times_opened: int
    offer: OfferPart | None
    run: RunPart | None
    aside: AsidePart | None
    escalated: str | None
    not_useful: int


@dataclass(frozen=True, slots=True)
class CountsPart:
    """How many judgements of the last night ended how, over everything."""

    drift: int
    unknown: int
    waived: int
    ok: int
    checks: int


@dataclass(frozen=True, slots=True)
class SilencePart:
    """A waiver or an accepted gap that ends soon, is overdue, or otherwise needs a decision."""

    fingerprint: str
    state: str
    detail: str
    owner: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class NoticePart:
    """Something about what driftbot did that is told once; ``kind`` says why."""

    fingerprint: str
    kind: str
    title: str
    body: str
    at: str


@dataclass(frozen=True, slots=True)
class BoundedLines:
    """The first lines of a list, and how many there are."""

    lines: list[str]
    count: int


@dataclass(frozen=True, slots=True)
class Document:
    """One request: the digest as a whole, and a part of what changed since the request ``after``.

    ``after`` is the ``webhook-id`` of the last request that was accepted (empty: none was), ``following`` how many
    changes come in further requests. ``standings`` counts the channel's findings, ``gone`` are those that this channel
    has nothing more to do with: fixed unheard, routed elsewhere, or of a rule that is held no more. ``exit_code`` is 0
    (clean), 1 (blind), 2 (drift), or null where nothing was judged.
    """

    schema: str
    channel: str
    after: str
    night: str
    next_night: str | None
    exit_code: int | None
    counts: CountsPart
    standings: dict[str, int]
    changes: list[ChangePart]
    gone: list[str]
    following: int
    notices: list[NoticePart]
    silences: list[SilencePart]
    blind: BoundedLines
    unrouted: BoundedLines


def json_schema() -> dict[str, object]:
    """The JSON Schema of version 1, rendered from the types above; ``schemas/webhook.schema.json`` is this."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Document).json_schema()
    schema["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:driftbot:schema:webhook",
        **schema,
        "title": "driftbot webhook",
    }
