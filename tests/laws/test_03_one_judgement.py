"""Law 3: whoever judges calls the same function, and it judges alike alone and in company."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import driftbot
from driftbot.core.excuse import Waiver
from driftbot.core.finding import Verdict, fingerprint
from tests.laws.estate import night
from tests.laws.judgement import FLAGS, judged, rule, snapshot, workload

PACKAGE = Path(driftbot.__file__).parent
RULES = [
    rule("self.a", "one"),
    rule("self.a && (self.b || self.c)", "two"),
    rule("self.x <= 2.0", "three", where="self.b"),
    rule("self.x / self.y > 1.0 || self.c", "four", message="{self.x} of {self.y}", recommend={"x": "self.y * 2"}),
]
estates = st.lists(
    st.fixed_dictionaries(
        {}, optional={**dict.fromkeys(FLAGS, st.booleans()), "x": st.sampled_from([0.0, 4.0]), "y": st.just(1.0)}
    ),
    min_size=1,
    max_size=8,
)


def waived(number: int, identifier: str) -> Waiver:
    subject = workload(number).id
    return Waiver(fingerprint(identifier, subject), identifier, subject, "web", "moves in April", night(-1), night(30))


def excuses(estate, identifiers):
    found = (waived(number, identifier) for number in range(0, len(estate), 2) for identifier in identifiers)
    return {waiver.fingerprint: waiver for waiver in found}


@settings(max_examples=30)
@given(estates)
def test_a_rule_says_the_same_alone_and_among_others(estate):
    seen, waivers = snapshot(estate), excuses(estate, ["one", "three"])
    together = judged(RULES, seen, waivers)
    for one in RULES:
        alone = judged([one], seen, waivers)
        assert alone.findings == tuple(found for found in together.findings if found.rule == one.id)
        assert alone.tallies == tuple(tally for tally in together.tallies if tally.rule == one.id)


@settings(max_examples=30)
@given(estates)
def test_a_subject_is_judged_the_same_alone_and_among_others(estate):
    waivers = excuses(estate, ["one", "three"])
    seen = snapshot(estate)
    together = judged(RULES, seen, waivers).findings
    for number in range(len(estate)):
        own = tuple(fact for fact in seen.facts if fact.subject == workload(number))
        lingering = tuple(subject for subject in seen.lingering if subject == workload(number))
        alone = judged(RULES, replace(seen, facts=own, lingering=lingering), waivers).findings
        assert alone == tuple(found for found in together if found.subject == workload(number))


@settings(max_examples=30)
@given(estates, st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_read_decides_nothing(estate, random):
    seen = snapshot(estate)
    shuffled = random.sample(seen.facts, len(seen.facts))
    assert judged(RULES[::-1], replace(seen, facts=tuple(shuffled))) == judged(RULES, seen)


@settings(max_examples=30)
@given(estates)
def test_a_waiver_changes_the_verdict_and_no_value(estate):
    seen = snapshot(estate)
    plain = {found.fingerprint: found for found in judged(RULES, seen).findings}
    waivers = excuses(estate, [one.id for one in RULES])
    for found in judged(RULES, seen, waivers).findings:
        before = plain[found.fingerprint]
        excused = before.verdict is Verdict.DRIFT and found.fingerprint in waivers
        assert found.verdict is (Verdict.WAIVED if excused else before.verdict)
        assert replace(found, verdict=before.verdict, reasons=before.reasons) == before


def test_findings_are_made_in_one_place_and_read_back_in_another():
    makers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
    }
    # A playbook's case poses a finding that no rule made; it is planned for in the case and never kept or reported.
    posed = {"remedies/playbook_trial.py"}
    assert makers == {"engine/findings.py", "store/documents.py", *posed}
