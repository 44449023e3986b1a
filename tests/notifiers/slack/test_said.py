"""A message's words: equal words have an equal hash, and no others."""

from __future__ import annotations

import pytest

from driftbot.notifiers.slack import block_kit
from driftbot.notifiers.slack.mrkdwn import Mrkdwn, mrkdwn
from driftbot.notifiers.slack.said import Said


def said(text: str, *lines: str) -> Said:
    return Said(Mrkdwn(text), tuple(block_kit.sections(mrkdwn("{}", line) for line in lines)))


def test_equal_words_have_an_equal_hash() -> None:
    assert said("a", "b", "c").content == said("a", "b", "c").content
    assert len({said(*words).content for words in (("a", "b"), ("a", "c"), ("b", "b"), ("a", "b", "b"))}) == 4


@pytest.mark.parametrize("text", ["", "x" * 601])
def test_the_fallback_is_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 600 characters"):
        said(text, "b")
