"""What an alert asks, as tokens: the same for all spellings of one text, and quick for what is no expression."""

from __future__ import annotations

import pytest

from driftbot.core.fact import View
from driftbot.core.sighting import Sighting, alert_of
from driftbot.core.subject import SubjectId


def sighting(expression: str) -> Sighting:
    return Sighting("production", "a", "git", View.DECLARED, "a.yml", "a.yml", "g", "A", "", (), expression)


def test_quoting_spaces_and_comments_do_not_matter() -> None:
    assert sighting("x{a='b'} > 5 # why").asks == sighting('x{ a="b" }>5').asks
    assert sighting("x{a='5'} > 5").shape == sighting("x{a='5'} > 6").shape != sighting("x{a='6'} > 5").shape


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ['"\\' * 50_000, "'" + '"\\' * 50_000, "`" + "'\\" * 50_000, "x > '"])
def test_a_text_whose_quotes_never_close_is_looked_at_once(text: str) -> None:
    assert sighting(text).tokens


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("condition:production/Disk/1", ("alert:production/Disk", 1)),
        ("condition:production/rules/a.yml/Disk/12", ("alert:production/rules/a.yml/Disk", 12)),
        ("condition:production/Disk", None),
        ("condition:production/Disk/0", None),
        ("condition:production/Disk/x", None),
        (f"condition:production/Disk/{'9' * 5000}", None),
        ("alert:production/Disk/1", None),
    ],
)
def test_a_condition_says_whose_it_is(subject, found):
    place = alert_of(SubjectId.parse(subject))
    assert (place and (str(place[0]), place[1])) == found
