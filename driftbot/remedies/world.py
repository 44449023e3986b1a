"""The world that is planned for, read from the store's last night, the configuration and what people decided since."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from driftbot.actions.action import Telling
from driftbot.approvals_file import load_approvals
from driftbot.config import Config
from driftbot.core.fact import Fact, View
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Interval
from driftbot.core.rule import Problem, Rule
from driftbot.core.selection import Selection
from driftbot.core.subject import Subject, SubjectId
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.inventory import vocabulary
from driftbot.plugins import actions
from driftbot.remedies.candidate import candidates
from driftbot.remedies.planning import PlanningWorld
from driftbot.remedies.shelf import identity, load_playbooks
from driftbot.rulebook import load_rulebook
from driftbot.store.store import Store
from driftbot.tape.live import LiveTape

_WRITTEN = (View.DECLARED, View.EFFECTIVE)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A world, and what of rules, playbooks and decisions could not be read while it was put together."""

    world: PlanningWorld
    problems: tuple[Problem, ...] = ()


def outlook(
    config: Config, store: Store, now: datetime, stopped: str = "", selection: Selection | None = None
) -> Outlook:
    """Everything that planning needs, as of the store's last night; ``stopped`` is what the kill switch says.

    What is left out by a selection is not planned; shares are of the whole estate all the same.

    Raises:
        Failure: the store cannot be read, or a selection names what there is not.
    """
    night = store.nights()[-1].as_of
    chosen = selection or Selection()
    words = vocabulary(config.sources)
    book = load_rulebook(config, LiveTape(config.root), words)
    rules = {rule.id: rule for rule in chosen.rules_of(book.rules)}
    shelf = load_playbooks(config, actions())
    decisions = load_approvals(config.root).in_force(store.approvals(), store.waivers())
    waived = frozenset(one.fingerprint for one in decisions.waivers if one.holds(now))
    lives = store.lives()
    asked = chosen.lives_of(lives)
    drifting = [one.finding for one in candidates(asked, rules, waived, config.acting)]
    facts = _facts(store, drifting)
    counts = [FactCounts(at, told) for at, told in store.fact_counts(config.acting.facts.nights + 1).items()]
    playbooks = {one.id: one for one in shelf.playbooks}
    keys = _keys(drifting, rules, (playbooks[name].parameters for name in sorted(playbooks)))
    circumstances = Circumstances(
        now=now,
        options=config.acting,
        verdicts={life.finding.fingerprint: _verdict(life, waived) for life in lives if life.resolved is None},
        playbooks=playbooks,
        vocabulary=words,
        population=_population(store, book.rules, bool(drifting)),
        tonight=counts[-1],
        runs=store.runs(),
        unreadable=store.unreadable_runs(),
        earlier=tuple(counts[:-1]),
        coverage=store.coverage(),
        accepted_gaps=config.accepted_gaps,
        histories=_histories(store, drifting, keys),
        stopped=stopped,
        telling=frozenset(name for name, one in actions().items() if isinstance(one, Telling) and one.tells),
    )
    broken: dict[str, str] = {}
    for problem in shelf.problems:
        broken.setdefault(identity(problem.origin.locator), str(problem))
    world = PlanningWorld(night, asked, facts, rules, actions(), circumstances, waived, broken)
    return Outlook(world, tuple(sorted((*book.problems, *shelf.problems, *decisions.problems))))


def _verdict(life: FindingLife, waived: Collection[str]) -> Verdict:
    judged = life.finding.verdict
    return Verdict.WAIVED if judged is Verdict.DRIFT and life.finding.fingerprint in waived else judged


def _facts(store: Store, drifting: Sequence[Finding]) -> Mapping[SubjectId, tuple[Fact, ...]]:
    """What is known of every subject that drifts, in one question to the store."""
    wanted = {finding.subject.id for finding in drifting}
    if not wanted:
        return {}
    found: dict[SubjectId, list[Fact]] = defaultdict(list)
    for fact in store.facts(kinds={one.kind for one in wanted}):
        if (about := fact.subject.id) in wanted:
            found[about].append(fact)
    return {about: tuple(facts) for about, facts in found.items()}


def _keys(
    drifting: Iterable[Finding], rules: Mapping[str, Rule], parameters: Iterable[Mapping[str, object]]
) -> Mapping[str, Collection[str]]:
    """The keys that may be changed of each kind of subject: what rules recommend, and what playbooks take."""
    taken = {key for of_one in parameters for one in of_one.values() if (key := getattr(one, "key", None))}
    found: dict[str, set[str]] = defaultdict(set)
    for finding in drifting:
        found[finding.subject.kind] |= taken | {advice.name for advice in rules[finding.rule].recommend}
    return found


def _histories(
    store: Store, drifting: Sequence[Finding], keys: Mapping[str, Collection[str]]
) -> Mapping[tuple[SubjectId, str], tuple[Interval, ...]]:
    """The past of every setting that may be changed and ever was another; one question a kind of subject."""
    wanted = {finding.subject.id for finding in drifting}
    found: dict[tuple[SubjectId, str], list[Interval]] = defaultdict(list)
    for kind, names in sorted(keys.items()):
        for held in store.changed(kind, sorted(names)):
            fact = held.fact
            if fact.view in _WRITTEN and fact.subject.id in wanted:
                last = held.until or held.since
                found[fact.subject.id, fact.key].append(Interval(fact, held.since, last, held.until))
    return {setting: tuple(intervals) for setting, intervals in found.items()}


def _population(store: Store, rules: Iterable[Rule], asked: bool) -> Population:
    """How many subjects each rule judged, and how many of the kinds that are judged each owner and environment has."""
    if not asked:
        return Population()
    judges: dict[str, set[str]] = {}
    for rule in rules:
        judges.setdefault(rule.for_each, set()).add(rule.owner)
    subjects = [subject for subject in store.subjects_last_seen() if subject.kind in judges]
    return Population(
        rules={tally.rule: tally.selected for tally in store.tallies()},
        owners=Counter(owner for subject in subjects for owner in _owners(subject, judges[subject.kind])),
        environments=Counter(subject.environment for subject in subjects),
    )


def _owners(subject: Subject, judges: Collection[str]) -> Collection[str]:
    """Whose it is: its own owner, else whoever owns a rule that judges its kind."""
    own = subject.label("owner") or subject.label("team")
    return (own,) if own else judges
