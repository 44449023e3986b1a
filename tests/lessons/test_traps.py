import pytest

from driftbot.core.fact import Origin
from driftbot.lessons.traps import traps

ORIGIN = Origin("rules", "a.yaml")


@pytest.mark.parametrize(
    ("line", "kept", "column"),
    [
        ("expect: !known(self.a)", "a tag", 9),
        ("where: [1, 2].size() > 1", "a list", 8),
        ('expect: "x" == self.a', "a quoted text with something behind it", 9),
        ("let:\n  b: !self.a", "a tag", 6),
        ("recommend:\n  a.b: *self", "an alias", 8),
        ("expect: a ? b : c", "a mapping", 9),
    ],
)
def test_what_yaml_takes_for_its_own(line, kept, column):
    (found,) = traps(line, ORIGIN)
    assert kept in found.message
    assert found.origin == Origin("rules", "a.yaml", line.count("\n") + 1, column)
    assert found.hint.startswith("quote it: '")


@pytest.mark.parametrize(
    "text",
    [
        "expect: self.a <= 3",
        "expect: '!known(self.a)'  # quoted",
        'expect: "!known(self.a)"',
        "message: !tagged",
        "cases:\n  - name: x\n    facts: {a: [1]}",
        'let:\n  worst: self.a.max("30d")',
        "expect: >-\n  !known(self.a)",
    ],
)
def test_what_is_no_trap(text):
    assert list(traps(text, ORIGIN)) == []
