from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.lessons.tokens import Word, operands, replaced, tokens


def test_words_keep_their_places():
    text = 'worst <= 0.7 * deadline // a remark\n && self.labels["a"] != "x"'
    words = tokens(text)
    assert [word.text for word in words] == [
        "worst", "<=", "0.7", "*", "deadline", "&&", "self", ".", "labels", "[", '"a"', "]", "!=", '"x"',
    ]  # fmt: skip
    assert all(text[word.start : word.end] == word.text for word in words)
    assert words[2].word is Word.NUMBER and words[10].word is Word.TEXT


def test_a_sign_inside_a_text_is_no_sign():
    assert [word.text for word in tokens('"a && b" == \'c"d\'')] == ['"a && b"', "==", "'c\"d'"]


def test_a_replaced_word_leaves_the_rest_alone():
    text = "a <  b"
    assert replaced(text, tokens(text)[1], ">=") == "a >=  b"


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("a", []),
        ("a && b && c", ["a", "b", "c"]),
        ("a && b || c", ["a && b", "c", "a", "b"]),
        ("a && (b || c)", ["b", "c", "a", "(b || c)"]),
        ("f(a && b, c)", ["a", "b"]),
        ("x.all(r, r > 1 || r < 0)", ["r > 1", "r < 0"]),
        ("a ? b && c : d", ["b", "c"]),
    ],
)
def test_the_sides_of_and_and_or(text, sides):
    found = [text[side.start : side.end].strip() for side in operands(tokens(text), len(text))]
    assert found == sides


@pytest.mark.parametrize(("index", "rest"), [(0, "b && c"), (1, "a && c"), (2, "a && b")])
def test_a_side_can_be_cut(index, rest):
    text = "a && b && c"
    start, end = list(operands(tokens(text), len(text)))[index].without
    assert (text[:start] + text[end:]).split() == rest.split()


@given(st.text())
def test_any_text_is_split_into_words_that_cover_it(text):
    words = tokens(text)
    assert all(text[word.start : word.end] == word.text for word in words)
    assert all(left.end <= right.start for left, right in pairwise(words))
