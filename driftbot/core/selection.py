"""A selection: the part of the estate and of the rules that somebody asks about."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from driftbot.core.evaluation import Tally
from driftbot.core.failure import Failure
from driftbot.core.graph import CALL_KIND, walk
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

    def subjects_of(self, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
        """The subjects that are asked for, of those that are known (paths are drawn from their calls).

        Raises:
            Failure: a pattern matches none of them, so that nothing would be judged and nothing found.
        """
        if not self.subjects:
            return tuple(subjects)
        paths = (path.subject for path in walk(subject for subject in subjects if subject.kind == CALL_KIND).paths)
        known = (*subjects, *paths)
        for glob in self.subjects:
            if not any(fnmatchcase(name, glob) for subject in known for name in (str(subject), subject.name)):
                raise Failure(f"no subject matches {glob!r}", _nearest(glob, known))
        return tuple(subject for subject in known if self.speaks_of(subject))

    def tallies_of(self, tallies: Iterable[Tally]) -> tuple[Tally, ...]:
        """The tallies that say something about their rules: who selects none of a few subjects may select others."""
        return tuple(tally for tally in tallies if not self.subjects or tally.stopped or not tally.matched_nothing)

    def lives_of(self, lives: Iterable[FindingLife]) -> tuple[FindingLife, ...]:
        """The lives of what is asked for."""
        return tuple(
            life
            for life in lives
            if (not self.rules or life.finding.rule in self.rules) and self.speaks_of(life.finding.subject)
        )


def _nearest(glob: str, known: Sequence[Subject]) -> str:
    names = {name: str(subject) for subject in known for name in (str(subject), subject.name)}
    near = difflib.get_close_matches(glob.replace("*", ""), names, n=5, cutoff=0.4)
    listed = ", ".join(dict.fromkeys(names[name] for name in near))
    return f"The nearest: {listed}" if listed else "Write kind:environment/name; * stands for any characters."
