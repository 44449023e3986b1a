"""What the JSON report says of a night beyond its scan: stages with their runs, and notices that wait."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunEntry:
    """Where a run stands that a stage took forward or back; ``subjects`` are what its remedy is for."""

    number: int
    remedy: str
    playbook: str
    state: str
    told: str
    started: str
    by: str
    due: str | None
    ended: str | None
    rules: list[str]
    subjects: list[str]


@dataclass(frozen=True, slots=True)
class StageEntry:
    """What one stage of a night came to; ``failed`` where it could not do its work, ``lines`` say more."""

    stage: str
    told: str
    failed: bool
    runs: list[RunEntry]
    lines: list[str]


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """Something that people are still to be told; ``kind`` says why (``notice``, ``escalated``)."""

    fingerprint: str
    kind: str
    title: str
    body: str
    at: str
