"""The hidden mark is read back as it was written, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.forges.mark import Mark, read_mark, with_mark

WORDS = st.text(alphabet="abcdef0123456789_.:-", min_size=1, max_size=64)


@given(st.text(), WORDS, WORDS, st.booleans())
def test_a_mark_is_read_back_whatever_stands_before_it(body: str, fingerprint: str, digest: str, ended: bool) -> None:
    mark = Mark(fingerprint, digest, ended)
    assert read_mark(with_mark(body, mark)) == mark
    assert read_mark(with_mark(with_mark(body, Mark("other", "old")), mark).replace("\n", "\r\n")) == mark


def test_a_mark_is_hidden_and_stands_once() -> None:
    body = with_mark(with_mark("Text.\n", Mark("a", "b")), Mark("a", "c", ended=True))
    assert body == "Text.\n\n<!-- driftbot:fingerprint=a digest=c ended -->\n"


def test_the_last_mark_counts() -> None:
    ours = Mark("a", "b")
    assert read_mark(f"{Mark('evil', 'evil', ended=True)} pasted\n{ours}\n") == ours


@pytest.mark.parametrize(
    "body", ["", "text", "<!-- driftbot:fingerprint= digest=b -->", "<!-- driftbot:fingerprint=a -->"]
)
def test_no_mark(body: str) -> None:
    assert read_mark(body) is None


@pytest.mark.parametrize("part", ["", "a b", "a-->", "a\n"])
def test_a_mark_that_could_end_early_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a mark"):
        Mark(part, "d")
    with pytest.raises(ValueError, match="cannot stand in a mark"):
        Mark("f", part)
