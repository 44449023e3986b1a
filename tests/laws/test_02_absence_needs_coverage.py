"""Law 2: "there is none" is said only where somebody completely looked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.coverage import Coverage, is_absent
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.triage import Known, triage
from tests.laws.estate import CART, GRACE, HALF_LOOKED, LOOKED, NOT_LOOKED, UNREADABLE, finding, night, snapshot
from tests.laws.judgement import rule, verdicts

ABOUT = ("production", "workload", "probe.timeout")

coverages = st.lists(
    st.builds(
        Coverage,
        source=st.sampled_from(["manifests", "prometheus"]),
        environment=st.sampled_from(["production", "staging"]),
        kind=st.sampled_from(["workload", "job"]),
        keys=st.sampled_from([frozenset[str](), frozenset({"probe.timeout"}), frozenset({"replicas"})]),
        gaps=st.sampled_from([(), (UNREADABLE,)]),
        failed=st.booleans(),
    ),
    max_size=6,
)


def test_where_nobody_looked_nothing_is_absent():
    assert not is_absent((), *ABOUT)
    assert not is_absent((replace(LOOKED, environment="staging"), replace(LOOKED, kind="job")), *ABOUT)
    assert not is_absent((replace(LOOKED, keys=frozenset({"replicas"})),), *ABOUT)


def test_where_somebody_completely_looked_it_is_absent():
    assert is_absent((LOOKED,), *ABOUT)


@given(coverages, st.sampled_from([HALF_LOOKED, NOT_LOOKED]), st.integers(0, 6))
def test_one_place_that_could_not_be_read_is_enough_to_say_nothing(others, incomplete, position):
    assert not is_absent([*others[:position], incomplete, *others[position:]], *ABOUT)


@given(coverages)
def test_what_was_seen_elsewhere_says_nothing_about_here(others):
    elsewhere = [entry for entry in others if not entry.speaks_of(*ABOUT)]
    assert is_absent([LOOKED, *elsewhere], *ABOUT)
    assert not is_absent(elsewhere, *ABOUT)


@pytest.mark.parametrize(("tonight", "gone"), [(LOOKED, True), (HALF_LOOKED, False), (NOT_LOOKED, False)])
def test_a_finding_ends_with_its_subject_only_if_the_subject_is_really_gone(tonight, gone):
    known = Known((FindingLife(finding(Verdict.DRIFT), Life.ONGOING, night(0), night(0)),), {GRACE.id: GRACE.digest})
    result = triage(Evaluation((), (Tally(GRACE.id),)), snapshot(1, coverage=tonight), (GRACE,), known)
    assert [life.finding.subject for life in result.resolved] == ([CART] if gone else [])
    assert [life.finding.verdict for life in result.unread] == ([] if gone else [Verdict.UNKNOWN])


@pytest.mark.parametrize("expect", ["present(self.b)", 'present(self.latency.max("1d"))', "present(declared.b)"])
@pytest.mark.parametrize(
    ("tonight", "verdict"), [(LOOKED, Verdict.DRIFT), (HALF_LOOKED, Verdict.UNKNOWN), (NOT_LOOKED, Verdict.UNKNOWN)]
)
def test_a_rule_asks_whether_there_is_one_and_is_told_only_inside_complete_coverage(expect, tonight, verdict):
    assert verdicts(rule(expect), [{"a": True}], tonight) == [verdict]
