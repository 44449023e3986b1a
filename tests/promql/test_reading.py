"""An expression read once says what its parts say when they are asked one by one."""

from __future__ import annotations

import pytest

from driftbot.promql.condition import conditions
from driftbot.promql.expression import NotPromQL, canonical, parse
from driftbot.promql.folding import folded
from driftbot.promql.reading import read_expression
from driftbot.promql.selector import metrics, windows

EXPRESSIONS = [
    "up == 0",
    "1_000 < sum by (job) (rate(http_requests_total[5m]))",
    "absent(up{job='a'})",
    "sum by (job) (rate(http_requests_total[5m]))",
    "a > b",
    "a > 1 and on (x) b > 2 unless c",
    "1 < a < 3",
    "(a > 5) * on (pod) group_left () info",
    "sum(a > bool b)",
    "vector(1) == 1",
    "a > scalar(b)",
    "max_over_time(rate(a[5m])[1h:1m]) > (1 - 0.999) * 14.4",
    '{__name__="a", x="1"} > 2 or b',
    "label_replace(a > 1, 'x', '$1', 'y', '(.*)') or absent(b offset 1d)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_reading_agrees_with_its_parts(text):
    read, expression = read_expression(text), parse(text)
    assert read.canonical == folded(expression, canonical(text))
    assert read.metrics == metrics(expression)
    assert read.conditions == conditions(expression)
    assert all(set(condition.windows) <= set(windows(expression)) for condition in read.conditions)


def test_what_is_no_expression_is_never_remembered_as_one():
    for _ in range(2):
        with pytest.raises(NotPromQL, match="placeholder"):
            read_expression("up == $threshold")
