"""Digests: what one channel is told about the last night; a value that every channel renders its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Finding
from driftbot.core.history import FindingLife
from driftbot.core.ladder import Level
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Rule, Severity
from driftbot.core.run import PlanApproval, Run
from driftbot.core.silence import Silence
from driftbot.core.snooze import Snooze


class Standing(StrEnum):
    """Where a finding stands for those who are told, in the order in which they should hear it.

    ``NEW`` appeared, came back or lost its waiver on the last night; ``WORSE`` moved further from what is expected (or
    its severity rose) that night; ``CHANGED`` moved, and nobody can say that it is for the worse; ``STANDING`` is as it
    was; ``UNREAD`` could not be judged; ``SNOOZED`` and ``WAIVED`` are put aside until a time; ``FIXED`` was resolved
    on the last night.
    """

    NEW = "new"
    WORSE = "worse"
    CHANGED = "changed"
    STANDING = "standing"
    UNREAD = "unread"
    SNOOZED = "snoozed"
    WAIVED = "waived"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a playbook would do about a finding: the remedy's digest and its plan's, and how far that is.

    ``told`` is the change in a line. ``missing`` is how many people still have to approve; ``held`` are the reasons
    that keep it from being done now, ``lasting`` those of them that no waiting ends: a person has to change something.
    """

    remedy: str
    plan: str
    playbook: str
    level: Level
    told: str
    approvals: tuple[PlanApproval, ...] = ()
    missing: int = 0
    held: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()

    @property
    def approvable(self) -> bool:
        """Whether approving it in a chat would count: the ladder says so, people are missing, and waiting helps."""
        return self.level is Level.APPROVE and self.missing > 0 and not self.lasting


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding for those who are told of it.

    ``owner`` is who is to be asked (empty: nobody is named); ``run`` the latest run that was for it; ``not_useful`` how
    many people did not find it useful; ``escalated`` since when its owner is asked because nobody mended it in time;
    ``woken`` when its last snooze ended, while it stands. ``rule`` is None where the rule is enabled no more.
    """

    life: FindingLife
    standing: Standing
    owner: str = ""
    rule: Rule | None = None
    offer: Offer | None = None
    run: Run | None = None
    waiver: Waiver | None = None
    snooze: Snooze | None = None
    not_useful: int = 0
    escalated: datetime | None = None
    woken: datetime | None = None

    @property
    def finding(self) -> Finding:
        """What it is about."""
        return self.life.finding

    @property
    def fingerprint(self) -> str:
        """The finding's name over its whole life."""
        return self.life.finding.fingerprint


@dataclass(frozen=True, slots=True)
class Counts:
    """How many judgements of the last night ended how, over everything (not only what the channel is told of)."""

    drift: int = 0
    unknown: int = 0
    waived: int = 0
    ok: int = 0

    @property
    def checks(self) -> int:
        """All of them."""
        return self.drift + self.unknown + self.waived + self.ok


@dataclass(frozen=True, slots=True)
class Digest:
    """What one channel is told now. Every group is sorted, entries by standing and then as in every report.

    ``night`` is the last night's ``as_of``, ``now`` when this was put together, ``next_night`` when the next one is
    expected (None where nobody told). ``exit_code`` is None where nothing was judged. ``counts`` are the estate's,
    ``entries`` the channel's. ``silences`` end soon or are overdue; ``blind`` says what could not be read, a line
    each; ``notices`` wait in the outbox for this channel. ``held_until`` is the end of the quiet hours that hold
    announcements back, None where they may go out: what stands already may be edited silently. Findings of severity
    ``held_except`` or worse are announced all the same. ``unrouted`` says what no channel is told of, a line a rule.
    ``settled`` was fixed on earlier nights: nobody is told of it anew, but a message that stands about it, because its
    channel was away or a fix was still being checked, is to say so.
    """

    channel: str
    now: datetime
    night: datetime
    exit_code: ExitCode | None
    counts: Counts
    entries: tuple[Entry, ...] = ()
    silences: tuple[Silence, ...] = ()
    blind: tuple[str, ...] = ()
    notices: tuple[OutboxNotice, ...] = ()
    held_until: datetime | None = None
    next_night: datetime | None = None
    held_except: Severity | None = None
    unrouted: tuple[str, ...] = ()
    settled: tuple[Entry, ...] = ()

    def holds_back(self, entry: Entry) -> bool:
        """Whether quiet hours keep this entry from being announced now."""
        exempt = self.held_except is not None and entry.finding.severity.rank <= self.held_except.rank
        return self.held_until is not None and not exempt

    def of(self, *standings: Standing) -> tuple[Entry, ...]:
        """The entries that stand so."""
        return tuple(entry for entry in self.entries if entry.standing in standings)
