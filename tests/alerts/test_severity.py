"""Loudness: words of severity in an order, and words outside of it."""

import pytest

from driftbot.alerts.severity import loudness


def test_the_usual_words_are_in_order():
    ranks = [loudness(word) for word in ("none", "minor", "ticket", "error", "critical", "page")]
    assert ranks == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(("word", "rank"), [("P1", 5), ("p5", 1), ("sev1", 5), ("SEV-3", 3), (" Warning ", 3)])
def test_numbers_count_down_and_spelling_does_not_matter(word, rank):
    assert loudness(word) == rank


@pytest.mark.parametrize("word", ["gold", "1", "", "P0", "P6", "platform"])
def test_other_words_have_no_rank(word):
    assert loudness(word) is None
