"""Snoozes, waivers and feedback: what is granted, what a form lacks, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.chat.person import Person
from driftbot.chat.putting_aside import faults, found_not_useful, snoozed, waived
from driftbot.chat.wish import Explain, NotUsefulToMe, SnoozeBy, SnoozeUntil, Waive
from driftbot.core.excuse import Waiver
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.notifiers.slack.controls import Field, SnoozeFor
from driftbot.notifiers.slack.modals import LONGEST_REASON, LONGEST_SNOOZE, LONGEST_WAIVER
from tests.notices.digest_scene import finding, life

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
ANN = Person("U0ANN", "Ann <ann@example.org>")
LIFE = life(finding())
ID = LIFE.finding.fingerprint
GONE = replace(LIFE, resolved=NOW)
REASON = "the queue moves in May"


@pytest.mark.parametrize(
    ("span", "lasts"),
    [
        (SnoozeFor.HOUR, timedelta(hours=1)),
        (SnoozeFor.DAY, timedelta(days=1)),
        (SnoozeFor.WEEK, timedelta(weeks=1)),
    ],
)
def test_a_span_begins_now(span: SnoozeFor, lasts: timedelta):
    outcome = snoozed(SnoozeBy(ID, span), LIFE, ANN, NOW)
    assert outcome.effect == Snooze(ID, NOW + lasts, ANN.name, NOW)
    assert outcome.accepted


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (None, "no time was named"),
        (NOW, "is not in the future"),
        (NOW - timedelta(days=400), "is not in the future"),
        (NOW + LONGEST_SNOOZE + timedelta(minutes=1), "waive it, with a reason"),
        (datetime.max.replace(tzinfo=UTC), "waive it, with a reason"),
    ],
)
def test_a_snooze_without_an_end_that_lies_ahead_is_refused_at_its_field(until: datetime | None, told: str):
    wish = SnoozeUntil(ID, until)
    ((field, why),) = [(one.field, one.told) for one in faults(wish, NOW)]
    assert (field, told in why) == (Field.UNTIL, True)
    outcome = snoozed(wish, LIFE, ANN, NOW)
    assert (outcome.accepted, outcome.effect, told in outcome.told) == (False, None, True)


@given(st.datetimes(timezones=st.just(UTC)))
def test_whatever_time_is_named_a_snooze_ends_ahead_and_within_bounds(until: datetime):
    wish = SnoozeUntil(ID, until)
    outcome = snoozed(wish, LIFE, ANN, NOW)
    assert outcome.accepted == (not faults(wish, NOW)) == (NOW < until <= NOW + LONGEST_SNOOZE)


@pytest.mark.parametrize(
    ("reason", "expires", "wrong"),
    [
        ("", date(2026, 6, 1), {Field.REASON: "no reason"}),
        ("later", date(2026, 6, 1), {Field.REASON: "shorter than"}),
        ("x" * (LONGEST_REASON + 1), date(2026, 6, 1), {Field.REASON: "characters, and at most"}),
        (REASON, None, {Field.EXPIRES: "no date"}),
        (REASON, date(2026, 5, 4), {Field.EXPIRES: "is not in the future"}),
        (REASON, date(1, 1, 1), {Field.EXPIRES: "is not in the future"}),
        (REASON, (NOW + LONGEST_WAIVER + timedelta(days=2)).date(), {Field.EXPIRES: "days ahead"}),
        (REASON, date.max, {Field.EXPIRES: "days ahead"}),
        ("", None, {Field.REASON: "no reason", Field.EXPIRES: "no date"}),
    ],
)
def test_a_waiver_says_why_and_until_when(reason: str, expires: date | None, wrong: dict[Field, str]):
    wish = Waive(ID, reason, expires)
    found = {one.field: one.told for one in faults(wish, NOW)}
    assert found.keys() == wrong.keys()
    assert all(told in found[field] for field, told in wrong.items())
    outcome = waived(wish, LIFE, ANN, NOW)
    assert (outcome.accepted, outcome.effect) == (False, None)


def test_a_waiver_ends_with_the_first_moment_of_its_day():
    outcome = waived(Waive(ID, REASON, date(2026, 5, 5)), LIFE, ANN, NOW)
    end = datetime(2026, 5, 5, tzinfo=UTC)
    finding_ = LIFE.finding
    assert outcome.effect == Waiver(ID, finding_.rule, finding_.subject.id, ANN.name, REASON, NOW, end)


def test_what_was_resolved_is_not_put_aside():
    for outcome in (
        snoozed(SnoozeBy(ID, SnoozeFor.DAY), GONE, ANN, NOW),
        waived(Waive(ID, REASON, date(2026, 6, 1)), GONE, ANN, NOW),
    ):
        assert (outcome.accepted, "it was resolved on 2026-05-04" in outcome.told) == (False, True)


def test_a_voice_counts_once_a_person_and_finding():
    wish, rule = NotUsefulToMe(ID), LIFE.finding.rule
    mine, other = NotUseful(ID, rule, ANN.name, NOW), NotUseful("b" * 12, rule, ANN.name, NOW)
    first = found_not_useful(wish, LIFE, ANN, NOW, ())
    assert (first.effect, "1 such voice about" in first.told) == (mine, True)
    assert "2 such voices" in found_not_useful(wish, LIFE, ANN, NOW, (other,)).told
    again = found_not_useful(wish, LIFE, ANN, NOW, (other, mine))
    assert (again.accepted, again.effect, again.aftermath) == (False, None, None)


def test_only_forms_have_fields():
    assert faults(Explain(ID), NOW) == ()
