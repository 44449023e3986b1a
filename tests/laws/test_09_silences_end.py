"""Law 9: waivers and accepted gaps carry owner, reason and expiry, and alarm once they are overdue."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.coverage import AcceptedGap
from driftbot.core.evaluation import Tally
from driftbot.core.excuse import Waiver
from driftbot.core.exit_code import ExitCode, blindness, exit_code
from driftbot.core.finding import Verdict, fingerprint
from driftbot.core.silence import SilenceState, silences
from driftbot.core.triage import Triage
from tests.laws.estate import CART, GRACE, HALF_LOOKED, UNREADABLE, finding, night
from tests.laws.judgement import judged, rule, snapshot, workload

DRIFT = finding(Verdict.DRIFT)
WAIVER = Waiver(DRIFT.fingerprint, GRACE.id, CART.id, "web", "moves in April", night(0), night(30))
ACCEPTED = AcceptedGap(UNREADABLE.fingerprint, "web", "a template", night(30))


@pytest.mark.parametrize("silence", [Waiver, AcceptedGap])
def test_there_is_none_without_owner_reason_and_end(silence):
    demanded = {
        field.name for field in fields(silence) if field.default is MISSING and field.default_factory is MISSING
    }
    assert demanded >= {"owner", "reason", "expires"}


@given(st.datetimes(night(0).replace(tzinfo=None), night(60).replace(tzinfo=None)))
def test_a_waiver_holds_until_its_end_and_never_after(naive):
    moment = naive.replace(tzinfo=night(0).tzinfo)
    assert WAIVER.holds(moment) == (moment < WAIVER.expires)
    assert not WAIVER.holds(WAIVER.expires)


def states(number: int, verdict: Verdict):
    found = silences((WAIVER,), (ACCEPTED,), (HALF_LOOKED,), {WAIVER.fingerprint: verdict}, Triage(night(number)))
    return {silence.fingerprint: silence for silence in found}


@pytest.mark.parametrize("fingerprint", [WAIVER.fingerprint, ACCEPTED.fingerprint])
def test_an_end_is_announced_before_it_comes_and_alarms_after(fingerprint):
    assert fingerprint not in states(1, Verdict.WAIVED)
    assert states(29, Verdict.WAIVED)[fingerprint].state is SilenceState.ENDS_SOON
    overdue = states(30, Verdict.DRIFT)[fingerprint]
    assert overdue.state is SilenceState.OVERDUE
    assert exit_code((), Triage(night(30)), (overdue,)) is ExitCode.DRIFT


def test_a_silence_that_nothing_needs_any_more_is_named():
    assert states(1, Verdict.OK)[WAIVER.fingerprint].state is SilenceState.NOT_NEEDED


def test_an_accepted_gap_excuses_blindness_until_its_end_and_never_after():
    def blind(moment):
        needed = {"workload": frozenset({"termination.grace_period"})}
        return blindness((HALF_LOOKED,), needed, (ACCEPTED,), (), (Tally(GRACE.id),), moment)

    assert blind(ACCEPTED.expires - timedelta(seconds=1)) == ()
    assert [found.gap for found in blind(ACCEPTED.expires)] == [ACCEPTED.fingerprint]


def test_accepting_another_gap_excuses_nothing():
    other = replace(ACCEPTED, fingerprint="manifests:other.yaml")
    needed = {"workload": frozenset({"termination.grace_period"})}
    assert blindness((HALF_LOOKED,), needed, (other,), (), (), night(1))


@pytest.mark.parametrize(("number", "verdict"), [(29, Verdict.WAIVED), (30, Verdict.DRIFT), (31, Verdict.DRIFT)])
def test_the_judgement_asks_a_waiver_whether_it_still_holds(number, verdict):
    lesson = rule("self.a")
    seen = replace(snapshot([{"a": False}]), as_of=night(number))
    subject = workload(0).id
    waiver = replace(WAIVER, fingerprint=fingerprint(lesson.id, subject), rule=lesson.id, subject=subject)
    (found,) = judged([lesson], seen, {waiver.fingerprint: waiver}).findings
    assert found.verdict is verdict
