"""Foreign text does nothing beyond the page, whatever it is, and what driftbot writes as code stays as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftbot.core.harmless import harmless
from driftbot.forges.markdown import JOINER, cell, code_block, code_span, defused, fitted, literal, plain_line
from tests.forges.rendered import code_of, effects, text_of

PIECES = st.sampled_from(
    [
        *("@ada", "@org/team", "@@maintainers", "&#64;ada", "&commat;ada", "\\@ada", "@", "ada", " "),
        *(
            "fixes #1",
            "Closes: #22",
            "resolves https://github.com/o/r/issues/5",
            "#1",
            "!3",
            "GH-12",
            "&#35;1",
            "o/r#1",
        ),
        *("/close", "/merge", "> /close", "- /assign @ada", "/etc/passwd", "/"),
        *("<!--", "-->", "<script>", "</details>", "<details>", "<https://x.y>", "<b", "<?php", "<![CDATA["),
        *(
            "![a](http://x/y.png)",
            "[@ada](http://x)",
            "[a]: http://x",
            "https://x/y#1",
            "https://@ada",
            "http://x/@ada",
        ),
        *(
            "```",
            "````",
            "~~~",
            "```yaml",
            "`",
            "``",
            "    ",
            "\t",
            "> ",
            "- ",
            "1. ",
            "---",
            "+++",
            ";;;",
            "$$",
            ">>>",
        ),
        *("\n", "\n\n", "\r\n", "\r", "\x00", "\u202e", "\u2028", "x", ".", "|", "*", "_", "#", "&", "é"),
    ]
)
CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
TEXTS = st.lists(PIECES, max_size=24).map("".join) | st.text(max_size=60)


@given(TEXTS)
@example("---\n\n```\n---\n@ada")
@example("```\n\n```\n@ada")
@example("x\n```\n\n````\n@ada\n")
@example("- ```\n\n  ```\n\n@ada")
@example("&#64;ada &commat;ada")
@example("é@ada")
@example("_@ada_ _fixes https://github.com/o/r/issues/5_")
@example("![a](http://x/y.png)#1")
def test_a_defused_text_does_nothing(text: str) -> None:
    assert effects(defused(text)) == set()


@given(TEXTS)
def test_defusing_twice_is_as_good_as_once(text: str) -> None:
    once = defused(text)
    assert effects(defused(once)) == set()


@given(st.text(max_size=80))
def test_foreign_code_cannot_leave_its_fence(text: str) -> None:
    shown = defused(f"Before\n{code_block(text, 'yaml')}\nAfter @ada")
    (code,) = code_of(shown)
    assert effects(shown) == set()
    kept = [line.strip() for line in code.replace(JOINER, "").splitlines() if line.strip()]
    shown_lines = [line.strip() for line in re.sub(CONTROLS, "", text.replace("\r", "\n")).splitlines()]
    assert kept == [line for line in (line.replace(JOINER, "").strip() for line in shown_lines) if line]


@given(st.text(max_size=80))
def test_a_literal_shows_what_it_is_and_nothing_else(text: str) -> None:
    shown = f"Value: {literal(text)}."
    assert effects(defused(shown)) == set()
    assert text_of(defused(shown)).split() == f"Value: {harmless(text)}.".replace(JOINER, "").split()


@given(st.text(max_size=80))
def test_a_code_span_shows_what_it_is(text: str) -> None:
    (code,) = code_of(f"Value: {code_span(text)}.")
    assert code.strip() == harmless(text).strip()
    assert effects(defused(f"Value: {code_span(text)}.")) == set()


def test_code_that_driftbot_writes_stays_byte_for_byte() -> None:
    diff = "-image: shop@sha256:1\n+image: shop@sha256:2 # fixes #1, @ada\n <!-- x -->"
    assert diff in defused(f"The change:\n{code_block(diff, 'diff')}\nDone.")


def test_mail_addresses_digests_and_urls_stay() -> None:
    text = "a.b@example.org, repo/app@sha256:12, [log](https://ci.example.org/x?a=1&b=2#L3) 85% of 2 < 3 && x > 1"
    assert defused(text) == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Raise\nthe  deadline", "Raise ↵ the deadline"),
        ("@ada fixes #1", f"@{JOINER}ada fixes #{JOINER}1"),
        ("x" * 300, "x" * 254 + "…"),
        ("\x1b[31mred", "\\x1b[31mred"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert plain_line(text, 255) == title


def test_cells_of_tables_keep_their_bars() -> None:
    assert cell("a|b") == "`a\\|b`"


@given(TEXTS, st.integers(200, 400))
def test_a_text_fits(text: str, longest: int) -> None:
    short = fitted(defused(text * 20), longest)
    assert len(short) <= longest
    assert effects(defused(short)) == set()


def test_a_cut_fence_is_closed_before_the_sentence() -> None:
    short = fitted("Head\n\n````yaml\n" + "key: value\n" * 100 + "````\n", 300)
    assert len(short) <= 300
    assert "The text ends here: it has 1,120 characters and the forge takes 300." in text_of(short)
