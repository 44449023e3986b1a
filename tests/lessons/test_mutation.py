import pytest

from driftbot.lessons.mutation import changes


def texts(expression):
    return [change.text for change in changes(expression)]


@pytest.mark.parametrize(
    ("expression", "mutated"),
    [
        ("a < b", ["a >= b", "a <= b"]),
        ("a >= b", ["a < b", "a > b"]),
        ("a == b", ["a != b"]),
        ("a && b", ["a || b", " b", "a "]),
        ("a + b", ["a - b"]),
        ("a > -1", ["a <= -1", "a >= -1", "a > -0", "a > -2"]),
        ("0.7", ["0.63", "0.77"]),
        ("1.0", ["0.9", "1.1"]),
        ("200", ["180", "220"]),
        ('duration("60d")', ['duration("54d")', 'duration("66d")']),
        ('duration("250ms")', ['duration("225ms")', 'duration("275ms")']),
        ('bytes("1Ki")', ['bytes("921.6")', 'bytes("1126.4")']),
        ('timestamp("2026-01-01T00:00:00Z")', []),
        ('self.d.max("30d")', ['self.d.min("30d")', 'self.d.mean("30d")', 'self.d.max("15d")', 'self.d.max("60d")']),
        ('t == "1"', ['t != "1"', 't == "not 1"']),
        ("known(self.a)", ["!known(self.a)"]),
        ("!a", ["a"]),
        ("approved.a", ["self.a"]),
        ("declared.a", ["effective.a"]),
        ("self.labels.max", []),
        ("x.all(r, r)", ["x.exists(r, r)"]),
    ],
)
def test_every_mutation_of_an_expression(expression, mutated):
    assert texts(expression) == mutated


def test_a_change_says_what_it_did():
    assert [change.what for change in changes("a <= 3")] == [
        "<= turned to >", "<= made <", "3 moved to 2", "3 moved to 4",
    ]  # fmt: skip


def test_no_mutant_is_the_original_or_comes_twice():
    expression = '(a || b) && !(c < 1.5) && d.quantile(0.99, "14d") <= 3 * e'
    found = texts(expression)
    assert expression not in found
    assert len(found) == len(set(found))
