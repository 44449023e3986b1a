"""Inhibitions of Alertmanager: which alerts mute which others, and whether one mutes everything or nothing.

An alert that matches the target side is muted while another one that matches the source side fires and both have the
same values of the labels in ``equal``; labels that both lack count as the same. What matches both sides is not muted by
what matches both sides (https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from driftbot.alerts.label_matcher import all_match
from driftbot.alerts.label_space import no_alert_can
from driftbot.promql.selector import Match, Matcher

NAMED = Matcher("alertname", Match.NOT_EQUAL, "")
"""What every alert of a Prometheus satisfies."""


@dataclass(frozen=True, slots=True)
class Inhibition:
    """One inhibition: what mutes, what is muted, and the labels whose values must be the same."""

    source: tuple[Matcher, ...] = ()
    target: tuple[Matcher, ...] = ()
    equal: tuple[str, ...] = ()


def mutes_everything(inhibition: Inhibition) -> bool:
    """Whether its target side matches every alert that has a name, as all of Prometheus' have."""
    return no_alert_can((NAMED,), (inhibition.target,))


def mutes_nothing(inhibition: Inhibition) -> bool:
    """Whether it is proved that it never mutes: a side matches nothing, or both sides always match together."""
    if no_alert_can(inhibition.source) or no_alert_can(inhibition.target):
        return True
    target_is_source = no_alert_can(inhibition.target, (inhibition.source,))
    return target_is_source and no_alert_can(inhibition.source, (inhibition.target,))


def muted(inhibition: Inhibition, labels: Mapping[str, str], firing: Iterable[Mapping[str, str]]) -> bool:
    """Whether it mutes an alert with these labels while alerts with those labels fire."""
    if not all_match(inhibition.target, labels):
        return False
    both = all_match(inhibition.source, labels)
    return any(
        all_match(inhibition.source, other)
        and not (both and all_match(inhibition.target, other))
        and all(labels.get(name, "") == other.get(name, "") for name in inhibition.equal)
        for other in firing
    )


def carried_by_neither(inhibition: Inhibition, alerts: Collection[Mapping[str, str]]) -> tuple[str, ...] | None:
    """The labels in ``equal`` that no alert on either side carries; None where one side has no alert to look at."""
    sources = [labels for labels in alerts if all_match(inhibition.source, labels)]
    targets = [labels for labels in alerts if all_match(inhibition.target, labels)]
    if not sources or not targets:
        return None
    carried = {name for labels in (*sources, *targets) for name, value in labels.items() if value}
    return tuple(sorted(set(inhibition.equal) - carried))
