"""Law 11: exit 1 (blind) wins over 2 (drift) wins over 0, whatever else is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.coverage import AcceptedGap
from driftbot.core.evaluation import Tally
from driftbot.core.exit_code import Blindness, Cause, ExitCode, Tolerance, blindness, exit_code, nothing_watched
from driftbot.core.fact import Origin
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule import Problem, Severity
from driftbot.core.triage import Triage
from tests.laws.estate import HALF_LOOKED, LOOKED, NOT_LOOKED, UNREADABLE, finding, night

NEEDED = {"workload": frozenset({"termination.grace_period"})}

blinds = st.builds(Blindness, st.sampled_from(Cause), st.just("manifests:cart.yaml:3"), st.just("not YAML"))
severities = st.sampled_from(Severity)
tolerances = st.sampled_from(Tolerance)


def drifting(*found: Severity) -> Triage:
    return Triage(
        night(1), news=tuple(FindingLife(finding(Verdict.DRIFT, one), Life.NEW, night(1), night(1)) for one in found)
    )


triages = st.lists(severities, max_size=3).map(lambda found: drifting(*found))


@given(st.lists(blinds, min_size=1, max_size=3), triages, severities, tolerances)
def test_blind_wins_over_everything(blind, triage, fail_on, tolerance):
    assert exit_code(blind, triage, (), fail_on, tolerance) is ExitCode.BLIND


@given(triages, severities)
def test_seeing_all_drift_decides_down_to_the_severity_asked_for(triage, fail_on):
    bad = any(life.finding.severity.rank <= fail_on.rank for life in triage.news)
    assert exit_code((), triage, (), fail_on) is (ExitCode.DRIFT if bad else ExitCode.CLEAN)
    assert exit_code((), triage, (), fail_on, Tolerance.EXIT_ZERO) is ExitCode.CLEAN


def test_every_way_not_to_see_makes_blind():
    causes = {
        Cause.SOURCE_FAILED: blindness((NOT_LOOKED,), {}, (), (), (), night(0)),
        Cause.GAP: blindness((HALF_LOOKED,), NEEDED, (), (), (), night(0)),
        Cause.RULE_PROBLEM: blindness(
            (LOOKED,), NEEDED, (), (Problem(Origin("rules", "a.yaml", 2), "bad"),), (), night(0)
        ),
        Cause.DECISION_PROBLEM: blindness(
            (LOOKED,), NEEDED, (), (Problem(Origin("approvals", "driftbot.approvals.yaml", 2), "bad"),), (), night(0)
        ),
        Cause.RULE_STOPPED: blindness((LOOKED,), NEEDED, (), (), (Tally("grace", stopped="took too long"),), night(0)),
        Cause.NOTHING_WATCHED: nothing_watched("driftbot.yaml", 0, 1, 0),
    }
    assert {cause: [found.cause for found in blind] for cause, blind in causes.items()} == {c: [c] for c in Cause}


def test_a_gap_that_no_enabled_rule_needs_is_no_blindness():
    assert blindness((HALF_LOOKED,), {"job": frozenset({"timeout.deadline"})}, (), (), (), night(0)) == ()


def test_an_accepted_gap_does_not_excuse_a_source_that_failed():
    accepted = AcceptedGap(UNREADABLE.fingerprint, "web", "a template", night(30))
    assert [found.cause for found in blindness((NOT_LOOKED,), NEEDED, (accepted,), (), (), night(0))] == [
        Cause.SOURCE_FAILED
    ]
