"""Triage: tonight's judgements against what is known of each finding, so that only news alarms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from driftbot.core.evaluation import Evaluation
from driftbot.core.fact import View
from driftbot.core.finding import Finding, Verdict, order
from driftbot.core.graph import CALL_KIND, PATH_KIND, walk
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule import Rule
from driftbot.core.rule_changes import RULE_CHANGED, RuleChanges
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject, SubjectId, distinct

RULE_RETIRED = "the rule is no longer enabled"
NOT_SELECTED = "the rule no longer selects it"
SUBJECT_GONE = "the subject is gone; everything that could hold it was read"


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier nights left: the latest life of every finding (resolved ones too) and each rule's digest.

    A partial scan (some rules, some subjects) hands in only the lives it is about.
    """

    lives: Sequence[FindingLife] = ()
    rule_digests: Mapping[str, str] | None = None

    @property
    def first_night(self) -> bool:
        """Whether no night came before."""
        return self.rule_digests is None


@dataclass(frozen=True, slots=True)
class Triage:
    """Every life that tonight touched, each in exactly one group, and each group in report order.

    ``news`` is drift that appeared, came back, or whose waiver ended; ``standing`` is drift known before; ``unread``
    could not be judged (a standing finding among them has a ``last_seen`` before tonight); ``resolved`` drift went;
    ``cleared`` could not be judged before and is ok or gone now. ``gone`` says by fingerprint of what
    was waited for, and is no finding any more, why.
    """

    as_of: datetime
    first_night: bool = False
    news: tuple[FindingLife, ...] = ()
    standing: tuple[FindingLife, ...] = ()
    unread: tuple[FindingLife, ...] = ()
    waived: tuple[FindingLife, ...] = ()
    resolved: tuple[FindingLife, ...] = ()
    cleared: tuple[FindingLife, ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict)

    @property
    def lives(self) -> tuple[FindingLife, ...]:
        """All of them, in report order: what the store keeps of tonight."""
        groups = (self.news, self.standing, self.unread, self.waived, self.resolved, self.cleared)
        return tuple(sorted((life for group in groups for life in group), key=lambda life: order(life.finding)))

    @property
    def drift(self) -> tuple[FindingLife, ...]:
        """Drift that nobody waived, news first."""
        return self.news + self.standing


def watched(known: Iterable[FindingLife], waived: Iterable[str] = ()) -> frozenset[str]:
    """The fingerprints whose ``ok`` the evaluation must return: open findings and those somebody waived."""
    return frozenset(life.finding.fingerprint for life in known if life.resolved is None) | frozenset(waived)


def is_standing(life: FindingLife) -> bool:
    """Whether it was judged drift and nothing has resolved it since."""
    return life.resolved is None and life.life is not Life.UNREAD


def triage(
    evaluation: Evaluation,
    snapshot: Snapshot,
    rules: Sequence[Rule],
    known: Known,
    *,
    every_rule_read: bool = True,
    awaited: Collection[str] = (),
) -> Triage:
    """Say of every finding where it stands in its life tonight.

    A standing finding resolves only by a verdict ``ok``, because its subject is gone inside complete coverage, because
    its rule no longer selects the subject, or because its rule is no longer enabled (``every_rule_read``: on a night
    with a rule file that could not be read no rule counts as retired). ``unknown`` resolves nothing. ``awaited``
    are the fingerprints of findings, resolved or not, about which it is asked whether they are gone.
    """
    before = {life.finding.fingerprint: life for life in known.lives}
    tonight = {finding.fingerprint: finding for finding in evaluation.findings}
    book = RuleChanges(rules, known.rule_digests, every_rule_read)
    scene = _Scene(snapshot, evaluation, book)
    lives = [
        life
        for finding in evaluation.findings
        if (life := _judged(finding, before.get(finding.fingerprint), snapshot.as_of, book)) is not None
    ]
    lives += [
        scene.unjudged(life)
        for fingerprint, life in before.items()
        if fingerprint not in tonight and life.resolved is None
    ]
    unjudged = (before[name] for name in sorted(awaited) if name in before and name not in tonight)
    gone = {life.finding.fingerprint: why for life in unjudged if (why := scene.why_gone(life))}
    return replace(_grouped(lives, before, snapshot.as_of, known.first_night), gone=gone)


def _judged(finding: Finding, before: FindingLife | None, as_of: datetime, book: RuleChanges) -> FindingLife | None:
    match finding.verdict:
        case Verdict.UNKNOWN:
            return _unknown(finding, before, as_of)
        case Verdict.OK:
            if before is None or before.resolved is not None:
                return None
            return _ended(before, finding, as_of, book.changed(finding.rule))
        case _:
            return _drifting(finding, before, as_of, book)


def _unknown(finding: Finding, before: FindingLife | None, as_of: datetime) -> FindingLife:
    if before is None:
        return FindingLife(finding, Life.UNREAD, as_of, as_of, times_opened=0)
    if is_standing(before):
        return _unreadable(before, finding)
    first_seen = before.first_seen if before.times_opened or before.resolved is None else as_of
    return replace(before, finding=finding, life=Life.UNREAD, first_seen=first_seen, last_seen=as_of, resolved=None)


def _unreadable(before: FindingLife, finding: Finding) -> FindingLife:
    """A standing finding keeps what was last observed: unknown neither resolves nor changes it."""
    last = before.finding
    kept = replace(finding, observed=last.observed, expected=last.expected, charts=last.charts)
    return replace(before, life=Life.ONGOING, finding=kept)


def _drifting(finding: Finding, before: FindingLife | None, as_of: datetime, book: RuleChanges) -> FindingLife:
    if before is not None and is_standing(before):
        return _ongoing(finding, before, as_of)
    appeared = book.appeared(finding)
    if before is None or before.times_opened == 0:
        return FindingLife(appeared, book.life(finding.rule, Life.NEW), as_of, as_of)
    life = FindingLife(
        appeared,
        book.life(finding.rule, Life.REOPENED),
        before.first_seen,
        as_of,
        before.changed,
        before.previous,
        times_opened=before.times_opened + 1,
    )
    return _with_change(life, before, as_of)


def _ongoing(finding: Finding, before: FindingLife, as_of: datetime) -> FindingLife:
    return _with_change(replace(before, finding=finding, life=Life.ONGOING, last_seen=as_of), before, as_of)


def _with_change(life: FindingLife, before: FindingLife, as_of: datetime) -> FindingLife:
    """The life, changed tonight where another value was observed: where it was read, and that it went, is no change."""
    last, now = before.finding.observed, life.finding.observed
    return replace(life, changed=as_of, previous=last) if last and now and last != now else life


def _ended(before: FindingLife, finding: Finding, as_of: datetime, rule_changed: bool) -> FindingLife:
    reasons = (*finding.reasons, RULE_CHANGED) if rule_changed else finding.reasons
    life = replace(
        before,
        finding=replace(finding, reasons=reasons),
        life=Life.RULE_CHANGED if rule_changed else Life.RESOLVED,
        last_seen=as_of,
        resolved=as_of,
    )
    return _with_change(life, before, as_of)


class _Scene:
    """What tonight says about findings that got no judgement."""

    def __init__(self, snapshot: Snapshot, evaluation: Evaluation, book: RuleChanges) -> None:
        self._as_of = snapshot.as_of
        self._seen = frozenset(subject.id for subject in _judged_subjects(snapshot))
        self._lingering = frozenset(subject.id for subject in snapshot.lingering)
        self._stopped = {tally.rule: tally.stopped for tally in evaluation.tallies if tally.stopped}
        self._incomplete: dict[tuple[str, str], bool] = {}
        for entry in snapshot.coverage:
            scope = entry.environment, entry.kind
            self._incomplete[scope] = self._incomplete.get(scope, False) or not entry.complete
        self._book = book

    def unjudged(self, life: FindingLife) -> FindingLife:
        """The life of a standing finding without a verdict: ended for a reason, or not readable now."""
        rule = life.finding.rule
        match self.why_gone(life):
            case "":
                why = self._why_not_judged(rule, life.finding.subject.id)
                stands = Life.ONGOING if is_standing(life) else Life.UNREAD
                unknown = replace(life.finding, verdict=Verdict.UNKNOWN, reasons=(why,))
                return replace(life, life=stands, finding=unknown)
            case why if why == RULE_RETIRED:
                return self._gone(life, why, Life.RULE_CHANGED)
            case why if why == NOT_SELECTED:
                return self._gone(life, why, self._book.life(rule, Life.RESOLVED))
            case why:
                return self._gone(life, why, Life.RESOLVED)

    def why_gone(self, life: FindingLife) -> str:
        """Why a finding without a verdict is none any more; empty where it only could not be judged."""
        rule, subject = life.finding.rule, life.finding.subject.id
        if self._book.retired(rule):
            return RULE_RETIRED
        if self._selects_no_more(rule, subject):
            return NOT_SELECTED
        return "" if self._why_not_judged(rule, subject) else SUBJECT_GONE

    def _selects_no_more(self, rule: str, subject: SubjectId) -> bool:
        judged = not self._book.missing(rule) and rule not in self._stopped
        return judged and subject in self._seen and subject not in self._lingering

    def _why_not_judged(self, rule: str, subject: SubjectId) -> str:
        if self._book.missing(rule):
            return "its rule could not be read tonight"
        if rule in self._stopped:
            return f"its rule was stopped: {self._stopped[rule]}"
        kind = CALL_KIND if subject.kind == PATH_KIND else subject.kind
        incomplete = self._incomplete.get((subject.environment, kind))
        if incomplete is None:
            return f"no source looks for a {kind} in {subject.environment} any more"
        if incomplete or subject in self._lingering:
            return f"it was not seen, and not every {kind} in {subject.environment} could be read"
        return ""

    def _gone(self, life: FindingLife, why: str, end: Life) -> FindingLife:
        finding = replace(life.finding, reasons=(why,))
        return replace(life, finding=finding, life=end, resolved=self._as_of)


def _judged_subjects(snapshot: Snapshot) -> Iterator[Subject]:
    """What rules can be about tonight: an approval alone keeps no subject alive, and calls make paths."""
    told = distinct(fact.subject for fact in snapshot.facts if fact.view is not View.APPROVED)
    alive = {*snapshot.lingering, *(series.subject for series in snapshot.series), *told}
    yield from alive
    if any(subject.kind == CALL_KIND for subject in alive):
        calls = (subject for subject in snapshot.subjects() if subject.kind == CALL_KIND and subject in alive)
        yield from (path.subject for path in walk(calls).paths)


def _grouped(
    lives: Iterable[FindingLife], before: Mapping[str, FindingLife], as_of: datetime, first_night: bool
) -> Triage:
    groups: dict[str, list[FindingLife]] = {}
    for life in sorted(lives, key=lambda life: order(life.finding)):
        groups.setdefault(_group(life, before.get(life.finding.fingerprint)), []).append(life)
    news, standing, unread, waived, resolved, cleared = (
        tuple(groups.get(name, ())) for name in ("news", "standing", "unread", "waived", "resolved", "cleared")
    )
    return Triage(as_of, first_night, news, standing, unread, waived, resolved, cleared)


def _group(life: FindingLife, before: FindingLife | None) -> str:
    if life.resolved is not None:
        return "resolved" if before is not None and is_standing(before) else "cleared"
    if life.finding.verdict is Verdict.UNKNOWN:
        return "unread"
    if life.finding.verdict is Verdict.WAIVED:
        return "waived"
    ended_waiver = before is not None and before.finding.verdict is Verdict.WAIVED
    return "standing" if life.life is Life.ONGOING and not ended_waiver else "news"
