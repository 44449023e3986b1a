"""Evaluations: what all rules said about all subjects in one scan."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.finding import Finding


@dataclass(frozen=True, slots=True)
class Tally:
    """How one rule fared: subjects of its kind, selected by ``where``, and the verdicts.

    ``undecided`` are subjects of which ``where`` itself could not be judged (they count as unknown, too).
    ``never_seen`` are keys the rule names of which no subject carried a value.
    """

    rule: str
    subjects: int = 0
    selected: int = 0
    ok: int = 0
    drift: int = 0
    unknown: int = 0
    waived: int = 0
    undecided: int = 0
    never_seen: tuple[str, ...] = ()
    stopped: str = ""

    @property
    def matched_nothing(self) -> bool:
        """A rule without a subject says nothing: reported, never silently green."""
        return self.selected == 0 and self.undecided == 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Findings (drift, unknown, waived; and ok where it was watched for) in report order, and a tally a rule."""

    findings: tuple[Finding, ...] = ()
    tallies: tuple[Tally, ...] = ()

    @property
    def checks(self) -> int:
        """How many judgements were made: a verdict each for every rule and subject that the rule (perhaps) selects."""
        return sum(tally.ok + tally.drift + tally.unknown + tally.waived for tally in self.tallies)
