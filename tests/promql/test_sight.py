"""What an expression has to see: and, or, unless, absence, windows; and what it has lost when some of it is gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.alerts.corpus import public_rules
from driftbot.promql.expression import parse
from driftbot.promql.selector import Match, Matcher, Selector, selectors
from driftbot.promql.selector_text import selector_text
from driftbot.promql.sight import Lost, Outlook, looks, outlook, sight


def lost(expression, gone=(), unknown=()):
    """The metrics that are lost and whether more may be, when some metrics are gone and some not known."""

    def of(look):
        if look.selector.metric in gone:
            return Outlook((Lost(look),))
        return Outlook(unsure=look.selector.metric in unknown)

    found = outlook(sight(parse(expression)), of)
    names = ["-" * one.held_back + one.look.selector.metric for one in found.lost]
    return " ".join(names) + ("?" if found.unsure else "")


@pytest.mark.parametrize(
    ("expression", "gone", "expected"),
    [
        ("a > 5", "a", "a"),
        ("a > 5", "", ""),
        ("a > 5", "?a", "?"),
        ("rate(a[5m]) / rate(b[5m]) > 0.1", "b", "b"),
        ("a > 1 and b > 2", "b", "b"),
        ("a > 1 and on (job) b > 2", "a ?b", "a?"),
        ("a or b", "a", ""),
        ("a or b", "a b", "a b"),
        ("a or b", "a ?b", "?"),
        ("a or b", "?a", ""),
        ("(a or b) and c", "c", "c"),
        ("sum(a) or vector(0)", "a", "a"),
        ("(sum(a) or vector(0)) / (sum(b) or vector(0)) > 2", "a", "a"),
        ("vector(0) or vector(1)", "a", ""),
        ("a unless b", "a", "a"),
        ("a unless b", "b", "-b"),
        ("a unless (b or c)", "b", ""),
        ("a unless (b or c)", "b c", "-b -c"),
        ("absent(a)", "a", ""),
        ("absent_over_time(a[5m]) == 1", "a", ""),
        ("absent(a) or b > 1", "b", ""),
        ("absent(a) and b > 1", "b", "b"),
        ("(absent(a) or vector(0)) > 0", "a", ""),
        ("topk(3, a) > 1", "a", "a"),
        ("-a < 1", "a", "a"),
        ("time() - max(a) > 3600", "a", "a"),
        ("label_replace(a, 'x', '$1', 'y', '(.*)') > 1", "a", "a"),
        ("a > scalar(b)", "b", "b"),
        ("a + a > 1", "a", "a"),
        ("vector(1)", "", ""),
    ],
)
def test_what_is_lost(expression, gone, expected):
    names = gone.split()
    unknown = [name[1:] for name in names if name.startswith("?")]
    assert lost(expression, [name for name in names if not name.startswith("?")], unknown) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", ("a", 0, 0, False)),
        ("rate(a[5m])", ("a", 300, 300, False)),
        ("sum(increase(a[1h])) > 1", ("a", 3600, 3600, False)),
        ("avg_over_time(a[10m])", ("a", 600, 0, False)),
        ("max_over_time(rate(a[5m])[1h:])", ("a", 3900, 300, False)),
        ("rate(a[5m:1m])", ("a", 300, 0, False)),
        ("rate(avg_over_time(a[5m])[1h:])", ("a", 3900, 0, False)),
        ("rate((a[5m]))", ("a", 300, 300, False)),
        ("a offset 1w", ("a", 0, 0, False)),
        ("a @ 1609746000", ("a", 0, 0, True)),
        ("rate(a[5m] @ end())", ("a", 300, 300, True)),
        ("predict_linear(a[6h], 4 * 3600) < 0", ("a", 21600, 21600, False)),
    ],
)
def test_how_far_back_it_looks(expression, expected):
    (look,) = looks(sight(parse(expression)))
    assert (look.selector.metric, look.window, look.rated, look.fixed) == expected


LABELS = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "__name__")
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
EXACT = st.builds(Matcher, LABELS, st.sampled_from([Match.EQUAL, Match.NOT_EQUAL]), VALUES)


@given(
    st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,12}", fullmatch=True).filter(
        lambda name: name.lower() not in {"inf", "nan", "and", "or", "unless", "by", "on", "without", "bool", "offset"}
    ),
    st.lists(EXACT, max_size=4, unique=True),
)
def test_a_selectors_text_reads_as_the_selector(metric, matchers):
    selector = Selector(metric, tuple(sorted(matchers)))
    assert selectors(parse(f"count({selector_text(selector)})")) == (selector,)


@pytest.mark.parametrize(
    "text",
    [
        "up",
        'up{job="a"}',
        '{job="a"}',
        '{__name__=~"a|b",job!="c"}',
        'up{path=~"/a\\\\.b",x=""}',
        '{__name__="my.metric",a="b"}',
        'up{a="b" or c="d"}',
    ],
)
def test_selectors_as_people_write_them(text):
    (selector,) = selectors(parse(text))
    assert selector_text(selector) == text


@pytest.mark.corpus
def test_every_selector_of_public_alerts_is_written_as_it_reads():
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    read = [look for rule in public_rules(Path(folder)) for look in looks(sight(parse(rule.expression)))]
    written = {look.selector: selector_text(look.selector) for look in read}
    assert len(written) == len(set(written.values())) > 2_000
    for selector, text in written.items():
        assert selectors(parse(f"count({text})")) == (selector,)
