"""Upkeep: rules that say nothing, were stopped, or are due for review; reported, never silently green."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from driftbot.core.evaluation import Tally
from driftbot.core.key import Delivery, Vocabulary
from driftbot.core.rule import Rule


class Neglect(StrEnum):
    """What is the matter with a rule."""

    STOPPED = "stopped"
    MATCHED_NOTHING = "matched_nothing"
    NEVER_SEEN = "never_seen"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """A rule that somebody should look at, and why."""

    rule: str
    neglect: Neglect
    detail: str


def upkeep(
    rules: Sequence[Rule], tallies: Iterable[Tally], today: date, vocabulary: Vocabulary | None = None
) -> tuple[Upkeep, ...]:
    """What is the matter with the rules themselves, the worst first.

    A key that is derived or asked for on demand may be stated only where there is something to say: that nothing
    carries it is no neglect.
    """
    by_id = {rule.id: rule for rule in rules}
    found = [note for tally in tallies for note in _of_tally(tally, by_id.get(tally.rule), vocabulary)]
    found += [
        Upkeep(rule.id, Neglect.STALE, f"its review was due on {rule.review_by}; ask {rule.owner}")
        for rule in rules
        if rule.review_by is not None and rule.review_by < today
    ]
    kinds = list(Neglect)
    return tuple(sorted(found, key=lambda note: (kinds.index(note.neglect), note.rule)))


def _of_tally(tally: Tally, rule: Rule | None, vocabulary: Vocabulary | None) -> Iterable[Upkeep]:
    if tally.stopped:
        yield Upkeep(tally.rule, Neglect.STOPPED, tally.stopped)
        return
    if tally.matched_nothing:
        kind = rule.for_each if rule else "subject"
        where = f"its where selects none of {tally.subjects}" if tally.subjects else f"no source knows any {kind}"
        yield Upkeep(tally.rule, Neglect.MATCHED_NOTHING, where)
    missing = [key for key in tally.never_seen if _is_due(rule, key, vocabulary)]
    if missing:
        yield Upkeep(tally.rule, Neglect.NEVER_SEEN, f"nothing carries {', '.join(missing)}")


def _is_due(rule: Rule | None, name: str, vocabulary: Vocabulary | None) -> bool:
    key = vocabulary.find(rule.for_each, name) if rule and vocabulary else None
    return key is None or key.delivery is Delivery.INVENTORY
