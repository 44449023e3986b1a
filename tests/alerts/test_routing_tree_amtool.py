"""The routing tree against amtool: generated trees, both syntaxes of matchers, and alerts that they route."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from driftbot.alerts.matcher_syntax import read_matchers
from driftbot.alerts.routing_tree import Certainty, Route, destinations, obstacles, reach
from driftbot.promql.selector import Match, Matcher
from tests.servers.process import binary

pytestmark = pytest.mark.server

TREES = 2_000 if os.environ.get("DRIFTBOT_CAMPAIGN") == "all" else 40
ALERTS = 8
VALUES = {
    "severity": ["page", "warning", "critical", ""],
    "team": ["db", "web", "db-core", "", 'q"uote', "a,b"],
    "alertname": ["KubePodDown", "KubeNodeDown", "Kube", "DiskFull", "disk\\full"],
}
REGEXES = [
    "db|web",
    "Kube.*",
    ".*Down",
    ".+",
    ".*",
    "",
    "db.*",
    "K.*Down",
    "(?i)kube.*",
    "[dw].*",
    "page|critical",
    "^db$",
]
OPERATORS = list(Match)


def a_matcher(chance: random.Random) -> Matcher:
    label = chance.choice(list(VALUES))
    match = chance.choice(OPERATORS)
    regex = match in (Match.REGEX, Match.NOT_REGEX)
    return Matcher(label, match, chance.choice(REGEXES if regex else VALUES[label]))


def a_route(chance: random.Random, depth: int) -> dict[str, object]:
    """A route as YAML holds it; its receiver is its number, so that amtool tells which route it was."""
    route: dict[str, object] = {}
    if depth:
        found = [a_matcher(chance) for _ in range(chance.choice([0, 1, 1, 2]))]
        old = chance.random() < 0.3
        equal = {m.label: m.value for m in found if m.match is Match.EQUAL}
        regex = {m.label: m.value for m in found if m.match is Match.REGEX}
        if old:
            route |= {"match": equal, "match_re": regex}
        else:
            route["matchers"] = [spelt(m, chance) for m in found]
        route["continue"] = chance.random() < 0.3
    if depth < 3:
        route["routes"] = [a_route(chance, depth + 1) for _ in range(chance.choice([0, 1, 2, 3]))]
    return route


def spelt(matcher: Matcher, chance: random.Random) -> str:
    value = matcher.value.replace("\\", "\\\\").replace('"', '\\"')
    plain = chance.random() < 0.4 and value and not set(value) & set(' ,"\\')
    space = chance.choice(["", " "])
    return f"{matcher.label}{space}{matcher.match}{space}" + (value if plain else f'"{value}"')


def numbered(route: dict[str, object], receivers: list[str]) -> Route:
    """Gives every route a receiver of its own; the same tree as driftbot sees it."""
    name = f"r{len(receivers)}"
    receivers.append(name)
    route["receiver"] = name
    matchers = [m for line in route.get("matchers", []) for m in read_matchers(line)]
    matchers += [Matcher(label, Match.EQUAL, value) for label, value in route.get("match", {}).items()]
    matchers += [Matcher(label, Match.REGEX, value) for label, value in route.get("match_re", {}).items()]
    children = tuple(numbered(child, receivers) for child in route.get("routes", []))
    return Route(name, tuple(matchers), bool(route.get("continue")), children)


def routed(config: Path, labels: Mapping[str, str]) -> list[str]:
    said = ['{}="{}"'.format(k, v.replace("\\", "\\\\").replace('"', '\\"')) for k, v in labels.items()]
    command = [binary("amtool"), "config", "routes", "test", f"--config.file={config}", *said]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, (labels, done.stdout, done.stderr)
    return done.stdout.strip().split(",")


@pytest.mark.parametrize("seed", range(TREES))
def test_alerts_go_where_amtool_says(seed, tmp_path):
    chance = random.Random(seed)
    written, receivers = a_route(chance, 0), []
    tree = numbered(written, receivers)
    config = tmp_path / "alertmanager.yml"
    config.write_text(yaml.safe_dump({"route": written, "receivers": [{"name": name} for name in receivers]}))
    blocked = {route.name for route, _ in obstacles(tree)}
    for _ in range(ALERTS):
        labels = {label: chance.choice(values) for label, values in VALUES.items()}
        went = routed(config, labels)
        assert [route.name for route in destinations(tree, labels)] == went, (labels, config.read_text())
        assert not blocked & set(went)
        known = {label: value for label, value in labels.items() if chance.random() < 0.6}
        partly = {route.name: reached for route, reached in reach(tree, known).items()}
        assert all(partly[name].stays for name in went)
        assert {name for name, reached in partly.items() if reached.stays is Certainty.SURE} <= set(went)
