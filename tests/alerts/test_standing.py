"""Standing alerts: the file's word before the server's, and nothing where two disagree."""

import pytest

from driftbot.alerts.standing import standing_alerts
from driftbot.core.fact import View
from tests.alerts.estates import alert, estate, standing


def test_the_file_speaks_before_the_server():
    (one,) = standing(
        alert("A", "x > 1", hold="5m", prose="declared"),
        alert("A", "x > 2", hold="1m", prose="loaded", view=View.EFFECTIVE, source="prometheus"),
    )
    assert (one.definition.expression, one.definition.hold, one.prose) == ("x > 1", 300.0, "declared")
    assert one.servers == {"prometheus"}


def test_what_only_a_server_has_stands_as_it_is_loaded():
    (one,) = standing(alert("A", "x > 2", view=View.EFFECTIVE, source="prometheus"))
    assert one.definition.expression == "x > 2"


def test_two_files_that_disagree_leave_nothing_to_judge():
    one = alert("A", "x > 1", hold="5m")
    assert standing(one, alert("A", "x > 1", hold="10m", source="other")) == ()
    assert len(standing(one, alert("A", "x > 1", hold="5m", source="other"))) == 1


def test_what_is_no_promql_does_not_stand():
    assert standing(alert("A", "x >")) == ()


def test_what_no_server_tells_is_not_taken_for_zero():
    (one,) = standing(tuple(fact for fact in alert("A", "x > 1") if fact.key != "hold"))
    assert not one.hold_known


@pytest.mark.parametrize(
    ("servers", "files", "names", "meet"),
    [
        ((), ("a.yaml", "a.yaml"), ("Down", "Down"), True),
        ((), ("eqiad.yaml", "codfw.yaml"), ("Down", "Down"), False),
        ((), ("eqiad.yaml", "codfw.yaml"), ("Down", "Gone"), True),
        (("one", "one"), ("eqiad.yaml", "codfw.yaml"), ("Down", "Down"), True),
        (("one", "two"), ("a.yaml", "a.yaml"), ("Down", "Gone"), False),
        (("one",), ("a.yaml", "a.yaml"), ("Down", "Gone"), True),
    ],
)
def test_two_alerts_meet_where_one_server_has_both(servers, files, names, meet):
    pairs = zip(("1", "2"), files, names, strict=True)
    facts = [alert(one, "x > 1", labels={"file": file}, alertname=name) for one, file, name in pairs]
    facts += [
        alert(one, "x > 1", labels={"file": file}, alertname=name, view=View.EFFECTIVE, source=server)
        for one, file, name, server in zip(("1", "2"), files, names, servers, strict=False)
    ]
    one, other = standing(*facts)
    assert one.meets(other) is other.meets(one) is meet


def test_all_who_ask_one_estate_get_the_same_alerts_and_another_estate_has_its_own():
    one, other = estate(alert("A", "x > 1")), estate(alert("A", "x > 2"))
    assert standing_alerts(one) is standing_alerts(one)
    assert [each.definition.expression for each in standing_alerts(other)] == ["x > 2"]
