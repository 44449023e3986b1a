"""The ``acting`` section: what people write, and what is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from driftbot.config import ConfigError, parse_config
from driftbot.core.ladder import Level
from driftbot.guards.ladder import level
from driftbot.guards.options import GuardOptions, Rung, Weekday

WHOLE = b"""\
acting:
  ladder:
    - {rule: job-deadline-*, environment: staging, level: auto}
    - {rule: job-deadline-*, level: approve}
    - {playbook: open-notice, level: auto}
  approvers: [ada, grace]
  stop_file: STOP
  limits:
    within: 12h
    few: 2
    run: {most: 5, share: 0.05}
    owner: {most: 2}
  steps:
    factor: 1.5
    within: 14d
    bounds:
      timeout.deadline: {least: 1m, most: 6h}
  freezes:
    - {from: 2026-11-27, to: 2026-12-01, zone: America/New_York, reason: Black Friday, environments: ["prod*"]}
  hours:
    - {days: [mon, thu], from: 9:00, to: 17:00, zone: Europe/Berlin}
    - {from: 22:00, to: 24:00, zone: UTC, environments: [staging]}
  cooldown: 2d
  rest: 30m
  attempts: 1
  failures: 2
  remember: 60d
  facts: {share: 0.9, nights: 14}
"""


def options(text: bytes, folder: Path) -> GuardOptions:
    return parse_config(text, folder / "driftbot.yaml").acting


def test_a_whole_section_is_read(tmp_path):
    acting = options(WHOLE, tmp_path)
    assert (acting.approvers, acting.stop_file) == (("ada", "grace"), "STOP")
    assert (acting.limits.within, acting.limits.run.most, acting.limits.owner.share) == (timedelta(hours=12), 5, None)
    assert acting.freezes[0].begins == datetime(2026, 11, 27, 5, tzinfo=UTC)
    assert acting.freezes[0].ends == datetime(2026, 12, 1, 5, tzinfo=UTC)
    first, second = acting.hours
    assert (first.days, first.from_, first.to) == ((Weekday.MONDAY, Weekday.THURSDAY), time(9), time(17))
    assert (second.from_, second.to) == (time(22), time(0))
    assert (acting.cooldown, acting.rest, acting.remember) == (timedelta(2), timedelta(minutes=30), timedelta(60))


def test_nothing_said_observes_and_limits(tmp_path):
    acting = options(b"sources: []\n", tmp_path)
    assert level(acting, "raise-deadline", ["job-deadline-headroom"], ["production"]) is Level.OBSERVE
    assert (acting.limits.run.most, acting.limits.rule.share, acting.steps.factor) == (20, 0.1, 2.0)
    assert acting.cooldown == timedelta(days=1)


@pytest.mark.parametrize(
    ("rules", "environments", "rung"),
    [
        (["job-deadline-headroom"], ["staging"], Level.AUTO),
        (["job-deadline-headroom"], ["production"], Level.APPROVE),
        (["job-deadline-headroom"], ["production", "staging"], Level.APPROVE),
        (["replicas-spread"], ["staging"], Level.OBSERVE),
        (["job-deadline-headroom", "replicas-spread"], ["staging"], Level.OBSERVE),
        ([], ["staging"], Level.OBSERVE),
        (["job-deadline-headroom"], [], Level.OBSERVE),
    ],
)
def test_the_first_rung_that_matches_decides_and_the_lowest_of_several_holds(rules, environments, rung, tmp_path):
    assert level(options(WHOLE, tmp_path), "raise-deadline", rules, environments) is rung


def test_a_rung_may_be_of_a_playbook_alone():
    ladder = GuardOptions(ladder=(Rung(playbook="open-*", level=Level.AUTO),))
    assert level(ladder, "open-notice", ["any"], ["any"]) is Level.AUTO
    assert level(ladder, "raise-deadline", ["any"], ["any"]) is Level.OBSERVE


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("ladder: [{level: always}]", "acting.ladder.0.level"),
        ("ladder: [{rules: x, level: auto}]", "acting.ladder.0.rules: there is no such setting"),
        ("limits: {run: {share: 10}}", "less than or equal to 1"),
        ("limits: {run: {most: -1}}", "greater than or equal to 0"),
        ("steps: {factor: 1}", "greater than 1"),
        ("steps: {bounds: {timeout.deadline: {}}}", "a bound says `least`, `most` or both"),
        ("freezes: [{from: 2026-12-01, to: 2026-11-27, reason: sale}]", "the freeze ends before it begins"),
        ("freezes: [{from: 2026-11-27, to: 2026-12-01}]", "acting.freezes.0.reason: Field required"),
        ("freezes: [{from: tomorrow, to: 2026-12-01, reason: sale}]", "acting.freezes.0.from"),
        ("freezes: [{from: 2026-11-27, to: 2026-12-01, reason: sale, zone: Mars/Base}]", "no time zone is called that"),
        ("freezes: [{from: 2026-11-27, to: 2026-12-01, reason: sale, zone: ../../etc/passwd}]", "no time zone"),
        ("freezes: [{from: 2026-11-27, to: 2026-12-01, reason: sale, environments: []}]", "at least 1 item"),
        ("hours: [{from: 9, to: 17:00, zone: UTC}]", "write a time of day like 09:30"),
        ("hours: [{from: 25:00, to: 17:00, zone: UTC}]", "write a time of day like 09:30"),
        ('hours: [{from: "25:00", to: 17:00, zone: UTC}]', "acting.hours.0.from"),
        ("hours: [{from: 9:00, to: 17:00}]", "acting.hours.0.zone: Field required"),
        ("hours: [{from: 9:00, to: 17:00, zone: UTC, days: [funday]}]", "acting.hours.0.days.0"),
        ("cooldown: soon", "'soon' is not a quantity in seconds"),
        ("cooldown: -1h", "write a duration between 0s and 100y"),
        ("cooldown: 999999999999d", "acting.cooldown: write a duration"),
        ("attempts: 0", "greater than or equal to 1"),
        ("facts: {share: 1.5}", "less than or equal to 1"),
        ("stop_file: ''", "at least 1 character"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(setting, complaint, tmp_path):
    with pytest.raises(ConfigError) as refused:
        options(f"acting:\n  {setting}\n".encode(), tmp_path)
    assert complaint in str(refused.value)
    assert "driftbot.yaml:2:" in str(refused.value)
