"""Collected text stays text in Slack's markup, and ours marks up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.notifiers.slack.mrkdwn import (
    Mrkdwn,
    code,
    day,
    escaped,
    exact,
    joined,
    link,
    mention,
    moment,
    mrkdwn,
    plain,
    preformatted,
)
from driftbot.report.harmless import harmless
from driftbot.sandbox.page.mrkdwn import mrkdwn as read
from tests.notifiers.slack import hostile
from tests.notifiers.slack.payload_checks import markup_faults


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U012ABC> <#C012ABC>", "&lt;@U012ABC&gt; &lt;#C012ABC&gt;"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("*bold* _it_ ~gone~ `code`", "∗bold∗ ˍitˍ ∼gone∼ ˋcodeˋ"),
        ("＊bold＊ ＿it＿ ｀code｀", "∗bold∗ ˍitˍ ˋcodeˋ"),
        ("kube_job_duration_seconds 2*3 a~b", "kube_job_duration_seconds 2*3 a~b"),
        ("__init__", "ˍˍinitˍˍ"),
        (":fire: :+1::skin-tone-2: 10:30:15 a.yaml:14:3: x", "꞉fire: ꞉+1:꞉skin-tone-2: 10:30:15 a.yaml:14:3: x"),
        ("> quote", "› quote"),
        ("5 > 3", "5 &gt; 3"),
        ("two\r\nlines", "two ↵ lines"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth\x00", "zero\\u200bwidth\\x00"),
        ("\ud800", "\\ud800"),
        ("שלום world", "\u2068שלום world\u2069"),
        ("{} {0} %s", "{} {0} %s"),
        ("", ""),
    ],
)
def test_collected_text_stays_text(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("job:production/a_b", "`job:production/a_b`"),
        ("*x* _y_ :fire:", "`*x* _y_ :fire:`"),
        ("a`b``c", "`aˋbˋˋc`"),
        ("<!channel>", "`&lt;!channel&gt;`"),
        ("עברית", "\u2068`עברית`\u2069"),
        ("  padded  ", "`padded`"),
        ("", ""),
        (" ", ""),
    ],
)
def test_names_stand_in_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_arithmetic_keeps_its_signs() -> None:
    assert exact("at most 0.7 × 2h") == "at most 0.7 × 2h"
    assert exact("at most 0.7 * 2h") == "`at most 0.7 * 2h`"


def test_what_is_long_is_cut_and_says_how_long_it_was() -> None:
    assert escaped("x" * 5000).endswith("… (5,000 characters)")
    assert code("x" * 5000, 160).endswith("… (5,000 characters)`")
    assert escaped("x" * 5000, 40) == "x" * 39 + "…"
    assert escaped("&" * 300, 300) == "&amp;" * 59 + "…"


@given(hostile.text, st.integers(8, 500))
def test_nothing_that_was_collected_marks_up(text: str, longest: int) -> None:
    shown = escaped(text, longest)
    assert len(shown) <= longest
    assert list(markup_faults(shown)) == []
    assert not re.search(r"[`｀\n\r]|(?<![^\W_])[*＊_＿~～]|[*＊_＿~～](?![^\W_])", shown.strip("\u2068\u2069"))
    assert not re.search(r":([\w+'-]*[^\W\d][\w+'-]*|\+1|-1|100|1234):", shown)
    assert not re.match("[\\s\u2068]*(&gt;|＞)", shown)


@given(hostile.text, st.integers(8, 500))
def test_a_code_span_is_one_span(text: str, longest: int) -> None:
    shown = code(text, longest)
    assert len(shown) <= longest
    assert list(markup_faults(shown)) == []
    assert not shown or re.fullmatch("\u2068?`[^`｀\n]+`\u2069?", shown)


@given(hostile.text)
def test_a_reader_of_slacks_markup_finds_none(text: str) -> None:
    """The page of the sandbox reads the markup on its own. It also links bare addresses, which ``verbatim`` forbids."""
    nodes = read(escaped(text).replace("://", ":"), lambda _: None)
    assert [node for node in nodes if not isinstance(node, str)] == []
    spans = [node for node in read(code(text), lambda _: None) if not isinstance(node, str)]
    assert [span.tag for span in spans if span is not None] == ["code"] * bool(code(text))


@given(st.text(max_size=100))
def test_nothing_is_lost(text: str) -> None:
    back = str.maketrans("∗ˍ∼ˋ꞉›", "*_~`:>")
    shown = escaped(text, 5000).strip("\u2068\u2069")
    for entity, mark in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, mark)
    wide = str.maketrans("＊＿～｀＞", "*_~`>")
    assert shown.translate(back) == harmless(text).strip().translate(wide).translate(back)


@given(hostile.text, st.integers(8, 300))
def test_plain_text_fits_and_mentions_nobody(text: str, longest: int) -> None:
    shown = plain(text, longest)
    assert len(shown) <= longest
    assert not re.search(r"<[!@#]", shown)


@pytest.mark.parametrize(
    ("url", "text", "shown"),
    [
        ("https://example.org/a?b=1&c=2", "review", "<https://example.org/a?b=1&amp;c=2|review>"),
        ("https://example.org/", "a|b <!here>", "<https://example.org/|a¦b &lt;!here&gt;>"),
        ("https://example.org/", "", "<https://example.org/|link>"),
        ("javascript:alert(1)", "x", "x `javascript:alert(1)`"),
        ("https://example.org/a|b>", "x", "x `https://example.org/a|b&gt;`"),
        ("https://example.org/ a", "x", "x `https://example.org/ a`"),
        ("https://example.org/\u202e", "x", "x `https://example.org/\\u202e`"),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str, text: str, shown: str) -> None:
    assert link(url, text) == shown


@pytest.mark.parametrize(
    ("identity", "shown"),
    [
        ("U012ABC", "<@U012ABC>"),
        ("W012ABC", "<@W012ABC>"),
        ("S012ABC", "<!subteam^S012ABC>"),
        ("channel", ""),
        ("!channel", ""),
        ("U012>x", ""),
        ("C012ABC", ""),
        ("", ""),
    ],
)
def test_only_people_and_groups_are_mentioned(identity: str, shown: str) -> None:
    assert mention(identity) == shown


def test_times_are_the_readers_and_days_are_utc() -> None:
    east = timezone(timedelta(hours=9))
    at = datetime(2026, 5, 4, 8, 30, tzinfo=east)
    assert moment(at) == "<!date^1777851000^{date_short_pretty} {time}|2026-05-03 23:30 UTC>"
    assert day(at) == "2026-05-03"
    assert moment(datetime(1969, 7, 20, tzinfo=UTC)) == "1969-07-20 00:00 UTC"
    assert day(datetime(1, 1, 1, tzinfo=east)) == "0001-01-01"


def test_what_is_ours_marks_up_and_what_is_not_does_not() -> None:
    assert mrkdwn("*{}* {}", "<b>", Mrkdwn("_ours_")) == "*&lt;b&gt;* _ours_"
    assert mrkdwn("{}", "{0}") == "{0}"
    assert joined(" · ", (Mrkdwn("a"), Mrkdwn(""), Mrkdwn("b"))) == "a · b"


def test_preformatted_lines_cannot_leave_their_block() -> None:
    assert preformatted(["-a: 1", "+a: `2`", "```"], 200) == "```\n-a: 1\n+a: ˋ2ˋ\nˋˋˋ\n```"
    assert len(preformatted(["<" * 500] * 9, 300)) <= 300
    assert preformatted([" "], 300) == ""
