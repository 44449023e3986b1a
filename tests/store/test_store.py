"""What was known on any night, asked afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from driftbot.core.coverage import Coverage
from driftbot.core.evaluation import Tally
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.finding import Verdict
from driftbot.core.history import Lapse
from driftbot.core.series import Series
from driftbot.core.span import Span
from driftbot.core.subject import Subject, labels_of
from driftbot.store.errors import NightOrder
from driftbot.store.store import Store
from tests.store.scene import (
    CART,
    HOUR,
    SEEN_ALL,
    STOCK,
    down,
    judge,
    keep,
    new_life,
    night_of,
    seconds,
    timeout,
    unread,
    values,
)


def test_an_empty_store_knows_nothing(store: Store):
    assert store.facts() == store.lives() == store.nights() == store.coverage() == ()
    assert store.snapshot() is None
    assert store.rule_digests() is None
    assert store.life("abc") is None


def test_every_kind_of_value_comes_back_as_it_was(store: Store):
    stated = [
        replace(timeout(value), key=f"key_{number}", provenance=provenance, view=view)
        for number, (value, provenance, view) in enumerate(
            [
                (seconds(0.1), Provenance.EXPLICIT, View.DECLARED),
                (True, Provenance.DEFAULT, View.EFFECTIVE),
                ("text\0 with \ud800 and ünïcode", Provenance.INHERITED, View.OBSERVED),
                (datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=2))), Provenance.EXPLICIT, View.APPROVED),
                (("a", "b"), Provenance.EXPLICIT, View.DECLARED),
                ((), Provenance.EXPLICIT, View.DECLARED),
                ("", Provenance.EXPLICIT, View.DECLARED),
            ]
        )
    ]
    keep(store, 0, stated)
    assert sorted(store.facts(), key=lambda fact: fact.key) == stated


def test_a_change_is_known_from_its_night_on(store: Store):
    for number, value in enumerate((5, 5, 9)):
        keep(store, number, [timeout(seconds(value))])
    assert [values(store, number) for number in range(-1, 4)] == [[], *([[seconds(v)] for v in (5, 5, 9, 9)])]
    assert [
        (entry.fact.value, entry.first_seen, entry.last_seen, entry.closed) for entry in store.history(CART.id)
    ] == [
        (seconds(5), night_of(0), night_of(1), night_of(2)),
        (seconds(9), night_of(2), night_of(2), None),
    ]


def test_what_complete_coverage_does_not_see_is_gone(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 1, [])
    assert values(store, 0) == [seconds(5)]
    assert values(store, 1) == []


@pytest.mark.parametrize(
    "coverage",
    [
        unread("other.yaml"),
        down(),
        (),
        (Coverage("git", "staging", "workload"),),
        (Coverage("git", "production", "job"),),
        (Coverage("helm", "production", "workload"),),
        (Coverage("git", "production", "workload", frozenset({"replicas"})),),
        (*SEEN_ALL, *unread("other.yaml")),
    ],
    ids=["gap", "down", "nobody", "elsewhere", "other kind", "other source", "other key", "half"],
)
def test_a_gap_closes_nothing(store: Store, coverage: tuple[Coverage, ...]):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 1, [], coverage)
    keep(store, 2, [], coverage)
    assert values(store, 2) == [seconds(5)]
    (interval,) = store.history(CART)
    assert (interval.last_seen, interval.closed) == (night_of(0), None)


def test_a_gap_beside_what_was_read_leaves_last_seen_behind(store: Store):
    other = timeout(seconds(1), of=STOCK, file="stock.yaml")
    keep(store, 0, [timeout(seconds(5)), other])
    keep(store, 1, [other], unread("cart.yaml"))
    keep(store, 2, [other], unread("cart.yaml"))
    keep(store, 3, [timeout(seconds(5)), other])
    keep(store, 4, [other])
    (interval,) = store.history(CART)
    assert (interval.first_seen, interval.last_seen, interval.closed) == (night_of(0), night_of(3), night_of(4))
    assert values(store, 2) == [seconds(5), seconds(1)]
    snapshot = store.snapshot(night_of(2))
    assert snapshot is not None
    assert snapshot.facts == (other,)
    assert snapshot.lingering == (CART,)
    assert snapshot.coverage == unread("cart.yaml")
    again = store.snapshot(night_of(3))
    assert again is not None and len(again.facts) == 2 and not again.lingering


def test_nights_that_did_not_read_a_value_are_in_its_history_as_it_was_known_then(store: Store):
    other = timeout(seconds(1), of=STOCK, file="stock.yaml")
    keep(store, 0, [timeout(seconds(5)), other])
    keep(store, 1, [other], unread("cart.yaml"))
    keep(store, 2, [], down())
    keep(store, 3, [timeout(seconds(5)), other])
    keep(store, 4, [], down())
    keep(store, 5, [timeout(seconds(9)), other])
    first, past = Lapse(night_of(1), night_of(1), 1), Lapse(night_of(1), night_of(2), 2)
    last = Lapse(night_of(4), night_of(4), 1)
    known = {
        0: [(night_of(0), None, (), None)],
        1: [(night_of(0), None, (first,), first)],
        2: [(night_of(0), None, (past,), past)],
        3: [(night_of(3), None, (past,), None)],
        4: [(night_of(3), None, (past, last), last)],
        5: [(night_of(3), night_of(5), (past, last), None), (night_of(5), None, (), None)],
    }
    for number, expected in known.items():
        for as_of in (night_of(number), night_of(number) + HOUR):
            told = store.history(CART, as_of=as_of)
            assert [(entry.last_seen, entry.closed, entry.lapses, entry.unread) for entry in told] == expected
    assert store.history(CART) == store.history(CART, as_of=night_of(5))
    assert store.history(CART, as_of=night_of(-1)) == ()


def test_a_changed_value_replaces_the_old_one_despite_a_gap_elsewhere(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 1, [timeout(seconds(9))], unread("other.yaml"))
    assert values(store, 1) == [seconds(9)]


def test_one_of_two_disagreeing_statements_of_a_file_is_not_gone_while_there_is_a_gap(store: Store):
    keep(store, 0, [timeout(seconds(5)), timeout(seconds(6), line=9)])
    keep(store, 1, [timeout(seconds(5))], unread("cart.yaml"))
    assert values(store, 1) == [seconds(5), seconds(6)]
    keep(store, 2, [timeout(seconds(5))])
    assert values(store, 2) == [seconds(5)]


def test_two_files_that_disagree_are_two_facts(store: Store):
    keep(store, 0, [timeout(seconds(5)), timeout(seconds(6), file="override.yaml")])
    keep(store, 1, [timeout(seconds(5)), timeout(seconds(7), file="override.yaml")])
    assert values(store, 0) == [seconds(5), seconds(6)]
    assert values(store, 1) == [seconds(5), seconds(7)]
    assert len(store.history(CART, "timeout.request")) == 3


def test_a_moved_line_is_no_change_and_the_newest_place_is_shown(store: Store):
    keep(store, 0, [timeout(seconds(5), line=3)])
    keep(store, 1, [timeout(seconds(5), line=40)])
    (interval,) = store.history(CART)
    assert (interval.first_seen, interval.last_seen) == (night_of(0), night_of(1))
    assert interval.fact.origin == Origin("git", "cart.yaml", 40)


def test_a_default_that_became_explicit_is_a_change(store: Store):
    keep(store, 0, [replace(timeout(seconds(5)), provenance=Provenance.DEFAULT)])
    keep(store, 1, [timeout(seconds(5))])
    assert [entry.fact.provenance for entry in store.history(CART)] == [Provenance.DEFAULT, Provenance.EXPLICIT]


def test_a_fact_stated_twice_counts_once(store: Store):
    keep(store, 0, [timeout(seconds(5)), timeout(seconds(5), line=9), timeout(seconds(5))])
    assert store.facts() == (timeout(seconds(5)),)


def test_facts_of_several_calls_are_one_night(store: Store):
    with store.lease("test", night_of(0), HOUR) as lease, store.begin_night(lease, night_of(0)) as night:
        night.add_facts([timeout(seconds(5))], ())
        night.add_facts([timeout(seconds(6), of=STOCK)], SEEN_ALL)
    assert len(store.facts()) == 2


def test_labels_are_kept_as_they_were(store: Store):
    def stated(**labels: str) -> Fact:
        return timeout(seconds(5), of=Subject(*("workload", "production", "shop/cart"), labels_of(labels)))

    def at(number: int) -> dict[str, str]:
        return dict(store.facts(night_of(number))[0].subject.labels)

    keep(store, 0, [stated(team="shop")])
    keep(store, 1, [stated(team="shop")])
    keep(store, 2, [stated(team="web", tier="1")])
    keep(store, 3, [], down())
    keep(store, 4, [stated()])
    assert [at(number) for number in range(5)] == [
        {"team": "shop"},
        {"team": "shop"},
        {"team": "web", "tier": "1"},
        {"team": "web", "tier": "1"},
        {},
    ]


def test_a_silent_source_takes_no_labels_away(store: Store):
    plain = Subject("workload", "production", "shop/cart")
    owner = Fact(CART, "owner", "ann", origin=Origin("catalog", "services.yaml"))
    catalog = Coverage("catalog", "production", "workload")
    keep(store, 0, [timeout(seconds(5), of=plain), owner], (*SEEN_ALL, catalog))
    keep(store, 1, [timeout(seconds(5), of=plain)], (*SEEN_ALL, *down("catalog")))
    (subject,) = store.subjects_last_seen()
    assert subject.labels == CART.labels
    keep(store, 2, [timeout(seconds(5), of=plain)], (*SEEN_ALL, catalog))
    (subject,) = store.subjects_last_seen()
    assert subject.labels == ()


def test_an_approval_alone_makes_no_subject(store: Store):
    keep(store, 0, [replace(timeout(seconds(5)), view=View.APPROVED)], ())
    assert store.subjects_last_seen() == ()


def test_an_approval_that_was_ended_or_replaced_holds_no_more(store: Store):
    first, second = (
        replace(timeout(seconds(value), source="approvals", file=who), view=View.APPROVED)
        for value, who in ((5, "ann"), (9, "bob"))
    )
    for number, approved in enumerate(([first], [second], [])):
        keep(store, number, [timeout(seconds(5)), *approved], unread("stock.yaml"))
    told = [[fact for fact in store.facts(night_of(night)) if fact.view is View.APPROVED] for night in range(3)]
    assert told == [[first], [second], []]
    assert [interval.closed for interval in store.history(CART) if interval.fact.view is View.APPROVED] == [
        night_of(1),
        night_of(2),
    ]


def test_an_approved_subject_that_was_not_seen_lingers(store: Store):
    approved = replace(timeout(seconds(5), source="approvals"), view=View.APPROVED)
    keep(store, 0, [timeout(seconds(5)), approved])
    keep(store, 1, [approved], down())
    snapshot = store.snapshot()
    assert snapshot is not None
    assert snapshot.lingering == (CART,)


def test_facts_can_be_asked_for_by_environment_subject_and_kind(store: Store):
    staging = timeout(seconds(3), of=Subject("job", "staging", "shop/bill"))
    keep(store, 0, [timeout(seconds(5)), timeout(seconds(6), of=STOCK), staging])
    assert store.facts(environment="staging") == (staging,)
    assert store.facts(subject=STOCK.id) == (timeout(seconds(6), of=STOCK),)
    assert store.facts(kinds={"job"}) == (staging,)
    assert store.facts(kinds=()) == ()


def test_nothing_is_back_dated(store: Store):
    keep(store, 1, [timeout(seconds(5))])
    with pytest.raises(NightOrder, match="behind the one of 2026-01-02T02:00:00"):
        keep(store, 0, [timeout(seconds(9))])
    assert values(store, 1) == [seconds(5)]


def test_a_second_scan_of_the_same_time_is_what_is_known_of_it(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 0, [timeout(seconds(9))])
    assert values(store, 0) == [seconds(9)]


def test_a_night_without_a_time_zone_is_refused(store: Store):
    with (
        store.lease("test", night_of(0), HOUR) as lease,
        pytest.raises(ValueError, match="no time zone"),
        store.begin_night(lease, datetime(2026, 1, 1)),
    ):
        pass


def test_a_night_is_summed_up(store: Store):
    started, ended = night_of(0), night_of(0) + timedelta(minutes=4)
    with store.lease("test", night_of(0), HOUR) as lease, store.begin_night(lease, night_of(0), started) as night:
        judge(night, [new_life(0)])
        night.end(ended)
    (summary,) = store.nights()
    assert (summary.as_of, summary.exit_code, summary.duration) == (night_of(0), 2, timedelta(minutes=4))
    assert summary.counts == {Verdict.OK: 1, Verdict.DRIFT: 1, Verdict.UNKNOWN: 1, Verdict.WAIVED: 0}
    assert store.tallies() == (
        Tally("job-deadline-headroom", 3, 3, ok=1, drift=1, unknown=1, never_seen=("duration",)),
    )


def test_the_digests_of_rules_are_those_of_their_night(store: Store):
    for number, digests in enumerate(({"a": "1", "b": "1"}, {"a": "2", "b": "1"}, {"b": "1"})):
        with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
            night.add_evaluation((), (), 0, digests)
    keep(store, 3)
    assert [store.rule_digests(night_of(number)) for number in range(4)] == [
        {"a": "1", "b": "1"},
        {"a": "2", "b": "1"},
        {"b": "1"},
        {"b": "1"},
    ]


def test_notes_and_what_was_measured_are_kept_and_replaced(store: Store):
    assert store.note("rotation") is None
    assert store.held("production", "workload", "duration", "prometheus") is None
    for number in range(2):
        with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
            night.set_note("rotation", f"after {number}")
            night.measured("production", "workload", "duration", "prometheus", Span(1e9, 1e9 + number, 60.0, "a"))
    assert store.note("rotation") == "after 1"
    assert store.held("production", "workload", "duration", "prometheus") == Span(1e9, 1e9 + 1, 60.0, "a")
    assert store.held("staging", "workload", "duration", "prometheus") is None


def level(value: float, *, key: str = "duration", source: str = "prometheus") -> Series:
    return Series(CART, key, np.arange(3.0), np.full(3, value), Origin(source, query="q"))


def measure(store: Store, number: int, signals: str, *series: Series) -> None:
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        night.measured("production", "workload", "duration", "prometheus", Span(0.0, 3.0, 1.0, signals))
        night.add_series(series)


def test_samples_of_a_signal_that_was_replaced_are_kept_apart(store: Store, tmp_path: Path):
    bystanders = (level(7.0, key="failures"), level(8.0, source="other"))
    measure(store, 0, "a", level(1.0), *bystanders)
    measure(store, 1, "a", level(2.0).since(2.0))
    assert [list(series.values) for series in store.series(key="duration")] == [[8.0] * 3, [1.0, 1.0, 2.0]]
    measure(store, 2, "b", level(3.0).since(1.0))
    assert [list(series.values) for series in store.series(key="duration")] == [[8.0] * 3, [3.0, 3.0]]
    assert [list(series.values) for series in store.series(key="failures")] == [[7.0] * 3]
    measure(store, 3, "b", level(4.0).since(2.0))
    assert [list(series.values) for series in store.series(key="duration")] == [[8.0] * 3, [3.0, 4.0]]
    store.export(tmp_path / "all.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    retired = [line for line in lines if line["type"] == "series" and line["retired"]]
    assert [(line["values"], line["retired"]) for line in retired] == [([1.0, 1.0, 2.0], night_of(2).isoformat())]


def test_what_was_measured_is_told_before_its_series(store: Store):
    with (
        pytest.raises(ValueError, match="before the series"),
        store.lease("test", night_of(0), HOUR) as lease,
        store.begin_night(lease, night_of(0)) as night,
    ):
        night.add_series([level(1.0)])
        night.measured("production", "workload", "duration", "prometheus", Span(0.0, 3.0, 1.0, "a"))


def test_a_failed_night_leaves_nothing(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    with (
        pytest.raises(RuntimeError),
        store.lease("test", night_of(1), HOUR) as lease,
        store.begin_night(lease, night_of(1)) as night,
    ):
        night.add_facts([timeout(seconds(9))], SEEN_ALL)
        night.set_note("rotation", "lost")
        raise RuntimeError
    assert (values(store, 1), store.note("rotation"), len(store.nights())) == ([seconds(5)], None, 1)


def test_times_come_back_in_utc(store: Store):
    abroad = night_of(0).astimezone(timezone(timedelta(hours=5)))
    with store.lease("test", abroad, HOUR) as lease, store.begin_night(lease, abroad):
        pass
    (summary,) = store.nights()
    assert summary.as_of == abroad
    assert summary.as_of.tzinfo is UTC


def test_a_name_of_the_oddest_characters_is_kept(store: Store):
    odd = Subject("workload", "pro\0duction", "a\ud800/b\ufdd0", (("te\0am", "\udfff"),))
    stated = Fact(odd, "key", "x", origin=Origin("gi\0t", "\udc80.yaml", query='up{a="\0"}'))
    keep(store, 0, [stated], (Coverage("gi\0t", "pro\0duction", "workload"),))
    keep(store, 1, [stated], (Coverage("gi\0t", "pro\0duction", "workload"),))
    assert store.facts() == (stated,)
    assert store.facts()[0].subject.labels == odd.labels
    assert [(entry.fact, entry.last_seen) for entry in store.history(odd)] == [(stated, night_of(1))]
    snapshot = store.snapshot()
    assert snapshot is not None and snapshot.facts == (stated,)
