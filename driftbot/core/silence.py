"""Silences end: waivers and accepted gaps that are overdue, outdated, end soon, or are not needed any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from driftbot.core.coverage import AcceptedGap, Coverage
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife
from driftbot.core.triage import Triage

SOON = timedelta(days=14)
"""How long before its end a silence is announced at most (ours: two working weeks to decide)."""
_SHARE = 4
"""A waiver is announced when this part of its time is left (ours: who has just given a short one has just decided)."""
_LEAST = timedelta(days=1)
"""But no later than that before its end, so that a night tells of it."""


class SilenceState(StrEnum):
    """Where a silence stands that needs somebody's attention."""

    OVERDUE = "overdue"
    CHANGED = "changed"
    ENDS_SOON = "ends_soon"
    NOT_NEEDED = "not_needed"
    MATCHES_NOTHING = "matches_nothing"


@dataclass(frozen=True, slots=True)
class Silence:
    """A waiver, an accepted gap or an approval that needs a decision, and why."""

    excuse: Waiver | AcceptedGap | Approval
    state: SilenceState
    detail: str

    @property
    def fingerprint(self) -> str:
        """What it is about: a finding's fingerprint or a gap's; subject and key of an approval."""
        excuse = self.excuse
        return f"{excuse.subject} {excuse.key}" if isinstance(excuse, Approval) else excuse.fingerprint

    @property
    def owner(self) -> str:
        """Who answers for it."""
        return self.excuse.approved_by if isinstance(self.excuse, Approval) else self.excuse.owner

    @property
    def expires(self) -> datetime | None:
        """When it ends by itself; None for an approval, which does not."""
        return None if isinstance(self.excuse, Approval) else self.excuse.expires


def silences(
    waivers: Iterable[Waiver],
    accepted_gaps: Iterable[AcceptedGap],
    coverage: Iterable[Coverage],
    verdicts: Mapping[str, Verdict],
    triage: Triage,
) -> tuple[Silence, ...]:
    """The silences that need a decision, the overdue ones first.

    ``verdicts`` are tonight's by fingerprint, ``ok`` among them for everything waived (see ``triage.watched``).
    """
    gaps = {gap.fingerprint for entry in coverage for gap in entry.gaps}
    gone = {life.finding.fingerprint: life for life in (*triage.resolved, *triage.cleared)}
    waived = {life.finding.fingerprint: life for life in triage.waived}
    judged = [
        _waiver(waiver, verdicts, gone, waived.get(waiver.fingerprint), triage.as_of) for waiver in latest(waivers)
    ]
    judged += [_accepted(gap, gap.fingerprint in gaps, triage.as_of) for gap in accepted_gaps]
    states = list(SilenceState)
    return tuple(
        sorted(
            (silence for silence in judged if silence is not None),
            key=lambda silence: (states.index(silence.state), silence.expires or triage.as_of, silence.fingerprint),
        )
    )


def ends_soon(excuse: Waiver | AcceptedGap, at: datetime) -> bool:
    """Whether it is time to decide what comes after it; an accepted gap does not say how long it was meant to be."""
    announced = SOON
    if isinstance(excuse, Waiver):
        announced = min(SOON, max((excuse.expires - excuse.created) / _SHARE, _LEAST))
    return excuse.expires - at <= announced


def latest(waivers: Iterable[Waiver]) -> Sequence[Waiver]:
    """One waiver a finding: the one that ends last."""
    found: dict[str, Waiver] = {}
    for waiver in waivers:
        known = found.setdefault(waiver.fingerprint, waiver)
        if waiver.expires > known.expires:
            found[waiver.fingerprint] = waiver
    return tuple(found.values())


def _waiver(
    waiver: Waiver,
    verdicts: Mapping[str, Verdict],
    gone: Mapping[str, object],
    life: FindingLife | None,
    as_of: datetime,
) -> Silence | None:
    verdict = verdicts.get(waiver.fingerprint)
    if verdict is Verdict.OK:
        return Silence(waiver, SilenceState.NOT_NEEDED, "its finding is ok now")
    if waiver.fingerprint in gone:
        return Silence(waiver, SilenceState.NOT_NEEDED, "its finding is gone")
    if as_of >= waiver.expires:
        # Nothing was judged (a partial scan, a subject long gone): an ended waiver then has nothing to alarm about.
        return None if verdict is None else Silence(waiver, SilenceState.OVERDUE, "it ended and its finding stands")
    return _changed(waiver, life) or _ending(waiver, as_of)


def _changed(waiver: Waiver, life: FindingLife | None) -> Silence | None:
    """A waiver excuses what was seen when it was given; whether it means what is seen now, a person decides."""
    if life is None or life.changed is None or life.changed <= waiver.created:
        return None
    seen = f"{life.previous} → {life.finding.observed}"
    return Silence(waiver, SilenceState.CHANGED, f"changed since it was waived, on {life.changed:%Y-%m-%d}: {seen}")


def _accepted(gap: AcceptedGap, occurs: bool, as_of: datetime) -> Silence | None:
    if not occurs:
        return Silence(gap, SilenceState.NOT_NEEDED, "the gap is not there any more")
    if as_of >= gap.expires:
        return Silence(gap, SilenceState.OVERDUE, "it ended and the gap is still there")
    return _ending(gap, as_of)


def _ending(excuse: Waiver | AcceptedGap, as_of: datetime) -> Silence | None:
    if not ends_soon(excuse, as_of):
        return None
    return Silence(excuse, SilenceState.ENDS_SOON, f"it ends in {max((excuse.expires - as_of).days, 0)} days")
