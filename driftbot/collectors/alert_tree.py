"""Rule files read as a tree of alerts, to be compared with another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from driftbot.alerts.tree_comparison import AlertTree
from driftbot.alerts.written import PlacedAlert
from driftbot.collectors.collector import placed
from driftbot.collectors.written_alert import read_rules, written_alert
from driftbot.core.body import Body
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin

SOURCE = "alerts"


def read_alerts(bodies: Iterable[Body], root: str) -> AlertTree:
    """The alerts of all files, which stand below ``root``; what is no rule file is passed over."""
    tree = AlertTree()
    for body in bodies:
        tree.files[body.locator] = None if body.problem else body.content
        if body.problem:
            tree.gaps[body.locator] = [Gap(_shown(Origin(SOURCE, body.locator), root), body.problem)]
        else:
            _take(body, root, tree)
    return tree


def _take(body: Body, root: str, tree: AlertTree) -> None:
    rules = read_rules(body, SOURCE)
    if rules.gaps:
        tree.gaps[body.locator] = [Gap(_shown(gap.origin, root), gap.reason) for gap in rules.gaps]
    for rule in rules.rules:
        if not rule.recording:
            alert = written_alert(rule, SOURCE, body.locator)
            tree.alerts.append(PlacedAlert(alert, _shown(rule.name.origin, root)))


def _shown(origin: Origin, root: str) -> Origin:
    return replace(origin, locator=placed(Body(origin.locator), root).locator)
