"""Reading signals: every error at once, in words; and how labels become a subject."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from driftbot.core.quantity import Unit
from driftbot.signals.reading import BadSignals, SignalBook, SignalEntry, read_signals, shipped
from driftbot.signals.signal import Signal

GOOD = {
    "name": "shop/queue",
    "kind": "service",
    "key": "queue.length",
    "unit": "count",
    "meaning": "Orders that wait to be handled.",
    "query": "sum by (service) (orders_waiting)",
    "subject": "{service}",
}


def signal(**changes):
    return SignalEntry.model_validate({**GOOD, **changes}).signal()


def test_a_few_lines_are_enough():
    assert signal() == Signal(
        "shop/queue", "service", "queue.length", Unit.COUNT, GOOD["meaning"], GOOD["query"], "{service}", ""
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"query": "sum by (service (x)"}, "query is not PromQL"),
        ({"query": "(" * 200_000 + "x" + ")" * 200_000}, "query is not PromQL: the expression has"),
        ({"query": "(" * 20_000 + "x" + ")" * 20_000}, "query is not PromQL: brackets are nested"),
        ({"subject": "everything"}, "names no label of the answer"),
        ({"unit": "minutes"}, "Input should be 'seconds', 'bytes'"),
        ({"key": "Queue.Length"}, "String should match pattern"),
        ({"key": "queue..length"}, "String should match pattern"),
        ({"step": "soon"}, "is not a quantity in seconds"),
        ({"step": 0}, "greater than 0"),
        ({"meaning": "short"}, "at least 10 characters"),
        ({"aggregation": "median"}, "Input should be 'max', 'min' or 'sum'"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_an_error_says_what_is_wrong(change, words):
    with pytest.raises(ValidationError, match=words):
        signal(**change)


def test_all_errors_of_all_files_come_at_once():
    bad = "exporter: a\nabout: b\nurl: c\nsignals:\n  - {name: X, kind: service, unit: minutes}\n"
    with pytest.raises(BadSignals) as caught:
        read_signals([("one.yaml", bad), ("two.yaml", "exporter: [")])
    lines = str(caught.value).splitlines()
    assert len(lines) >= 7 and lines[0].startswith("one.yaml: signals.0.") and lines[-1].startswith("two.yaml: ")


def test_two_units_of_one_key_are_refused():
    entry = SignalEntry.model_validate({**GOOD, "key": "traffic"})
    with pytest.raises(
        BadSignals, match=r"traffic of a service is in count, but .* measures it in per_second|in per_second, but"
    ):
        SignalBook.of([entry])


def test_own_signals_come_first_and_replace_shipped_ones_of_their_name():
    name = "http-requests-total/traffic"
    mine = SignalEntry.model_validate({**GOOD, "name": name, "key": "traffic", "unit": "per_second"})
    measuring = SignalBook.of([mine]).measuring("service", "traffic")
    assert measuring[0] == mine.signal()
    assert [one.name for one in measuring].count(name) == 1


def test_leaving_out_what_is_not_shipped_is_an_error():
    assert len(SignalBook.of([], [shipped()[0].name]).signals) == len(shipped()) - 1
    with pytest.raises(BadSignals, match="`without` names no shipped signal: node/mood"):
        SignalBook.of([], ["node/mood"])


@pytest.mark.parametrize(
    ("pattern", "labels", "name"),
    [
        ("{namespace}/{workload}", {"namespace": "shop", "workload": "cart", "pod": "cart-1"}, "shop/cart"),
        ("{service|job}", {"job": "pods"}, "pods"),
        ("{service|job}", {"service": "cart", "job": "pods"}, "cart"),
        ("{service|job}", {"service": "", "job": "pods"}, "pods"),
        ("{a}->{b}", {"a": "x"}, None),
        ("{a}", {"a": "{b}", "b": "no"}, "{b}"),
    ],
)
def test_labels_become_a_subject(pattern, labels, name):
    found = signal(subject=pattern, labels={"where": "{zone}"}).subject_of({**labels, "zone": "eu"}, "production")
    assert (found and found.name) == name
    if found is not None:
        assert (found.kind, found.environment, found.labels) == ("service", "production", (("where", "eu"),))
