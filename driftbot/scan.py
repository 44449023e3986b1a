"""One scan: inventory → needs → measure → evaluate → triage, from configuration to report."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from driftbot import __version__
from driftbot.alerts.approved_condition import as_approved, placed
from driftbot.alerts.derive import derive
from driftbot.alerts.estate import Estate
from driftbot.alerts.nights import VERSION_KEYS, pasts_of_nights
from driftbot.alerts.ratchet import asks_for_pasts
from driftbot.approvals_file import Decisions, load_approvals
from driftbot.collectors.collector import Tape
from driftbot.collectors.replicas import heard
from driftbot.config import Config
from driftbot.core.approved import approved_facts
from driftbot.core.demand import Demand
from driftbot.core.evaluation import Evaluation
from driftbot.core.excuse import Approval
from driftbot.core.exit_code import Blindness, Tolerance, blindness, exit_code, nothing_watched, unneeded_gaps
from driftbot.core.fact import Fact, View
from driftbot.core.identity import assign_alerts, join
from driftbot.core.key import Vocabulary
from driftbot.core.lingering import lingering
from driftbot.core.past import Past
from driftbot.core.rule import Severity
from driftbot.core.selection import Selection
from driftbot.core.series import Series, overlaid
from driftbot.core.sighting import ALERT
from driftbot.core.silence import silences
from driftbot.core.snapshot import Reading, Snapshot
from driftbot.core.stray_approval import stray_approvals
from driftbot.core.triage import Known, triage, watched
from driftbot.core.upkeep import upkeep
from driftbot.engine.evaluate import evaluate
from driftbot.engine.needs import named_keys, needs
from driftbot.inventory import Progress, measure, take_inventory, vocabulary
from driftbot.marking import Marking
from driftbot.notices.blindness_note import NOTE, blindness_note
from driftbot.owners import find_owners, with_owners
from driftbot.report.report import Report
from driftbot.rulebook import load_rulebook
from driftbot.rules.reading import RuleBook
from driftbot.store.lease import Lease
from driftbot.store.night import Night
from driftbot.store.store import Store

LEASE = timedelta(minutes=10)
"""How long a dead scan keeps others waiting; a living one renews its lease as it goes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a scan. ``as_of`` counts as now; ``watch`` are findings whose ``ok`` is wanted, too."""

    as_of: datetime
    selection: Selection = field(default_factory=Selection)
    fail_on: Severity = Severity.LOW
    tolerance: Tolerance = Tolerance.ALARM
    watch: frozenset[str] = frozenset()


def scan(
    config: Config, store: Store, tape: Tape, request: Request, clock: Callable[[], datetime], progress: Progress
) -> Report:
    """Look once and keep the night; a scan of a part of the estate is judged alike and not kept.

    Raises:
        Failure: another scan holds the store, the store cannot be written, or ``as_of`` lies before its last night.
    """
    if request.selection.partial:
        with rare_collection():
            return _Look(config, store, tape, request, progress).sight().report
    with rare_collection(), _held(store, clock, progress) as (lease, telling):
        started = clock()
        sight = _Look(config, store, tape, request, telling).sight()
        telling("writing the night down")
        with store.begin_night(lease, sight.report.as_of, started) as night:
            _keep(night, sight, sight.report.as_of - timedelta(days=config.retention_nights))
            night.end(clock())
    return sight.report


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was seen and judged: what is kept of a night."""

    reading: Reading
    snapshot: Snapshot
    report: Report


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the estate; it reads the store and writes nothing."""

    config: Config
    store: Store
    tape: Tape
    request: Request
    progress: Progress

    def sight(self) -> _Sight:
        words = vocabulary(self.config.sources)
        book = load_rulebook(self.config, self.tape, words)
        book = replace(book, rules=self.request.selection.rules_of(book.rules))
        decisions = self._decisions()
        approved = tuple(self._approved(decisions))
        inventory = self._inventory(approved)
        approved = placed(approved, inventory.facts)
        approvals = tuple(one for one in decisions.approvals if one.at <= self.request.as_of)
        inventory = self._derived(inventory, approved, approvals, named_keys(book.rules, words))
        demand = needs(book.rules, words, inventory.facts)
        reading = join(Reading.merged((inventory, self._measured(demand))))
        snapshot = self._snapshot(reading, approved, demand, words)
        if self.request.selection.subjects:
            self.request.selection.subjects_of(snapshot.subjects())
        self.progress("judging")
        judged = replace(snapshot, facts=heard(snapshot.facts))
        return _Sight(reading, snapshot, self._report(book, words, decisions, judged, reading))

    def _decisions(self) -> Decisions:
        """What people had decided by the time that counts as now."""
        as_of = self.request.as_of
        return load_approvals(self.config.root).in_force(self.store.approvals(as_of), self.store.waivers(as_of))

    def _inventory(self, approved: Sequence[Fact]) -> Reading:
        """What is configured, with lasting names for alerts and with services and owners joined to their subjects."""
        found = take_inventory(self.config.sources, self.tape, self.request.as_of, self.progress)
        named = assign_alerts(found, self.store.facts(kinds={ALERT}), approved)
        # Which subject belongs to no service is told by the join of everything that follows, not by this one as well.
        joined = replace(join(named), unjoined=named.unjoined)
        owners = find_owners(self.config.root)
        if not owners:
            return joined
        strange = (f"{problem.origin}: {problem.message}" for problem in owners.problems)
        return replace(joined, facts=with_owners(joined.facts, owners), notes=(*joined.notes, *strange))

    def _derived(
        self,
        inventory: Reading,
        approved: Sequence[Fact],
        approvals: tuple[Approval, ...],
        wanted: Mapping[str, Collection[str]],
    ) -> Reading:
        """The inventory with what follows from it about alerts, as far as some rule names it."""
        self.progress("comparing alerts")
        estate = Estate(
            self.request.as_of,
            inventory.facts,
            tuple(approved),
            inventory.coverage,
            (*inventory.pasts, *self._nights(inventory, wanted)),
            approvals,
        )
        return replace(inventory, facts=(*inventory.facts, *derive(estate, wanted)))

    def _nights(self, inventory: Reading, wanted: Mapping[str, Collection[str]]) -> tuple[Past, ...]:
        """What earlier nights tell of alerts, where some rule asks for it."""
        if not asks_for_pasts(wanted):
            return ()
        return pasts_of_nights(self.store.changed(ALERT, VERSION_KEYS), inventory.facts, self.request.as_of)

    def _measured(self, demand: Demand) -> Reading:
        return measure(self.config.sources, demand, self.store, self.tape, self.request.as_of, self.progress)

    def _snapshot(self, reading: Reading, approved: Sequence[Fact], demand: Demand, words: Vocabulary) -> Snapshot:
        marking = Marking(self.config.sources, self.store, self.tape, self.request.as_of)
        return Snapshot(
            self.request.as_of,
            facts=(*reading.facts, *approved),
            series=tuple(overlaid(self._stored(demand, reading), reading.series)),
            coverage=reading.coverage,
            lingering=lingering(self.store.subjects_last_seen, reading, words.beyond()),
            markers=marking.known(demand, reading, words),
        )

    def _approved(self, decisions: Decisions) -> Iterator[Fact]:
        """Approved values; while the file has problems, also those of the last night, which nobody ended."""
        approved = approved_facts(one for one in decisions.approvals if one.at <= self.request.as_of)
        yield from approved
        if decisions.problems:
            known = {(fact.subject, fact.key) for fact in approved}
            before = (as_approved(fact) for fact in self.store.facts() if fact.view is View.APPROVED)
            yield from (fact for fact in before if (fact.subject, fact.key) not in known)

    def _stored(self, demand: Demand, reading: Reading) -> Iterator[Series]:
        """What the store holds of the demand by today's sources, but for samples of signals that were replaced since.

        A source that was renamed or taken out would else speak beside the one that came in its place.
        """
        now = self.request.as_of.timestamp()
        sources = {source.name for source in self.config.sources}
        replaced = {entry.place for entry in reading.measured if entry.span.replaces(self.store.held(*entry.place))}
        for need in demand.series:
            for series in self.store.series(need.kind, need.key, start=now - need.window, end=now):
                source = series.origin.source
                if source in sources and (series.subject.environment, need.kind, need.key, source) not in replaced:
                    yield series

    def _report(
        self, book: RuleBook, words: Vocabulary, decisions: Decisions, snapshot: Snapshot, reading: Reading
    ) -> Report:
        request = self.request
        known = Known(request.selection.lives_of(self.store.latest_lives()), self.store.rule_digests())
        waivers = {waiver.fingerprint: waiver for waiver in decisions.waivers if waiver.holds(request.as_of)}
        awaited = watched(known.lives, waivers) | request.watch
        evaluation = evaluate(
            book.rules, words, snapshot, waivers, awaited, request.selection.speaks_of, self.config.false_notices_a_week
        )
        found = triage(
            evaluation, snapshot, book.rules, known, every_rule_read=not book.problems, awaited=request.watch
        )
        verdicts = {finding.fingerprint: finding.verdict for finding in evaluation.findings}
        decided = silences(decisions.waivers, self.config.accepted_gaps, snapshot.coverage, verdicts, found)
        needed = named_keys(book.rules, words)
        blind = self._blindness(book, decisions, snapshot, evaluation, needed)
        return Report(
            version=__version__,
            triage=found,
            evaluation=evaluation,
            exit_code=exit_code(blind, found, decided, request.fail_on, request.tolerance),
            fail_on=request.fail_on,
            rules=book.rules,
            blindness=blind,
            silences=(*decided, *stray_approvals(decisions.approvals, snapshot)),
            upkeep=upkeep(book.rules, request.selection.tallies_of(evaluation.tallies), request.as_of.date(), words),
            coverage=snapshot.coverage,
            unneeded=unneeded_gaps(snapshot.coverage, needed, self.config.accepted_gaps),
            unjoined=reading.unjoined,
            notes=reading.notes,
        )

    def _blindness(
        self,
        book: RuleBook,
        decisions: Decisions,
        snapshot: Snapshot,
        evaluation: Evaluation,
        needed: Mapping[str, frozenset[str]],
    ) -> tuple[Blindness, ...]:
        unwatched = nothing_watched(
            str(self.config.path), len(self.config.sources), len(book.rules), len(book.problems)
        )
        return unwatched + blindness(
            snapshot.coverage,
            needed,
            self.config.accepted_gaps,
            (*book.problems, *decisions.problems),
            evaluation.tallies,
            self.request.as_of,
        )


def _keep(night: Night, sight: _Sight, oldest: datetime) -> None:
    """Write down what was seen and judged, but no marker from before ``oldest``: a release log tells of all years."""
    report, reading = sight.report, sight.reading
    night.add_facts(sight.snapshot.facts, sight.snapshot.coverage)
    for entry in reading.measured:
        night.measured(*entry.place, entry.span)
    night.add_series(reading.series)
    since = oldest.timestamp()
    told = (replace(span, since=max(span.since, since)) for span in reading.marked if span.until >= since)
    night.add_markers((marker for marker in reading.markers if marker.at >= since), told)
    digests = {rule.id: rule.digest for rule in report.rules}
    night.set_note(NOTE, blindness_note(report.as_of, report.blindness))
    night.add_evaluation(report.triage.lives, report.evaluation.tallies, int(report.exit_code), digests)


@contextmanager
def rare_collection() -> Iterator[None]:
    """Look for reference cycles seldom: a night's facts hold none, and walking over all of them took a sixth of it."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _held(store: Store, clock: Callable[[], datetime], progress: Progress) -> Iterator[tuple[Lease, Progress]]:
    """The lease, and a progress that renews it."""
    with store.lease(f"process {os.getpid()} on {socket.gethostname()}", clock(), LEASE) as lease:
        renewed = [clock()]

        def telling(message: str) -> None:
            if clock() - renewed[0] > LEASE / 3:
                store.renew(lease, clock(), LEASE)
                renewed[0] = clock()
            progress(message)

        yield lease, telling
