"""Which alerts a server answers for when more is asked about them."""

from __future__ import annotations

from driftbot.collectors.prometheus_scope import Scope
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.subject import Subject


def fact(name, source, view=View.EFFECTIVE, key="expression", value="up == 0", environment="production"):
    return Fact(Subject("alert", environment, name), key, value, view, origin=Origin(source))


def answered(facts, source="a", has_rules=True, mute=()):
    scope = Scope(source, "production", has_rules, frozenset(mute))
    return [(one.subject.name, one.value("expression")) for one in scope.of_kind(facts, "alert")]


def test_a_server_answers_for_what_it_has_loaded_and_not_for_what_another_has():
    facts = [fact("ours", "a"), fact("theirs", "b"), fact("both", "b", value="of b"), fact("both", "a", value="of a")]
    assert answered(facts) == [("both", "of a"), ("ours", "up == 0")], "and by its own words"


def test_what_no_server_has_loaded_every_server_answers_for():
    facts = [fact("draft", "files", View.DECLARED), fact("draft", "a", key="loaded", value=False)]
    assert answered(facts) == answered(facts, "b") == [("draft", "up == 0")]
    assert answered([fact("draft", "a", key="loaded", value=True)], "b") == [("draft", None)], "a word is no sight"


def test_a_server_without_rules_answers_for_everything_as_it_runs_elsewhere():
    facts = [fact("x", "files", View.DECLARED, value="declared"), fact("x", "vmalert", value="loaded")]
    assert answered(facts, "store", has_rules=False) == [("x", "loaded")]


def test_what_only_servers_have_loaded_that_cannot_be_asked_every_other_answers_for():
    facts = [fact("x", "vmalert"), fact("x", "pair"), fact("mine", "a"), fact("theirs", "b"), fact("theirs", "vmalert")]
    assert [name for name, _ in answered(facts, mute={"vmalert", "pair"})] == ["mine", "x"]
    assert [name for name, _ in answered(facts, mute={"vmalert"})] == ["mine"]


def test_what_several_say_is_never_mixed():
    facts = [fact("x", "files", View.DECLARED), fact("x", "files", View.DECLARED, "threshold", 3), fact("x", "a")]
    (found,) = Scope("a", "production", True).of_kind(facts, "alert")
    assert found.value("expression") == "up == 0" and found.value("threshold") is None


def test_other_kinds_environments_and_views_are_none_of_its_business():
    facts = [fact("x", "a", environment="staging"), fact("x", "a", View.OBSERVED, "firing", 1)]
    assert answered(facts) == [] and Scope("a", "staging", True).of_kind(facts, "condition") == ()
