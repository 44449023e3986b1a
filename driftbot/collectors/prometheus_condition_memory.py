"""What earlier nights found of conditions: which verdicts still stand, and whose turn it is tonight. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from driftbot.collectors.prometheus_condition_facts import ASKED, EVIDENCE, MEASURED_AT, SAID_OF_FIT, TRIED_AT, VERDICT
from driftbot.collectors.prometheus_condition_plan import Question
from driftbot.core.fact import Fact, Value
from driftbot.core.subject import SubjectId
from driftbot.detectors.fit.threshold_fit import Verdict

KEPT = timedelta(days=14)
"""How long a verdict stands without being measured again (ours): half a month says what the month before it said."""

RENEWED = timedelta(days=7)
"""How far a standing verdict stands back behind what has none (ours): half of what it is kept for, so that whatever
cannot be settled, however much of it there is, never keeps a verdict from being renewed in time."""

RESTS = timedelta(days=4)
"""How long a quiet threshold, or one without data, is not asked again, and up to three days more by its name (ours):
what pages nobody need not be measured every night on somebody's server, and not all of it on one night."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store knows of a question that was asked before as it is asked today.

    ``measured_at`` is when the samples were measured of which ``facts`` tell, ``tried_at`` when it was last asked and
    brought nothing; None where that never was.
    """

    measured_at: datetime | None = None
    tried_at: datetime | None = None
    facts: tuple[Fact, ...] = ()

    def stands(self, now: datetime) -> bool:
        """Whether what was measured still counts."""
        return self.measured_at is not None and now - self.measured_at <= KEPT

    def rests(self, subject: SubjectId, now: datetime) -> bool:
        """Whether nothing is asked tonight because of what was found some nights ago."""
        resting = any(fact.key == VERDICT and fact.value in _AT_REST for fact in self.facts)
        spread = timedelta(days=crc32(str(subject).encode("utf-8", "surrogatepass")) % 4)
        return resting and self.measured_at is not None and now - self.measured_at < RESTS + spread

    @property
    def last_asked(self) -> datetime:
        """When it was last asked, whatever came of it."""
        return max(self.measured_at or LONG_AGO, self.tried_at or LONG_AGO)

    def due(self, now: datetime) -> datetime:
        """What turns are sorted by: when it was last asked, later where a verdict stands."""
        return self.last_asked + RENEWED if self.stands(now) else self.last_asked

    def kept(self, now: datetime, tried_at: datetime | None) -> Remembered:
        """What is still to be remembered on a night that brought no verdict; ``tried_at`` if it was asked in vain."""
        last = max(self.last_asked, tried_at or LONG_AGO)
        if self.stands(now):
            return replace(self, tried_at=tried_at or self.tried_at)
        return NOTHING if last == LONG_AGO else Remembered(tried_at=last)

    def restated(self) -> Iterator[Fact]:
        """What was found, unchanged, but that its evidence tells when."""
        for fact in self.facts:
            told = f"; measured on {self.measured_at:%Y-%m-%d}"
            dated = fact.key == EVIDENCE and not str(fact.value).endswith(told)
            yield replace(fact, value=f"{fact.value}{told}") if dated else fact

    def said_of(self, question: Question) -> Iterator[tuple[str, Value]]:
        """What is stated so that another night remembers it."""
        if self.measured_at is not None:
            yield MEASURED_AT, self.measured_at
        if self.tried_at is not None:
            yield TRIED_AT, self.tried_at
        if self.last_asked != LONG_AGO:
            yield ASKED, question.asked


NOTHING = Remembered()
_AT_REST = frozenset({Verdict.FITS, Verdict.NEVER_REACHED, Verdict.NO_DATA})
"""What is quiet, and what has no data: that its metric came back is noticed some nights later.

Between fitting and out of reach a few samples decide, so that a threshold near that line would change sides each night.
"""


def remembered(
    known: Iterable[Fact], questions: Iterable[Question], source: str, now: datetime
) -> dict[SubjectId, Remembered]:
    """What is remembered of each question, by the facts that stand; nothing of one that asks something else today.

    What another server measured last for the same question counts as if the source had: of a pair one speaks, and only
    that one's word is in the store. Nothing counts of what came after ``now``, which a look at the past must not know.
    """
    said: dict[SubjectId, dict[str, dict[str, Fact]]] = defaultdict(lambda: defaultdict(dict))
    for fact in known:
        said[fact.subject.id][fact.origin.source][fact.key] = fact
    return {
        question.subject.id: _remembered(question, said[question.subject.id], source, now)
        for question in questions
        if question.subject.id in said
    }


def _remembered(question: Question, voices: Mapping[str, Mapping[str, Fact]], source: str, now: datetime) -> Remembered:
    found = [(_of_voice(question, said, source), name == source) for name, said in sorted(voices.items())]
    known = [(one, own) for one, own in found if one.last_asked <= now]
    return max(known, key=lambda one: (one[0].measured_at or LONG_AGO, one[1]), default=(NOTHING, True))[0]


def _of_voice(question: Question, said: Mapping[str, Fact], source: str) -> Remembered:
    if ASKED not in said or said[ASKED].value != question.asked:
        return NOTHING
    measured_at = _instant(said, MEASURED_AT)
    told = (said[key].about(question.subject) for key in SAID_OF_FIT if key in said and measured_at)
    facts = tuple(replace(fact, origin=replace(fact.origin, source=source)) for fact in told)
    return Remembered(measured_at, _instant(said, TRIED_AT), facts)


def _instant(said: Mapping[str, Fact], key: str) -> datetime | None:
    value = said[key].value if key in said else None
    return value if isinstance(value, datetime) else None


def in_turn(questions: Iterable[Question], memory: Mapping[SubjectId, Remembered], now: datetime) -> Sequence[Question]:
    """The questions, first those never asked, then those asked longest ago; a standing verdict counts as younger.

    What was quiet some nights ago rests. Whatever was asked in vain goes to the end of the queue as well: what no
    budget settles holds up nobody.
    """
    awake = (one for one in questions if not memory.get(one.subject.id, NOTHING).rests(one.subject.id, now))
    return sorted(awake, key=lambda one: (memory.get(one.subject.id, NOTHING).due(now), one.subject))
