"""A chart's text alternative."""

from __future__ import annotations

from driftbot.notifiers.slack.chart_alt import chart_alt
from driftbot.notifiers.slack.limits import ALT_TEXT
from tests.notices.digest_scene import chart, entry


def test_it_says_what_is_to_be_seen() -> None:
    said = chart_alt(entry(of_finding={"charts": (chart(),)}))
    assert said.startswith("duration from 2026-02-03 to 2026-05-03, UTC. 90 values between 1h and ")
    assert said.endswith("Limit 2h.")


def test_several_charts_are_told_as_far_as_they_fit() -> None:
    said = chart_alt(entry(of_finding={"charts": (chart(),) * 20}))
    assert said.endswith("… (2,059 characters)")
    assert len(said) <= ALT_TEXT


def test_without_a_chart_there_is_nothing_to_say() -> None:
    assert chart_alt(entry()) == ""
