"""Circumstances: all that guards know besides the remedies, as of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from driftbot.core.coverage import AcceptedGap, Coverage
from driftbot.core.finding import Verdict
from driftbot.core.history import Interval
from driftbot.core.key import Vocabulary
from driftbot.core.run import Run, UnreadableRun
from driftbot.core.subject import SubjectId
from driftbot.guards.ledger import Ledger
from driftbot.guards.options import GuardOptions
from driftbot.playbooks.document import PlaybookDocument


@dataclass(frozen=True, slots=True)
class Population:
    """How many subjects there are, which shares are shares of.

    ``rules`` counts what each rule judged (``Tally.selected``); ``owners`` and ``environments`` the distinct subjects
    of the kinds that are judged. What is not named has no share, and only absolute limits hold for it.
    """

    rules: Mapping[str, int] = field(default_factory=dict)
    owners: Mapping[str, int] = field(default_factory=dict)
    environments: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactCounts:
    """How many facts each source told on one night; a source that told none is not named."""

    night: datetime
    by_source: Mapping[str, int]


@dataclass(frozen=True)
class Circumstances:
    """What guards judge by. Times are timezone-aware; ``now`` is the only clock.

    ``verdicts`` are the last judgements by fingerprint, waivers applied; a finding that is not among them stands no
    more. ``playbooks`` are by id. ``runs`` are all that are not pruned, in any order, but
    for those that are ``unreadable``. ``tonight`` counts the facts of
    the night that the remedies are for, ``earlier`` those of the nights before it, in any order. ``histories`` are
    the nights of the settings that are to be changed, by subject and key, of the views declared and effective.
    ``stopped`` says who pulled the kill switch and how; empty where nobody did. ``named`` are the digests of remedies
    that a person asks for one by one, ``telling`` the actions that only tell people and change nothing.
    """

    now: datetime
    options: GuardOptions
    verdicts: Mapping[str, Verdict]
    playbooks: Mapping[str, PlaybookDocument]
    vocabulary: Vocabulary
    population: Population
    tonight: FactCounts
    runs: tuple[Run, ...] = ()
    unreadable: tuple[UnreadableRun, ...] = ()
    earlier: tuple[FactCounts, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    accepted_gaps: tuple[AcceptedGap, ...] = ()
    histories: Mapping[tuple[SubjectId, str], tuple[Interval, ...]] = field(default_factory=dict)
    stopped: str = ""
    named: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError(f"{self.now.isoformat()} names no time zone")

    @cached_property
    def ledger(self) -> Ledger:
        """What earlier runs did, by subject, setting and finding."""
        return Ledger(self.runs, self.telling)
