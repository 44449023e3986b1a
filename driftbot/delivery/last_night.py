"""The last night as channels are to be told of it: read from the store, the configuration and what people decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from driftbot.approvals_file import load_approvals
from driftbot.config import Config
from driftbot.core.digest import Counts
from driftbot.core.evaluation import Tally
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.failure import Failure
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife
from driftbot.core.rule import Rule
from driftbot.core.silence import Silence, SilenceState, latest, silences
from driftbot.core.triage import Triage
from driftbot.delivery.offers import latest_runs, offers
from driftbot.inventory import vocabulary
from driftbot.notices.blindness_note import NOTE, blind_lines
from driftbot.notices.situation import Situation
from driftbot.rulebook import load_rulebook
from driftbot.scan import rare_collection
from driftbot.store.store import Store
from driftbot.store.summary import NightSummary
from driftbot.tape.live import LiveTape

SETTLED = timedelta(days=14)
"""For how long a message that stands about a finding is kept up to date after it was resolved (ours): longer than a
channel is away, and than a fix is checked.
"""

_NEED_A_DECISION = frozenset({SilenceState.OVERDUE, SilenceState.CHANGED, SilenceState.ENDS_SOON})


def last_night(config: Config, store: Store, now: datetime, next_night: datetime | None = None) -> Situation:
    """Everything that is known now about the last night.

    Raises:
        Failure: nothing was scanned yet, or the store or the file of decisions cannot be read.
    """
    while (seen := _situation(config, store, now, next_night)).night != _newest(store).as_of:
        # A night was written meanwhile, and what was read is of two nights.
        pass
    return seen


def _newest(store: Store) -> NightSummary:
    nights = store.nights()
    if not nights:
        raise Failure("there is nothing to tell: no night was scanned yet", "Run `driftbot scan` first.")
    return nights[-1]


def _situation(config: Config, store: Store, now: datetime, next_night: datetime | None) -> Situation:
    newest = _newest(store)
    night = newest.as_of
    with rare_collection():
        lives = store.lives()
        before = store.findings_before()
        settled = store.settled_since(night - SETTLED)
    waivers = _waivers(config, store)
    runs = latest_runs(store.runs())
    notices = store.notices_waiting()
    known = {life.finding.fingerprint for life in lives}
    strange = {one.fingerprint for one in notices} - known
    return Situation(
        now=now,
        night=night,
        exit_code=_exit_code(newest.exit_code),
        counts=_counts(store.tallies()),
        lives=lives,
        settled=tuple(life for life in settled if life.finding.fingerprint not in known),
        before={finding.fingerprint: finding for finding in before},
        reopened=store.reopened(),
        rules=_rules(config),
        waivers=waivers,
        snoozes={one.fingerprint: one for one in store.snoozes()},
        offers=offers(store.plans_of(night), store.plan_approvals(), runs, config.acting, now),
        runs=runs,
        not_useful=Counter(one.fingerprint for one in store.not_useful()),
        silences=_silences(config, store, waivers.values(), lives, now),
        blind=blind_lines(store.note(NOTE), night),
        notices=notices,
        told_of=_findings(store, strange),
        next_night=next_night,
    )


def _exit_code(code: int | None) -> ExitCode | None:
    return None if code is None else ExitCode(code)


def _counts(tallies: Iterable[Tally]) -> Counts:
    totals: Counter[str] = Counter()
    for tally in tallies:
        totals.update(drift=tally.drift, unknown=tally.unknown, waived=tally.waived, ok=tally.ok)
    return Counts(**totals)


def _rules(config: Config) -> dict[str, Rule]:
    """The enabled rules by id. A rule whose file has a problem was told of by the night, which was blind for it."""
    book = load_rulebook(config, LiveTape(config.root), vocabulary(config.sources))
    return {rule.id: rule for rule in book.rules}


def _waivers(config: Config, store: Store) -> dict[str, Waiver]:
    """The waiver of each finding that ends last, of those that people gave and did not take back."""
    decisions = load_approvals(config.root).in_force(store.approvals(), store.waivers())
    return {waiver.fingerprint: waiver for waiver in latest(decisions.waivers)}


def _silences(
    config: Config, store: Store, waivers: Iterable[Waiver], lives: Iterable[FindingLife], now: datetime
) -> tuple[Silence, ...]:
    """The silences that need a decision now. That a waiver ends is no news where its finding does not stand."""
    standing = {life.finding.fingerprint: life for life in lives if life.resolved is None}
    asked = [waiver for waiver in waivers if waiver.fingerprint in standing]
    verdicts = {name: life.finding.verdict for name, life in standing.items()}
    waived = tuple(life for life in standing.values() if life.finding.verdict is Verdict.WAIVED)
    coverage = store.coverage() if config.accepted_gaps else ()
    found = silences(asked, config.accepted_gaps, coverage, verdicts, Triage(now, waived=waived))
    return tuple(one for one in found if one.state in _NEED_A_DECISION)


def _findings(store: Store, fingerprints: Iterable[str]) -> Mapping[str, Finding]:
    """The last that is known of findings that the last night did not speak of."""
    lives = (store.life(name) for name in sorted(fingerprints))
    return {life.finding.fingerprint: life.finding for life in lives if life is not None}
