"""Rules that say nothing, were stopped or are due for review are reported."""

from __future__ import annotations

from datetime import date

from driftbot.core.evaluation import Tally
from driftbot.core.fact import Origin
from driftbot.core.key import Delivery, Key, ValueType, Vocabulary
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.upkeep import Neglect, upkeep

TODAY = date(2026, 5, 1)
TEXT = Expression("true", Origin("rules"))


def rule(name: str, review_by: date | None = None) -> Rule:
    lesson = Lesson("https://e.org", "s")
    return Rule(name, "t", lesson, "w", Severity.HIGH, "ada", "job", TEXT, TEXT, Origin("rules"), "d", review_by)


def test_every_kind_of_neglect_is_said_the_worst_first():
    rules = [rule("stale", date(2026, 4, 30)), rule("due-today", TODAY), rule("nothing"), rule("elsewhere")]
    tallies = [
        Tally("stale", 3, 3, ok=3),
        Tally("nothing"),
        Tally("elsewhere", subjects=4),
        Tally("blind", 3, 3, unknown=3, never_seen=("duration", "timeout")),
        Tally("slow", stopped="it used more than 5 s", never_seen=("x",)),
        Tally("undecided", 3, 0, undecided=3),
    ]
    assert [(note.rule, note.neglect, note.detail) for note in upkeep(rules, tallies, TODAY)] == [
        ("slow", Neglect.STOPPED, "it used more than 5 s"),
        ("elsewhere", Neglect.MATCHED_NOTHING, "its where selects none of 4"),
        ("nothing", Neglect.MATCHED_NOTHING, "no source knows any job"),
        ("blind", Neglect.NEVER_SEEN, "nothing carries duration, timeout"),
        ("stale", Neglect.STALE, "its review was due on 2026-04-30; ask ada"),
    ]


def test_what_is_stated_only_where_there_is_something_to_say_is_not_missed():
    keys = (
        Key("job", "owner", ValueType.TEXT, "m", None, ("t",)),
        Key("job", "odd", ValueType.TEXT, "m", None, ("t",), Delivery.DERIVED),
        Key("job", "fit", ValueType.TEXT, "m", None, ("t",), Delivery.ON_DEMAND),
    )
    tally = Tally("r", 3, 3, ok=3, never_seen=("fit", "odd", "owner"))
    (found,) = upkeep([rule("r")], [tally], TODAY, Vocabulary(keys))
    assert found.detail == "nothing carries owner"
    assert upkeep([rule("r")], [Tally("r", 3, 3, ok=3, never_seen=("fit", "odd"))], TODAY, Vocabulary(keys)) == ()
