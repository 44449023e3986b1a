"""An oracle: which guards have to hold which remedies, written apart from them, by brute force and from their pages."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import combinations
from zoneinfo import ZoneInfo

from driftbot.core.finding import Verdict
from driftbot.core.hold import Guard
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.remedy import Remedy, ValueChange
from driftbot.core.run import Run, StepRecord
from driftbot.guards.circumstances import Circumstances
from tests.guards.scene import UNITS

LADDER = ["observe", "propose", "approve", "auto"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LITTLE = 1e-6


def judged(remedies: Sequence[Remedy], world: Circumstances) -> list[set[Guard]]:
    """For each remedy the guards that have to hold it."""
    found = [set(_alone(remedy, world)) for remedy in remedies]
    for one, other in combinations(range(len(remedies)), 2):
        for mine in _changes(remedies[one]):
            for theirs in _changes(remedies[other]):
                if (mine.subject, mine.key) == (theirs.subject, theirs.key) and _wish(mine) != _wish(theirs):
                    found[one].add(Guard.CONFLICT)
                    found[other].add(Guard.CONFLICT)
    settings = {(change.subject, change.key) for remedy in remedies for change in _changes(remedy)}
    for setting in settings:
        wanting = [i for i, one in enumerate(remedies) if setting in {(c.subject, c.key) for c in _changes(one)}]
        wishes = {_wish(c) for i in wanting for c in _changes(remedies[i]) if (c.subject, c.key) == setting}
        if len(wishes) == 1:
            ranked = sorted(wanting, key=lambda i: (*_rank(remedies[i]), i))
            for index in ranked[1:]:
                found[index].add(Guard.DUPLICATE)
    never = {Guard.LEVEL, Guard.VERDICT, Guard.IN_PROGRESS, Guard.DECLINED, Guard.CONFLICT, Guard.DUPLICATE}
    counted = [index for index, guards in enumerate(found) if not guards & never]
    if _too_many([remedies[index] for index in counted], world):
        for index in counted:
            found[index].add(Guard.RUN_LIMIT)
    return found


def _alone(remedy: Remedy, world: Circumstances) -> Iterator[Guard]:
    options, now = world.options, world.now
    failed = [run for run in world.runs if run.state in ("undone", "stopped", "escalated") and not run.undone_by]
    names = {one.fingerprint for one in remedy.covers}
    about = {one.subject for one in remedy.covers} | {change.subject for change in _changes(remedy)}
    limits = world.playbooks[remedy.playbook].limits
    rung = min(_rungs(remedy, world))
    if world.stopped:
        yield Guard.KILL_SWITCH
    if min(rung, LADDER.index(remedy.level)) == 0:
        yield Guard.LEVEL
    if min(rung, LADDER.index(remedy.level)) == 3 and any(step.irreversible for step in remedy.steps):
        yield Guard.IRREVERSIBLE
    if any(world.verdicts.get(name) != Verdict.DRIFT for name in names):
        yield Guard.VERDICT
    if any(_busy(run, remedy) for run in world.runs):
        yield Guard.IN_PROGRESS
    for run in world.runs:
        same = {(one.fingerprint, one.observed) for one in run.remedy.covers}
        if run.state == "declined" and same & {(one.fingerprint, one.observed) for one in remedy.covers}:
            yield Guard.DECLINED
    for one in remedy.covers:
        for_it = [run for run in world.runs if one.fingerprint in {other.fingerprint for other in run.remedy.covers}]
        latest = max(filter(_touched, for_it), key=lambda run: (run.started, run.number), default=None)
        if not latest or not latest.undone_by or remedy.digest in world.named:
            continue
        if one.observed in {other.observed for other in latest.remedy.covers if other.fingerprint == one.fingerprint}:
            yield Guard.DECLINED
    if any(_blind(source, remedy, world) for one in remedy.covers for source in one.sources):
        yield Guard.FEWER_FACTS
    if any(
        freeze.begins <= now < freeze.ends and fnmatchcase(one.environment, glob)
        for freeze in options.freezes
        for one in {covered.subject for covered in remedy.covers}
        for glob in freeze.environments
    ):
        yield Guard.FREEZE
    if any(_closed(environment, world) for environment in remedy.environments):
        yield Guard.HOURS
    tried = [
        run
        for run in world.runs
        if names & {one.fingerprint for one in run.remedy.covers}
        and (run in failed or run.state == "resolved")
        and _touched(run)
        and _last(run) > now - options.remember
    ]
    if len(tried) >= min(options.attempts, limits.attempts):
        yield Guard.ATTEMPTS
    quiet = max(options.cooldown.total_seconds(), parse_quantity(limits.cooldown, Unit.SECONDS).value)
    quiet = max(quiet, min(quiet * 2 ** len(tried), options.remember.total_seconds()))
    for run in world.runs:
        theirs = {c.subject for c in _changes(run.remedy)} | {one.subject for one in run.remedy.covers}
        if _touched(run) and theirs & about and (now - _last(run)).total_seconds() < quiet:
            yield Guard.COOLDOWN
        if run in failed and run.remedy.playbook == remedy.playbook and now - _last(run) < options.rest:
            yield Guard.COOLDOWN
    if any(_leaps(remedy, change, world, quiet) for change in _changes(remedy)):
        yield Guard.STEP_LIMIT
    if any(_pulled(change, world) for change in _changes(remedy)):
        yield Guard.TUG_OF_WAR


def _rungs(remedy: Remedy, world: Circumstances) -> Iterator[int]:
    for one in remedy.covers:
        for environment in {other.subject.environment for other in remedy.covers}:
            matching = [
                LADDER.index(rung.level)
                for rung in world.options.ladder
                if fnmatchcase(one.rule, rung.rule)
                and fnmatchcase(remedy.playbook, rung.playbook)
                and fnmatchcase(environment, rung.environment)
            ]
            yield matching[0] if matching else 0


def _busy(run: Run, remedy: Remedy) -> bool:
    if run.state not in ("running", "waiting", "verifying", "uncertain"):
        return False
    findings = {one.fingerprint for one in run.remedy.covers} & {one.fingerprint for one in remedy.covers}
    settings = {(c.subject, c.key) for c in _changes(run.remedy)} & {(c.subject, c.key) for c in _changes(remedy)}
    at = {
        step.target
        for step, record in zip(run.remedy.steps, run.steps, strict=True)
        if record.state in ("intended", "pending", "undoing", "uncertain", "conflict")
    }
    return bool(findings or settings or at & {step.target for step in remedy.steps})


def _blind(source: str, remedy: Remedy, world: Circumstances) -> bool:
    nights = sorted(world.earlier, key=lambda night: night.night)[-world.options.facts.nights :]
    if source != "approvals" and nights:
        usual = statistics.median([night.by_source.get(source, 0) for night in nights])
        if world.tonight.by_source.get(source, 0) < world.options.facts.share * usual:
            return True
    for entry in world.coverage:
        for one in remedy.covers:
            where = entry.source, entry.environment, entry.kind
            if source in one.sources and where == (source, one.subject.environment, one.subject.kind):
                excused = [a.fingerprint for a in world.accepted_gaps if a.expires > world.now]
                if entry.failed or [gap for gap in entry.gaps if gap.fingerprint not in excused]:
                    return True
    return False


def _closed(environment: str, world: Circumstances) -> bool:
    entries = [one for one in world.options.hours if any(fnmatchcase(environment, glob) for glob in one.environments)]
    for entry in entries:
        wall = world.now.astimezone(ZoneInfo(entry.zone)).replace(tzinfo=None)
        for begun in (wall.date(), wall.date() - timedelta(days=1)):
            start, end = datetime.combine(begun, entry.from_), datetime.combine(begun, entry.to)
            end += timedelta(days=1) if entry.to <= entry.from_ else timedelta()
            if DAYS[begun.weekday()] in [day.value for day in entry.days] and start <= wall < end:
                return False
    return bool(entries)


def _leaps(remedy: Remedy, change: ValueChange, world: Circumstances, quiet: float) -> bool:
    limits, options = world.playbooks[remedy.playbook].limits, world.options.steps
    most = min(limits.factor, options.factor)
    bounded = [said[change.key] for said in (limits.bounds, options.bounds) if change.key in said]
    if change.becomes is None:
        return change.was is not None
    for bound in bounded:
        low, high = bound.numbers(UNITS[change.key])
        if low is not None and change.becomes < low * (1 - LITTLE):
            return True
        if high is not None and change.becomes > high * (1 + LITTLE):
            return True
    if change.was is None:
        return not bounded
    long = max(options.within.total_seconds(), quiet)
    past = [
        (run.started, run.number, theirs.was)
        for run in world.runs
        if run.state != "declined"
        for step, record in zip(run.remedy.steps, run.steps, strict=True)
        if record.state in ("done", "conflict")
        and record.intended
        and (world.now - record.concluded).total_seconds() < long
        for theirs in step.changes
        if (theirs.subject, theirs.key) == (change.subject, change.key)
    ]
    bases = [change.was, *[was for _, _, was in sorted(past, key=lambda one: one[:2])[:1]]]
    return any(base is not None and _far(base, change.becomes, most) for base in bases)


def _far(was: float, becomes: float, most: float) -> bool:
    if was == becomes:
        return False
    return was * becomes <= 0 or not 1 / most - LITTLE <= becomes / was <= most + LITTLE


def _pulled(change: ValueChange, world: Circumstances) -> bool:
    ours = [
        (run.started, run.number, record.concluded, theirs)
        for run in world.runs
        if run.state != "declined"
        for step, record in zip(run.remedy.steps, run.steps, strict=True)
        if record.state in ("done", "conflict")
        and record.intended
        and record.concluded > world.now - world.options.remember
        for theirs in step.changes
        if (theirs.subject, theirs.key) == (change.subject, change.key)
    ]
    if ours:
        *_, at, wrote = max(ours, key=lambda one: one[:2])
        if world.tonight.night <= at:
            pass  # the last night read what was there before
        elif wrote.was is not None and wrote.becomes is not None and change.was is not None:
            if wrote.becomes > wrote.was and change.was < wrote.becomes:
                return True
            if wrote.becomes < wrote.was and change.was > wrote.becomes:
                return True
        elif change.before == wrote.before and wrote.before != wrote.after:
            return True
    for run in world.runs:
        for step, record in zip(run.remedy.steps, run.steps, strict=True):
            for theirs in step.changes:
                if record.state == "undone" and (theirs.subject, theirs.key) == (change.subject, change.key):
                    seen_back = [
                        one.first_seen
                        for one in world.histories.get((change.subject, change.key), ())
                        if one.fact.value.value == theirs.was and run.started < one.first_seen <= record.intended
                    ]
                    if seen_back and record.intended > world.now - world.options.remember:
                        return True
    values = [(one.first_seen, one.fact.value) for one in world.histories.get((change.subject, change.key), ())]
    back = 0
    for index, (seen, value) in enumerate(values):
        before = [other for _, other in values[:index]]
        if value in before and before[-1] != value and seen > world.now - world.options.remember:
            back += 1
    return back >= 2


def _too_many(remedies: Sequence[Remedy], world: Circumstances) -> bool:
    recent = [r for r in world.runs if _touched(r) and _last(r) > world.now - world.options.limits.within]
    together = [*remedies, *(run.remedy for run in recent)]
    limits, few = world.options.limits, world.options.limits.few
    if not remedies:
        return False

    def over(subjects: set, most: int | None, share: float | None, population: int | None) -> bool:
        too_large = (
            share is not None and population is not None and len(subjects) > max(few, share * population + LITTLE)
        )
        return (most is not None and len(subjects) > most) or too_large

    def all_of(one: Remedy) -> set:
        return {covered.subject for covered in one.covers} | {change.subject for change in _changes(one)}

    everything = {subject for one in together for subject in all_of(one)}
    verdicts = [
        over(everything, limits.run.most, limits.run.share, sum(world.population.environments.values()) or None)
    ]
    for environment in {subject.environment for one in remedies for subject in all_of(one)}:
        inside = {subject for subject in everything if subject.environment == environment}
        population = world.population.environments.get(environment)
        verdicts.append(over(inside, limits.environment.most, limits.environment.share, population))
    covers = [covered for one in together for covered in one.covers]
    for rule in {covered.rule for one in remedies for covered in one.covers}:
        mine = {covered.subject for covered in covers if covered.rule == rule}
        verdicts.append(over(mine, limits.rule.most, limits.rule.share, world.population.rules.get(rule)))
    for owner in {covered.owner for one in remedies for covered in one.covers}:
        mine = {covered.subject for covered in covers if covered.owner == owner}
        verdicts.append(over(mine, limits.owner.most, limits.owner.share, world.population.owners.get(owner)))
    for name in {one.playbook for one in remedies}:
        said = world.playbooks[name].limits
        mine = {subject for one in together if one.playbook == name for subject in all_of(one)}
        verdicts.append(over(mine, said.most, None, None))
        for rule in {covered.rule for one in remedies if one.playbook == name for covered in one.covers}:
            part = {
                covered.subject
                for one in together
                if one.playbook == name
                for covered in one.covers
                if covered.rule == rule
            }
            verdicts.append(over(part, None, said.share, world.population.rules.get(rule)))
    return any(verdicts)


def _touched(run: Run) -> bool:
    return any(step.state not in ("planned", "not_done", "refused") for step in run.steps)


def _last(run: Run) -> datetime:
    moments = [run.started]
    for step in run.steps:
        moments += [moment for moment in (step.intended, step.concluded) if moment]
    return sorted(moments)[-1]


def _changes(remedy: Remedy) -> list[ValueChange]:
    return [change for step in remedy.steps for change in step.changes]


def _wish(change: ValueChange) -> object:
    return change.after if change.becomes is None else change.becomes


def _rank(remedy: Remedy) -> tuple:
    worst = min(["critical", "high", "medium", "low"].index(covered.severity) for covered in remedy.covers)
    return -LADDER.index(remedy.level), worst, remedy.playbook, remedy.covers[0].fingerprint


def _wrote(record: StepRecord) -> bool:
    """Whether a step's values were written, as far as anybody knows, and not put back."""
    return record.state == "done" or (record.state == "conflict" and record.intended is not None)
