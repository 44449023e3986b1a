"""The last night as channels are to be told of it: read from the store, the configuration and what people decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from driftbot.store.store import Store
from driftbot.store.summary import NightSummary
from driftbot.tape.live import LiveTape

SETTLED = timedelta(days=14)
"""For how long a message that stands about a finding is kept up to date after it was resolved (ours): longer than a
channel is away, and than a fix is checked.
"""

_NEED_A_DECISION = frozenset({SilenceState.OVERDUE, SilenceState.CHANGED, SilenceState.ENDS_SOON})


def last_night(
    config: Config,
    store: Store,
    now: datetime,
    next_night: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> Situation:
    """Everything that is known now about the last night; ``rules`` are the enabled ones, read where nobody hands them.

    Raises:
        Failure: nothing was scanned yet, or the store or the file of decisions cannot be read.
    """
    while (seen := _situation(config, store, now, rules)).night != _newest(store).as_of:
        # A night was written meanwhile, and what was read is of two nights.
        pass
    return replace(seen, next_night=next_night)


def _newest(store: Store) -> NightSummary:
    nights = store.nights()
    if not nights:
        raise Failure("there is nothing to tell: no night was scanned yet", "Run `driftbot scan` first.")
    return nights[-1]


def _situation(config: Config, store: Store, now: datetime, rules: Sequence[Rule] | None) -> Situation:
    newest = _newest(store)
    night = newest.as_of
    lives = store.lives()
    before = store.findings_before()
    settled = store.settled_since(night - SETTLED)
    waivers = _waivers(config, store)
    runs = latest_runs(store.runs())
    notices = store.notices_waiting()
    told_of = _findings(store, {one.fingerprint for one in notices}, lives)
    if rules is None:
        spoken_of = (*(life.finding for life in (*lives, *settled)), *told_of.values())
        rules = _rules(config, frozenset(finding.rule for finding in spoken_of))
    return Situation(
        now=now,
        night=night,
        exit_code=_exit_code(newest.exit_code),
        counts=_counts(store.tallies()),
        lives=lives,
        settled=_apart(settled, lives),
        before={finding.fingerprint: finding for finding in before},
        reopened=store.reopened(),
        rules={rule.id: rule for rule in rules},
        waivers=waivers,
        snoozes={one.fingerprint: one for one in store.snoozes()},
        offers=offers(store.plans_of(night), store.plan_approvals(), runs, config.acting, now),
        runs=runs,
        not_useful=Counter(one.fingerprint for one in store.not_useful()),
        silences=_silences(config, store, waivers.values(), lives, now),
        blind=blind_lines(store.note(NOTE), night),
        notices=notices,
        told_of=told_of,
    )


def _apart(settled: Sequence[FindingLife], lives: Iterable[FindingLife]) -> tuple[FindingLife, ...]:
    """What earlier nights resolved and the last one does not speak of."""
    known = {life.finding.fingerprint for life in lives} if settled else set()
    return tuple(life for life in settled if life.finding.fingerprint not in known)


def _exit_code(code: int | None) -> ExitCode | None:
    return None if code is None else ExitCode(code)


def _counts(tallies: Iterable[Tally]) -> Counts:
    totals: Counter[str] = Counter()
    for tally in tallies:
        totals.update(drift=tally.drift, unknown=tally.unknown, waived=tally.waived, ok=tally.ok)
    return Counts(**totals)


def _rules(config: Config, wanted: frozenset[str]) -> tuple[Rule, ...]:
    """Of these rules those that are enabled; no other is read.

    A rule whose file has a problem was told of by the night, which was blind for it.
    """
    roots = tuple(replace(root, only=wanted if root.only is None else root.only & wanted) for root in config.rule_roots)
    return load_rulebook(replace(config, rule_roots=roots), LiveTape(config.root), vocabulary(config.sources)).rules


def _waivers(config: Config, store: Store) -> dict[str, Waiver]:
    """The waiver of each finding that ends last, of those that people gave and did not take back."""
    decisions = load_approvals(config.root).in_force(store.approvals(), store.waivers())
    return {waiver.fingerprint: waiver for waiver in latest(decisions.waivers)}


def _silences(
    config: Config, store: Store, waivers: Iterable[Waiver], lives: Iterable[FindingLife], now: datetime
) -> tuple[Silence, ...]:
    """The silences that need a decision now. That a waiver ends is no news where its finding does not stand."""
    told = tuple(waivers)
    names = {waiver.fingerprint for waiver in told}
    stood = ((life.finding.fingerprint, life) for life in lives if names and life.resolved is None)
    standing = {name: life for name, life in stood if name in names}
    asked = [waiver for waiver in told if waiver.fingerprint in standing]
    verdicts = {name: life.finding.verdict for name, life in standing.items()}
    waived = tuple(life for life in standing.values() if life.finding.verdict is Verdict.WAIVED)
    coverage = store.coverage() if config.accepted_gaps else ()
    found = silences(asked, config.accepted_gaps, coverage, verdicts, Triage(now, waived=waived))
    return tuple(one for one in found if one.state in _NEED_A_DECISION)


def _findings(store: Store, fingerprints: set[str], lives: Iterable[FindingLife]) -> Mapping[str, Finding]:
    """The last that is known of findings that the last night did not speak of."""
    strange = fingerprints - {life.finding.fingerprint for life in lives} if fingerprints else set()
    found = (store.life(name) for name in sorted(strange))
    return {life.finding.fingerprint: life.finding for life in found if life is not None}
