"""Law 2: "there is none" is said only where somebody completely looked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.coverage import LABELS, Coverage, is_absent
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.snapshot import Snapshot
from driftbot.core.triage import Known, triage
from tests.laws.estate import CART, GRACE, HALF_LOOKED, LOOKED, NOT_LOOKED, UNREADABLE, finding, night, snapshot
from tests.laws.judgement import judged, rule, verdicts, workload

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


SETTLED = replace(HALF_LOOKED, settled=frozenset({"b"}), doubted=frozenset({workload(3).name}))


def seen_by(source: str, number: int) -> Fact:
    return Fact(workload(number), "a", True, origin=Origin(source, "somewhere"))


def test_beside_a_gap_only_what_the_source_itself_told_of_is_without_a_key():
    """Told of by the source; only remembered; told of by another source; told of by the source in a file in doubt."""
    facts = (seen_by("manifests", 0), seen_by("prometheus", 2), seen_by("manifests", 3))
    seen = Snapshot(night(0), facts, coverage=(SETTLED,), lingering=(workload(1),))
    found = {finding.subject: finding.verdict for finding in judged([rule("present(self.b)")], seen).findings}
    assert [found[workload(number)] for number in range(4)] == [Verdict.DRIFT, *[Verdict.UNKNOWN] * 3]


def test_beside_a_gap_about_another_subject_a_label_is_known_absent_and_no_gap_is_blamed():
    settled = replace(SETTLED, settled=frozenset({LABELS}))
    facts = (seen_by("manifests", 0), seen_by("prometheus", 2), seen_by("manifests", 3))
    seen = Snapshot(night(0), facts, coverage=(settled,))
    found = {finding.subject: finding for finding in judged([rule('self.labels.tier == "1"')], seen).findings}
    assert [found[workload(number)].verdict for number in (0, 2, 3)] == [Verdict.DRIFT, *[Verdict.UNKNOWN] * 2]
    assert UNREADABLE.reason not in str(found[workload(0)])
    assert UNREADABLE.reason in str(found[workload(3)].reasons)


def test_what_is_only_remembered_lacks_nothing_whoever_looked_for_the_key():
    elsewhere = Coverage("catalog", "production", "workload", frozenset({"b"}))
    seen = Snapshot(night(0), (seen_by("manifests", 0),), coverage=(SETTLED, elsewhere), lingering=(workload(1),))
    narrow = replace(SETTLED, keys=frozenset({"a"}))
    for coverage in (seen, replace(seen, coverage=(narrow, elsewhere))):
        found = {finding.subject: finding.verdict for finding in judged([rule("present(self.b)")], coverage).findings}
        assert found == {workload(0): Verdict.DRIFT, workload(1): Verdict.UNKNOWN}


def test_a_finding_about_a_subject_behind_a_gap_stands_though_the_key_is_settled():
    about = rule("present(self.b)", where="present(self.a)")
    seen = Snapshot(night(1), (seen_by("manifests", 0),), coverage=(SETTLED,), lingering=(workload(1),))
    drift = [replace(finding(Verdict.DRIFT, subject=workload(number)), rule=about.id) for number in (1, 2)]
    known = Known([FindingLife(one, Life.ONGOING, night(0), night(0)) for one in drift], {about.id: about.digest})
    result = triage(judged([about], seen), seen, (about,), known)
    assert result.resolved == ()
    assert {life.finding.subject for life in result.unread} == {workload(1), workload(2)}
