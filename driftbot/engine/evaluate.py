"""The one judgement: rules over a snapshot, to findings and a tally for each rule. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.excuse import Waiver
from driftbot.core.finding import Finding, Verdict, fingerprint, order
from driftbot.core.key import Vocabulary
from driftbot.core.rule import Rule
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.detectors.notice_budget import DEFAULT_BUDGET
from driftbot.engine.column import Column, Flags, constant
from driftbot.engine.compute import Computation, TooLarge
from driftbot.engine.findings import finding
from driftbot.engine.paths import judged_tables
from driftbot.engine.scene import Scene
from driftbot.engine.shared_budget import share_out
from driftbot.engine.table import Table
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES
from driftbot.rules.program import Program, compile_rule
from driftbot.rules.scope import LABEL_PREFIX

NOTHING: Mapping[str, Waiver] = {}


def _everything(_subject: Subject) -> bool:
    return True


def evaluate(
    rules: Sequence[Rule],
    vocabulary: Vocabulary,
    snapshot: Snapshot,
    waivers: Mapping[str, Waiver] = NOTHING,
    watched: Collection[str] = frozenset(),
    about: Callable[[Subject], bool] = _everything,
    budget: float = DEFAULT_BUDGET,
) -> Evaluation:
    """Judge every subject by every rule; ``about`` limits the judgements to some subjects, all else stays in sight.

    ``waivers`` are by fingerprint and excuse drift, never a question that stayed open; ``watched`` are fingerprints
    whose ``ok`` is returned as a finding, too, so that an earlier finding can be resolved. ``budget`` is how many false
    notices a week all that detectors say of all series may cost together. A rule that cannot be judged
    (it does not fit the vocabulary, or it is too large) has ``stopped`` in its tally and stops no other.
    """
    compiled = [(rule, *compile_rule(rule, vocabulary)) for rule in rules]
    programs = [program for _, program, _ in compiled if program]
    of_kind = judged_tables(snapshot, frozenset(program.rule.for_each for program in programs), vocabulary.beyond())
    _measure(programs, of_kind, snapshot, budget)
    findings: list[Finding] = []
    tallies: list[Tally] = []
    for rule, program, misread in compiled:
        if program is None:
            reason = misread[0].fault.message if misread else f"nobody describes a {rule.for_each}"
            tallies.append(Tally(rule.id, stopped=f"the rule does not fit the vocabulary: {reason}"))
            continue
        judge = _Judge(program, of_kind[rule.for_each], waivers, frozenset(watched), about)
        judged, tally = judge.judge()
        findings += judged
        tallies.append(tally)
    return Evaluation(tuple(sorted(findings, key=order)), tuple(sorted(tallies, key=lambda tally: tally.rule)))


def _measure(programs: Sequence[Program], of_kind: Mapping[str, Table], snapshot: Snapshot, budget: float) -> None:
    """Compute the measures of all rules together: each window of each series is gathered and sorted once."""
    for kind, table in of_kind.items():
        wanted = (node for program in programs if program.rule.for_each == kind for node in program.nodes())
        measures = (node for node in wanted if isinstance(node, ex.Measure))
        table.statistics.prepare(node for node in measures if node.name not in DETECTOR_MEASURES)
    share_out(programs, of_kind, snapshot, budget)
    for table in of_kind.values():
        # What fails here fails again for the rule that asks for it, and only that one says so.
        with suppress(Exception):
            table.detections.prepare()


@dataclass(frozen=True, slots=True, eq=False)
class _Verdicts:
    """One flag a subject and verdict; a subject that ``where`` leaves out has none."""

    selected: Flags
    undecided: Flags
    ok: Flags
    drift: Flags
    unknown: Flags


class _Judge:
    """Judges the subjects of one table by one rule."""

    def __init__(
        self,
        program: Program,
        table: Table,
        waivers: Mapping[str, Waiver],
        watched: frozenset[str],
        about: Callable[[Subject], bool],
    ) -> None:
        self._program = program
        self._table = table
        self._waivers = waivers
        self._watched = watched
        self._about = about

    def judge(self) -> tuple[list[Finding], Tally]:
        rule, table = self._program.rule, self._table
        tally = Tally(rule.id, subjects=len(table), never_seen=self._never_seen(), stopped=table.limits)
        try:
            computation = Computation(table, dict(self._program.lets))
            verdicts = self._verdicts(computation)
            findings = list(self._findings(computation, verdicts))
        except TooLarge as error:
            return [], replace(tally, stopped=str(error))
        # One bad rule never stops the others, whatever is bad about it; the tally says so.
        except Exception as error:
            return [], replace(tally, stopped=f"a defect in driftbot itself: {type(error).__name__}: {error}")
        return findings, _counted(tally, verdicts, findings)

    def _verdicts(self, computation: Computation) -> _Verdicts:
        where = self._program.where
        chosen = computation.column(where) if where else constant(True, len(self._table))
        expected = computation.column(self._program.expect)
        asked = self._asked()
        selected, undecided = _surely(chosen, True) & asked, ~chosen.known & asked
        holds, fails = _surely(expected, True), _surely(expected, False)
        return _Verdicts(
            selected,
            undecided,
            ok=selected & holds,
            drift=selected & fails,
            # Where nobody knows whether the rule is meant, healthy is healthy either way; all else is unknown.
            unknown=(selected & ~expected.known) | (undecided & ~holds),
        )

    def _asked(self) -> Flags:
        keys = frozenset(node.key for node in self._program.nodes() if isinstance(node, ex.Reference | ex.Measure))
        asked = ~self._table.remains(keys)
        if self._about is _everything:
            return asked
        about = np.fromiter((self._about(subject) for subject in self._table.subjects), np.bool_, len(self._table))
        found: Flags = asked & about
        return found

    def _findings(self, computation: Computation, verdicts: _Verdicts) -> Iterator[Finding]:
        rows = np.flatnonzero(verdicts.drift | verdicts.unknown | self._watched_rows(verdicts))
        scene = Scene(self._program, self._table, computation, rows)
        as_of = self._table.snapshot.as_of
        for line, row in enumerate(rows.tolist()):
            verdict = Verdict.DRIFT if verdicts.drift[row] else Verdict.UNKNOWN if verdicts.unknown[row] else Verdict.OK
            found = finding(scene, line, verdict, undecided=bool(verdicts.undecided[row]))
            waiver = self._waivers.get(found.fingerprint) if verdict is Verdict.DRIFT else None
            yield _waived(found, waiver) if waiver and waiver.holds(as_of) else found

    def _watched_rows(self, verdicts: _Verdicts) -> Flags:
        wanted = np.zeros(len(self._table), dtype=np.bool_)
        if self._watched:
            rule = self._program.rule.id
            for row in np.flatnonzero(verdicts.ok).tolist():
                wanted[row] = fingerprint(rule, self._table.subjects[row].id) in self._watched
        return wanted

    def _never_seen(self) -> tuple[str, ...]:
        """Keys and labels the rule names of which no subject carries a value, and that nothing unread may hold."""
        if not len(self._table):
            return ()
        missing = set()
        for node in self._program.nodes():
            if isinstance(node, ex.Reference | ex.Measure) and not self._table.seen(node.key):
                missing.add(node.key)
            elif isinstance(node, ex.Label) and not self._table.seen_label(node.name):
                missing.add(LABEL_PREFIX + node.name)
        series = {node.key for node in self._program.nodes() if isinstance(node, ex.Measure)}
        return tuple(sorted(key for key in missing if not self._table.may_be_unread(key, key in series)))


def _surely(column: Column, truth: bool) -> Flags:
    found: Flags = column.known & (column.values.astype(np.bool_) == truth)
    return found


def _waived(found: Finding, waiver: Waiver) -> Finding:
    until = waiver.expires.date().isoformat()
    reason = f"waived by {waiver.owner} until {until}: {waiver.reason}"
    return replace(found, verdict=Verdict.WAIVED, reasons=(reason, *found.reasons))


def _counted(tally: Tally, verdicts: _Verdicts, findings: Sequence[Finding]) -> Tally:
    counts = {verdict: sum(found.verdict is verdict for found in findings) for verdict in Verdict}
    return replace(
        tally,
        selected=int(verdicts.selected.sum()),
        undecided=int(verdicts.undecided.sum()),
        ok=int(verdicts.ok.sum()),
        drift=counts[Verdict.DRIFT],
        unknown=counts[Verdict.UNKNOWN],
        waived=counts[Verdict.WAIVED],
    )
