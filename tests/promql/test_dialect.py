"""What is no PromQL is named for what it looks like, and skipped; what is PromQL of any age is read."""

from __future__ import annotations

import pytest

from driftbot.promql.dialect import dialect
from driftbot.promql.expression import NotPromQL, canonical, parse


@pytest.mark.parametrize(
    "text",
    [
        "x > 5m",
        "time() - x > 1d12h",
        "x > 1_000_000",
        "x > 0x1_F",
        "holt_winters(x[5m], 0.5, 0.5) > 1",
        "double_exponential_smoothing(x[5m], 0.5, 0.5) > 1",
        'info(x, {a="b"}) > 1',
        "limitk(5, x) > 1",
        "limit_ratio(0.5, x) > 1",
        "x @ start() > 1",
        "rate(x[5m] @ end()) > 1",
        "x @ 1609746000 > 1",
        "histogram_avg(x) > 1",
        "histogram_count(rate(x[5m])) > 1",
        "histogram_fraction(0, 0.2, x) > 0.1",
        "histogram_stddev(x) > histogram_stdvar(x)",
        "mad_over_time(x[5m]) > 1",
        "ts_of_max_over_time(x[5m]) > 1",
        'sort_by_label(x, "a") > 1',
        '{"my.metric", "label.x"="b"} > 1',
        "x offset -5m > 1",
        "x > +Inf or x < -Inf",
    ],
)
def test_promql_of_every_age_is_read(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('sum(rate({app="x"} |= "error" [5m])) > 1', "LogQL"),
        ('sum by (a) (rate({app="x"} | json | __error__="" [5m])) > 1', "LogQL"),
        ('count_over_time({app="x"} !~ "debug" [5m]) > 1', "LogQL"),
        ("x default 0 > 1", "MetricsQL"),
        ("x if y > 1", "MetricsQL"),
        ("WITH (a = 1) x > a", "MetricsQL"),
        ("median_over_time(x[5m]) > 1", "MetricsQL"),
        ("rate(x[5i]) > 1", "MetricsQL"),
        ("x > 10Ki", "MetricsQL"),
        ("rate(x[5m * 2]) > 1", "computed duration"),
        ("rate(x[step()]) > 1", "computed duration"),
        ("rate(x[5m] anchored) > 1", "newer servers"),
    ],
)
def test_another_language_is_named(text: str, language: str) -> None:
    with pytest.raises(NotPromQL, match=f"; it looks like .*{language}"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["x >", "sum(x", "anomaly(x) > 1", 'x{a="| json"} > ', "x{if='default 1'} >", "# default 0\nx >"]
)
def test_plain_mistakes_are_nobody_s_language(text: str) -> None:
    assert dialect(text) == ""
    with pytest.raises(NotPromQL) as error:
        parse(text)
    assert "looks like" not in str(error.value)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "[)" * 40_000,
        "[1" + "1" * 90_000,
        '"\\' * 40_000,
        "'" + '"\\' * 40_000,
        "`" + "'\\" * 40_000,
        "<%" * 40_000,
        "}{{" * 30_000,
        "{ " * 40_000,
        "1." * 40_000,
        "$" * 90_000,
    ],
    ids=["brackets", "digits", "quotes", "quoted quotes", "backquotes", "ERB", "Jinja", "braces", "points", "dollars"],
)
def test_a_hostile_text_is_refused_in_time(text: str) -> None:
    """What grows with the square of the text would take minutes."""
    assert len(dialect(text)) < 80
    with pytest.raises(NotPromQL):
        parse(text)
