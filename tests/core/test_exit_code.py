"""Law 11 as a table: blind wins over drift, drift wins over clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftbot.core.coverage import AcceptedGap, Coverage, Gap
from driftbot.core.evaluation import Tally
from driftbot.core.exit_code import (
    Blindness,
    Cause,
    ExitCode,
    Tolerance,
    blindness,
    exit_code,
    nothing_watched,
    unneeded_gaps,
)
from driftbot.core.fact import Origin
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule import Problem, Severity
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.subject import Subject
from driftbot.core.triage import Triage

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BLIND = (Blindness(Cause.SOURCE_FAILED, "prometheus", "connection refused"),)
ACCEPTED = AcceptedGap("manifests:a.yaml", "ada", "a template", NOW + timedelta(days=1))
OVERDUE = Silence(ACCEPTED, SilenceState.OVERDUE, "")
SOON = Silence(ACCEPTED, SilenceState.ENDS_SOON, "")


def life(severity: Severity, verdict: Verdict = Verdict.DRIFT) -> FindingLife:
    return FindingLife(Finding("r", Subject("w", "e", "n"), verdict, severity, "t"), Life.NEW, NOW, NOW)


LOW, HIGH = life(Severity.LOW), life(Severity.HIGH)


@pytest.mark.parametrize(
    ("blind", "triage", "silences", "fail_on", "tolerance", "expected"),
    [
        ((), Triage(NOW), (), Severity.LOW, Tolerance.ALARM, ExitCode.CLEAN),
        ((), Triage(NOW, news=(LOW,)), (), Severity.LOW, Tolerance.ALARM, ExitCode.DRIFT),
        ((), Triage(NOW, standing=(LOW,)), (), Severity.LOW, Tolerance.ALARM, ExitCode.DRIFT),
        ((), Triage(NOW, waived=(LOW,), unread=(HIGH,)), (), Severity.LOW, Tolerance.ALARM, ExitCode.CLEAN),
        ((), Triage(NOW, resolved=(HIGH,)), (), Severity.LOW, Tolerance.ALARM, ExitCode.CLEAN),
        ((), Triage(NOW, news=(LOW,)), (), Severity.HIGH, Tolerance.ALARM, ExitCode.CLEAN),
        ((), Triage(NOW, news=(HIGH,)), (), Severity.HIGH, Tolerance.ALARM, ExitCode.DRIFT),
        ((), Triage(NOW, news=(HIGH,)), (), Severity.CRITICAL, Tolerance.ALARM, ExitCode.CLEAN),
        (BLIND, Triage(NOW), (), Severity.LOW, Tolerance.ALARM, ExitCode.BLIND),
        (BLIND, Triage(NOW, news=(HIGH,)), (OVERDUE,), Severity.LOW, Tolerance.ALARM, ExitCode.BLIND),
        (BLIND, Triage(NOW, news=(HIGH,)), (), Severity.LOW, Tolerance.EXIT_ZERO, ExitCode.BLIND),
        ((), Triage(NOW, news=(HIGH,)), (OVERDUE,), Severity.LOW, Tolerance.EXIT_ZERO, ExitCode.CLEAN),
        ((), Triage(NOW), (OVERDUE,), Severity.CRITICAL, Tolerance.ALARM, ExitCode.DRIFT),
        ((), Triage(NOW), (SOON,), Severity.LOW, Tolerance.ALARM, ExitCode.CLEAN),
    ],
)
def test_the_exit_code_of(blind, triage, silences, fail_on, tolerance, expected):
    assert exit_code(blind, triage, silences, fail_on, tolerance) is expected


WHOLE = Coverage("manifests", "production", "workload")
GAPPED = replace(WHOLE, gaps=(Gap(Origin("manifests", "a.yaml", 3), "not YAML"),))
NEEDED = {"workload": frozenset({"probe.timeout"})}


@pytest.mark.parametrize(
    ("coverage", "needed", "accepted", "causes"),
    [
        (WHOLE, NEEDED, (), []),
        (GAPPED, NEEDED, (), [Cause.GAP]),
        (GAPPED, {"alert": frozenset({"for"})}, (), []),
        (GAPPED, {"workload": frozenset()}, (), [Cause.GAP]),
        (replace(GAPPED, keys=frozenset({"replicas"})), NEEDED, (), []),
        (replace(GAPPED, keys=frozenset({"replicas", "probe.timeout"})), NEEDED, (), [Cause.GAP]),
        (GAPPED, NEEDED, (ACCEPTED,), []),
        (GAPPED, NEEDED, (replace(ACCEPTED, expires=NOW),), [Cause.GAP]),
        (GAPPED, NEEDED, (replace(ACCEPTED, fingerprint="manifests:b.yaml"),), [Cause.GAP]),
        (replace(GAPPED, failed=True), {}, (ACCEPTED,), [Cause.SOURCE_FAILED]),
        (replace(WHOLE, failed=True), {}, (), [Cause.SOURCE_FAILED]),
    ],
)
def test_a_gap_blinds_where_a_need_lies_in_it_and_nobody_accepted_it(coverage, needed, accepted, causes):
    assert [blind.cause for blind in blindness([coverage], needed, accepted, (), (), NOW)] == causes


def test_rule_files_with_errors_and_stopped_rules_blind_and_each_thing_is_said_once():
    problem = Problem(Origin("rules", "a.yaml", 4, 2), "no such key")
    tally = Tally("slow-rule", stopped="it used more than 5 s")
    failed = replace(GAPPED, failed=True)
    found = blindness([failed, replace(failed, kind="job")], {}, (), [problem], [tally, Tally("fine")], NOW)
    assert [(blind.cause, blind.place) for blind in found] == [
        (Cause.RULE_PROBLEM, "a.yaml:4:2"),
        (Cause.RULE_STOPPED, "slow-rule"),
        (Cause.SOURCE_FAILED, "manifests"),
    ]


def test_a_gap_that_no_rule_needs_is_told_once_unless_it_is_accepted_or_needed_elsewhere():
    needed = {"workload": frozenset({"replicas"})}
    both = Gap(Origin("manifests", "b.yaml"), "a template")
    other = replace(WHOLE, kind="ingress", gaps=(both, *GAPPED.gaps, Gap(Origin("manifests", "c.yaml"), "torn")))
    assert unneeded_gaps((GAPPED, other), needed, ()) == (both, other.gaps[2])
    accepted = AcceptedGap("manifests:c.yaml", "ada", "old", NOW)
    assert unneeded_gaps((other, other), {}, (accepted,)) == (GAPPED.gaps[0], both)
    assert unneeded_gaps((replace(other, failed=True),), needed, ()) == (), "a failed source is told of as one"


@pytest.mark.parametrize(
    ("sources", "rules", "problems", "parts"),
    [(1, 1, 0, []), (0, 3, 0, ["sources"]), (2, 0, 0, ["rules"]), (2, 0, 1, []), (0, 0, 0, ["sources", "rules"])],
)
def test_nothing_to_look_at_or_to_hold_is_blind(sources, rules, problems, parts):
    found = nothing_watched("driftbot.yaml", sources, rules, problems)
    assert [blind.place for blind in found] == [f"driftbot.yaml: {part}" for part in parts]
