"""Ratchets: which steps add up, which were taken back, and what a store's nights tell where no commit does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.alerts.estate import Estate
from driftbot.alerts.nights import pasts_of_nights
from driftbot.alerts.ratchet import asks_for_pasts, last_changes, ratchet, ratchets
from driftbot.alerts.step import steps
from driftbot.core.commit import Commit
from driftbot.core.excuse import Approval
from driftbot.core.fact import Fact, Origin, View, show
from driftbot.core.history import Held
from driftbot.core.past import Past, Revision, Version
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, SubjectId

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, 10, tzinfo=UTC)
ALERT = Subject("alert", "production", "Slow", (("alertname", "Slow"),))
PLACE = Origin("git", "rules/a.yaml", 4)


def version(threshold: float = 1, hold: float = 300, severity: str = "critical", expression: str = "") -> Version:
    return Version(expression or f"latency > {threshold:g}", hold, 0.0, severity)


def past(*versions: Version) -> Past:
    number = count()
    commits = [Commit(f"{n:040x}", "Ada", FIRST + DAY * n, f"Step {n}") for n, _ in zip(number, versions, strict=False)]
    revisions = [Revision(version, commit.at, commit) for version, commit in zip(versions, commits, strict=True)]
    return Past(ALERT, "git", (replace(revisions[0], at=None, commit=None), *revisions[1:]))


def thresholds(*values: float) -> Past:
    return past(*(version(value) for value in values))


def stands(found: Past, approved_at: datetime | None = None) -> list[str]:
    return [step.told(only) for step, only in ratchet(steps(found), approved_at).looser]


def net(found: Past) -> list[str]:
    return [str(change) for change in ratchet(steps(found)).net]


def said(found: Past) -> list[float]:
    """The thresholds to which standing steps led."""
    return [step.after.conditions[0].threshold for step, _ in ratchet(steps(found)).looser]


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ((1,), []),
        ((1, 2), [2]),
        ((1, 2, 3), [2, 3]),
        ((1, 2, 3, 2), [2]),
        ((1, 2, 1), []),
        ((1, 2, 1, 2, 1, 2), [2]),
        ((1, 2, 4, 3), [2, 4]),
        ((1, 2, 4, 1.5), [2]),
        ((1, 2, 4, 1.5, 6), [2, 6]),
        ((4, 1, 2, 3), []),
        ((4, 1, 2, 5), [5]),
        ((4, 1, 5, 3, 6), [6]),
        ((3, 2, 1), []),
    ],
)
def test_a_step_stands_that_was_never_taken_back(values: tuple[float, ...], standing: list[float]) -> None:
    assert said(thresholds(*values)) == standing


def test_a_step_says_when_what_and_who() -> None:
    assert stands(thresholds(1, 2, 3)) == [
        "2026-03-02 10:00 threshold of latency: 1 → 2 (0000000000 Ada: Step 1)",
        "2026-03-03 10:00 threshold of latency: 2 → 3 (0000000000 Ada: Step 2)",
    ]
    assert net(thresholds(1, 2, 3)) == ["threshold of latency: 1 → 3"]


def test_several_aspects_add_up() -> None:
    found = past(version(1), version(1, hold=600), version(1, 600, "warning"), version(1, 600, "warning", "x > 1"))
    assert len(stands(past(version(1), version(1, 600), version(1, 600, "warning")))) == 2
    assert net(past(version(1), version(1, 600), version(2, 600))) == ["threshold of latency: 1 → 2", "for 5m → 10m"]
    assert stands(found) == []


def test_one_commit_is_one_step_whatever_it_loosened() -> None:
    (told,) = stands(past(version(1), version(2, 600)))
    assert "threshold of latency: 1 → 2, for 5m → 10m (" in told


def test_one_aspect_taken_back_leaves_the_other() -> None:
    (told,) = stands(past(version(1), version(2, 600), version(1, 600)))
    assert "for 5m → 10m (" in told
    assert "threshold" not in told


def test_two_conditions_are_told_apart() -> None:
    def both(low: float, high: float) -> Version:
        return version(expression=f"latency > {low} and queue > {high}")

    found = past(both(1, 1), both(2, 1), both(2, 2), both(1, 2))
    assert ["queue" in told for told in stands(found)] == [True]


def test_a_measured_side_that_changes_between_steps_hides_none() -> None:
    def slow(threshold: float, side: str) -> Version:
        return version(expression=f"{side} > {threshold}")

    plain, named = "rate(errors[5m])", 'rate(errors{job="web"}[5m])'
    found = past(slow(1, plain), slow(2, plain), slow(2, named), slow(3, named))
    assert len(stands(found)) == 3
    assert len(stands(past(slow(1, plain), slow(2, plain), slow(2, named), slow(1, named)))) == 1


def test_a_rewritten_alert_begins_anew() -> None:
    found = past(version(1), version(2), version(expression="errors > 5"), version(expression="errors > 6"))
    assert len(stands(found)) == 1


def test_only_since_the_last_approval() -> None:
    found = thresholds(1, 2, 3, 4)
    assert len(stands(found, FIRST)) == 3
    assert len(stands(found, FIRST + DAY)) == 2
    assert stands(found, FIRST + 3 * DAY) == []
    assert stands(thresholds(1, 4, 2, 3), FIRST + DAY) == []


def test_what_the_parser_does_not_know_is_passed_over() -> None:
    found = past(version(1), version(2), version(expression="rate({a} |= `x`)"), version(3))
    assert said(found) == [2, 3]


def test_the_same_in_other_words_is_no_step() -> None:
    found = past(version(expression="latency > 60 * 2"), version(expression="120 < latency"), version(130))
    assert said(found) == [130]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_against_plain_numbers(values: list[int]) -> None:
    """For one threshold: a rise stands if all that follows is above both its own beginning and the first value."""
    rises = [
        after
        for number, (before, after) in enumerate(pairwise(values), start=1)
        if after > before and min(values[number:]) > max(before, values[0])
    ]
    assert said(thresholds(*values)) == rises


def estate(found: Past | None, approvals: tuple[Approval, ...] = (), facts: tuple[Fact, ...] = ()) -> Estate:
    expression = Fact(ALERT, "expression", "latency > 9", origin=PLACE)
    return Estate(FIRST + 30 * DAY, (expression, *facts), pasts=(found,) if found else (), approvals=approvals)


def stated(seen: Estate) -> dict[str, str]:
    return {fact.key: show(fact.value) for fact in ratchets(seen)}


def test_every_alert_has_its_keys() -> None:
    found = stated(estate(thresholds(1, 2, 3)))
    assert found["ratchet.steps"] == "2"
    assert found["changed_at"] == "2026-03-03 10:00 UTC"
    assert found["ratchet.net"] == "threshold of latency: 1 → 3"
    assert "Step 1" in found["ratchet.looser"]
    assert stated(estate(None)) == {"ratchet.steps": "0", "ratchet.looser": "none", "ratchet.net": "none"}
    assert not stated(Estate(FIRST, (Fact(ALERT, "hold", "x"),), pasts=(thresholds(1, 2),)))
    assert {fact.origin for fact in ratchets(estate(None))} == {PLACE}


def test_an_approval_of_the_alert_or_of_a_condition_counts() -> None:
    def approved(kind: str, name: str) -> tuple[Approval, ...]:
        subject = SubjectId(kind, "production", name)
        return (
            Approval(subject, "threshold", "x", "Ada", "", FIRST + 2 * DAY),
            Approval(subject, "y", "x", "A", "", FIRST),
        )

    found = thresholds(1, 2, 3)
    assert stated(estate(found, approved("condition", "Slow/1")))["ratchet.steps"] == "0"
    assert stated(estate(found, approved("alert", "Slow")))["ratchet.steps"] == "0"
    assert stated(estate(found, approved("alert", "Other")))["ratchet.steps"] == "2"
    assert stated(estate(found, approved("service", "Slow")))["ratchet.steps"] == "2"


def test_when_it_changed_last() -> None:
    assert last_changes(estate(thresholds(1, 2))) == {ALERT.id: FIRST + DAY}
    assert last_changes(estate(thresholds(1))) == {}
    born = Past(ALERT, "git", (Revision(version(1), FIRST, Commit("a" * 40, "Ada", FIRST, "Born")),))
    assert last_changes(estate(born)) == {ALERT.id: FIRST}
    dirty = Commit("", "", FIRST + DAY, "")
    found = Past(ALERT, "git", (*born.revisions, Revision(version(2), FIRST + DAY, dirty)))
    assert last_changes(estate(found)) == {}
    assert stands(found) == ["not committed yet: threshold of latency: 1 → 2"]


def test_of_two_pasts_the_longer_one_is_told() -> None:
    short, long = thresholds(1, 2), thresholds(1, 2, 3)
    for pasts in ((short, long), (long, short)):
        assert Estate(FIRST, (), pasts=pasts).past_of[ALERT.id] is long


def test_only_some_keys_ask_for_the_past() -> None:
    assert asks_for_pasts({"alert": ["ratchet.looser"]})
    assert asks_for_pasts({"alert": ["changed_at"]})
    assert asks_for_pasts({"silence": ["ends_at"]})
    assert not asks_for_pasts({"alert": ["hold"], "condition": ["threshold"]})


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


def loaded(key: str, value, view: View = View.EFFECTIVE, source: str = "prometheus") -> Fact:
    return Fact(ALERT, key, value, view, origin=Origin(source))


def test_nights_tell_the_past_of_an_alert_that_only_a_server_shows() -> None:
    held = [
        Held(loaded("expression", "latency > 1"), FIRST, FIRST + DAY),
        Held(loaded("expression", "latency > 2"), FIRST + DAY),
        Held(loaded("hold", seconds(300)), FIRST, FIRST + 2 * DAY),
        Held(loaded("hold", seconds(600)), FIRST + 2 * DAY),
        Held(loaded("severity", "page"), FIRST),
        Held(loaded("routing", ("team=web",)), FIRST),
        Held(loaded("expression", "gone > 1", source="older"), FIRST, FIRST + DAY),
    ]
    today = [loaded("expression", "latency > 3"), loaded("hold", seconds(600)), loaded("severity", "page")]
    (found,) = pasts_of_nights(held, [*today, loaded("routing", ("team=web",))], FIRST + 3 * DAY)
    assert [(one.at, one.version.expression, one.version.hold) for one in found.revisions] == [
        (None, "latency > 1", 300.0),
        (FIRST + DAY, "latency > 2", 300.0),
        (FIRST + 2 * DAY, "latency > 2", 600.0),
        (FIRST + 3 * DAY, "latency > 3", 600.0),
    ]
    assert {(one.version.severity, one.version.routing) for one in found.revisions} == {("page", ("team=web",))}
    assert stands(found)[0] == "2026-03-02 10:00 threshold of latency: 1 → 2 (seen that night)"


def test_nights_follow_the_file_where_there_is_one() -> None:
    def both(expression: str) -> list[Fact]:
        return [loaded("expression", f"{expression} + 0"), loaded("expression", expression, View.DECLARED, "git")]

    held = [Held(fact, FIRST, FIRST + DAY) for fact in both("a > 1")]
    (found,) = pasts_of_nights(held, both("a > 2"), FIRST + DAY)
    assert (found.source, [one.version.expression for one in found.revisions]) == ("git", ["a > 1", "a > 2"])


def test_nights_tell_nothing_of_what_never_changed_or_is_gone() -> None:
    other = Fact(replace(ALERT, name="Other"), "expression", "up == 0", View.EFFECTIVE, origin=Origin("prometheus"))
    held = [Held(loaded("expression", "a > 1"), FIRST, FIRST + DAY)]
    assert pasts_of_nights(held, [other], FIRST + DAY) == ()
    assert pasts_of_nights([], [other], FIRST + DAY) == ()
