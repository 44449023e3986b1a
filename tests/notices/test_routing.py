"""Which channel is told of a finding: golden cases in ``fixtures/notices/routing/``, one a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from driftbot.core.rule import Severity
from driftbot.notices.options import ChannelOptions, Route
from driftbot.notices.routing import takes_owner, taking
from tests.notices.digest_scene import finding, rule, subject

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "notices" / "routing").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_a_route_takes(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    routes = tuple(Route.model_validate(one) for one in case["routes"])
    about = subject(environment=case.get("environment", "production"), labels=case.get("labels"))
    found = finding(about, severity=Severity(case.get("severity", "high")))
    takes = taking(routes)
    taken = [takes(found, rule(owner=case.get("rule_owner", "data-platform"))) for _ in range(2)]
    assert taken == [case["taken"]] * 2


def test_a_rule_that_is_enabled_no_more_names_no_owner() -> None:
    anybody, somebody = Route(), Route(owners=("?*",))
    found = finding(subject(labels={}))
    assert [taking([one])(found, None) for one in (anybody, somebody)] == [True, False]


def test_an_owner_is_told_whatever_else_a_route_asks_for() -> None:
    routes = (Route(owners=("shop",)), Route(owners=("data-*",), severity=Severity.CRITICAL))
    assert [takes_owner(routes, name) for name in ("data-platform", "shop", "web")] == [True, True, False]


def test_a_channel_is_told_of_everything_unless_it_says_otherwise() -> None:
    assert ChannelOptions(name="sre").routes == (Route(),)
