"""A selection: the part of the estate and of the rules that somebody asks about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife
from driftbot.core.rule import Rule
from driftbot.core.subject import Subject


@dataclass(frozen=True, slots=True)
class Selection:
    """Rule ids, and patterns of subjects (``workload:production/shop/*``); what is empty selects everything."""

    rules: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether anything is left out: then what was not judged must not count as gone."""
        return bool(self.rules or self.subjects)

    def rules_of(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """The rules that are asked for.

        Raises:
            Failure: a rule is asked for that is not enabled.
        """
        strangers = sorted(set(self.rules) - {rule.id for rule in rules})
        if strangers:
            raise Failure(f"no enabled rule is called {', '.join(strangers)}", "`driftbot rules list` shows them all.")
        return tuple(rule for rule in rules if not self.rules or rule.id in self.rules)

    def speaks_of(self, subject: Subject) -> bool:
        """Whether the subject is asked for, by its identity or by its name alone."""
        names = str(subject), subject.name
        return not self.subjects or any(fnmatchcase(name, glob) for glob in self.subjects for name in names)

    def lives_of(self, lives: Iterable[FindingLife]) -> tuple[FindingLife, ...]:
        """The lives of what is asked for."""
        return tuple(
            life
            for life in lives
            if (not self.rules or life.finding.rule in self.rules) and self.speaks_of(life.finding.subject)
        )
