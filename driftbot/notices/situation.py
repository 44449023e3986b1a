"""The situation: everything that is known now about the last night, before anybody is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from driftbot.core.digest import Counts, Offer
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.finding import Finding
from driftbot.core.history import FindingLife
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Rule
from driftbot.core.run import Run
from driftbot.core.silence import Silence
from driftbot.core.snooze import Snooze


@dataclass(frozen=True, slots=True)
class Situation:
    """The last night, whose ``as_of`` is ``night``, and what people decided since; all mappings are by fingerprint.

    ``lives`` stood that night or were resolved by it, in report order. ``before`` is what was last known of a finding
    before that night, where the night learned something else; ``reopened`` since when one stands that came back.
    ``waivers`` are those that were given last, ended ones too. ``silences`` are the ones that need a decision.
    ``told_of`` are the findings that notices are about and that are not among ``lives``. ``settled`` are the lives of
    drift that earlier nights resolved, not long ago.
    """

    now: datetime
    night: datetime
    exit_code: ExitCode | None = None
    counts: Counts = field(default_factory=Counts)
    lives: tuple[FindingLife, ...] = ()
    settled: tuple[FindingLife, ...] = ()
    before: Mapping[str, Finding] = field(default_factory=dict)
    reopened: Mapping[str, datetime] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    snoozes: Mapping[str, Snooze] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    not_useful: Mapping[str, int] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    blind: tuple[str, ...] = ()
    notices: tuple[OutboxNotice, ...] = ()
    told_of: Mapping[str, Finding] = field(default_factory=dict)
    next_night: datetime | None = None
