"""What is known around an approval without reading the estate: the last night's plans, runs, verdicts and the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from driftbot.approvals_file import load_approvals
from driftbot.chat.approving import ApprovalScene
from driftbot.chat.offered import remedies_for
from driftbot.config import Config
from driftbot.core.failure import Failure
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife
from driftbot.core.key import Vocabulary
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.notifiers.slack.workspace import Applying
from driftbot.remedies.kill_switch import kill_switch
from driftbot.store.store import Store


def approval_scene(config: Config, store: Store, life: FindingLife, applying: Applying, now: datetime) -> ApprovalScene:
    """Everything that deciding about an approval needs, as it is now.

    Only what `driftbot apply` asks again reads the estate: limits, cooldowns and steps are its own to look at.

    Raises:
        Failure: nothing was scanned yet, or the store or the approvals file cannot be read.
    """
    nights = store.nights()
    if not nights:
        raise Failure("no night was scanned yet", "Run `driftbot scan` first.")
    night = nights[-1].as_of
    plans = store.plans_of(night)
    about = tuple(remedies_for(plans, life.finding.fingerprint))
    covered = sorted({one.fingerprint for remedy in about for one in remedy.covers})
    circumstances = Circumstances(
        now=now,
        options=config.acting,
        verdicts=_verdicts(config, store, covered, now),
        playbooks={},
        vocabulary=Vocabulary(()),
        population=Population(),
        tonight=FactCounts(night, {}),
        runs=store.runs(),
        unreadable=store.unreadable_runs(),
        stopped=kill_switch(config)(),
        # Whoever presses the button names that remedy.
        named=frozenset(one.digest for one in about),
    )
    return ApprovalScene(life, plans, store.plan_approvals(), circumstances, applying)


def _verdicts(config: Config, store: Store, fingerprints: Iterable[str], now: datetime) -> Mapping[str, Verdict]:
    """The last judgement of each, waivers of now applied; what is resolved has none."""
    waivers = load_approvals(config.root).in_force(store.approvals(), store.waivers()).waivers
    waived = {one.fingerprint for one in waivers if one.holds(now)}
    lives = (store.life(one) for one in fingerprints)
    return {
        life.finding.fingerprint: Verdict.WAIVED if life.finding.fingerprint in waived else life.finding.verdict
        for life in lives
        if life is not None and life.resolved is None
    }
