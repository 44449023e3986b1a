"""Text that nobody's chat may obey."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.notifiers.plain_text import plain

OBEYED = re.compile(r"[<>\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]|\]\(|(?<![\w.+-])@\w")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> now", "‹!channel› now"),
        ("<@U123> and <script>", "‹＠U123› and ‹script›"),
        ("@everyone, (@here)", "＠everyone, (＠here)"),
        ("Ann <ann@example.org>", "Ann ‹ann@example.org›"),
        ("[sign in](http://evil.example)", "[sign in] (http://evil.example)"),
        ("p99 < 2s & rising", "p99 ‹ 2s & rising"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("مرحبا 🙂", "مرحبا 🙂"),
    ],
)
def test_text_means_nothing_but_what_it_says(text, shown):
    assert plain(text) == shown


@given(st.text(st.characters() | st.sampled_from("<>@[]() \n\ud800")))
def test_nothing_that_a_chat_obeys_is_left(text):
    assert OBEYED.search(plain(text)) is None


def test_a_long_text_is_cut_and_says_so():
    assert plain("x" * 5_000, 100).endswith("x… (5,000 characters)")
