"""A report: everything a scan has to say, as one value that every format renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.evaluation import Evaluation
from driftbot.core.exit_code import Blindness, ExitCode
from driftbot.core.finding import Verdict
from driftbot.core.rule import Rule, Severity
from driftbot.core.silence import Silence
from driftbot.core.snapshot import Unjoined
from driftbot.core.triage import Triage
from driftbot.core.upkeep import Upkeep


@dataclass(frozen=True)
class Report:
    """One scan's result. ``version`` is driftbot's own, ``notes`` are the sources' remarks.

    ``unneeded`` are gaps that hide nothing an enabled rule needs.
    """

    version: str
    triage: Triage
    evaluation: Evaluation
    exit_code: ExitCode
    fail_on: Severity = Severity.LOW
    rules: tuple[Rule, ...] = ()
    blindness: tuple[Blindness, ...] = ()
    silences: tuple[Silence, ...] = ()
    upkeep: tuple[Upkeep, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    unneeded: tuple[Gap, ...] = ()
    unjoined: tuple[Unjoined, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def as_of(self) -> datetime:
        """The time the scan is about."""
        return self.triage.as_of

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """The enabled rules by id."""
        return {rule.id: rule for rule in self.rules}

    def count(self, verdict: Verdict) -> int:
        """How many judgements ended with the verdict."""
        return sum(getattr(tally, verdict.value) for tally in self.evaluation.tallies)
