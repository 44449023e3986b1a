"""driftbot's own metrics: read from a real store, and taken by promtool and Prometheus' own parser."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from driftbot import __version__
from driftbot.approvals_file import Decisions, save_approvals
from driftbot.config import Config
from driftbot.serve.metrics import registry_of
from driftbot.serve.night_metrics import Attempt
from driftbot.store.store import Store
from tests.serve import metrics_scene as scene
from tests.serve.metrics_scene import DAY, MINUTE
from tests.servers.process import binary
from tests.store.scene import CART, HOUR

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""02:30 in Berlin."""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return scene.config(tmp_path)


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with Store.open(config.store_url) as store:
        yield store


@pytest.fixture
def registry(config: Config, store: Store) -> CollectorRegistry:
    scene.fill(store, NOW)
    return of(config)


def of(config: Config, now: datetime = NOW) -> CollectorRegistry:
    return registry_of(config, config.store_url, lambda: now)


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"driftbot_{name}", labels)


def test_the_last_night_and_the_last_one_that_saw_everything(registry):
    assert value(registry, "store_up") == 1
    assert value(registry, "build_info", version=__version__) == 1
    assert value(registry, "last_night_timestamp_seconds") == (NOW - HOUR).timestamp()
    assert value(registry, "last_night_success_timestamp_seconds") == (NOW - 2 * DAY + 3 * MINUTE).timestamp()
    assert value(registry, "last_night_duration_seconds") == 180
    assert value(registry, "last_night_exit_code") == 1
    assert value(registry, "last_night_blind") == 1


def test_when_nights_are_due(registry):
    assert value(registry, "night_due_timestamp_seconds") == DUE.timestamp()
    assert value(registry, "night_next_timestamp_seconds") == (DUE + DAY).timestamp()
    assert value(registry, "night_longest_seconds") == 4 * 3600 + 300


def test_findings_by_verdict_and_severity_and_by_life(registry):
    assert value(registry, "findings", verdict="drift", severity="high") == 1
    assert value(registry, "findings", verdict="unknown", severity="high") == 1
    assert value(registry, "findings", verdict="drift", severity="critical") == 0, "what there is none of is told"
    assert value(registry, "findings_by_life", life="resolved") == 1
    assert value(registry, "findings_by_life", life="unread") == 1
    assert value(registry, "checks", verdict="ok") == 1


def test_what_could_not_be_read_by_source(registry):
    assert value(registry, "source_failed", source="git") == 0
    assert value(registry, "source_gaps", source="git") == 2, "a gap of two kinds is one place"
    assert value(registry, "source_failed", source="prometheus") == 1


def test_each_configured_channel_and_no_other(registry):
    assert value(registry, "channel_messages_total", channel="sre", kind="edited") == 30
    assert value(registry, "channel_failing", channel="sre") == 0
    assert value(registry, "channel_failing_since_timestamp_seconds", channel="sre") is None
    assert value(registry, "channel_failing", channel="shop") == 1
    assert value(registry, "channel_failing_since_timestamp_seconds", channel="shop") == (NOW - 2 * DAY).timestamp()
    assert value(registry, "channel_failures_total", channel="shop") == 5
    assert value(registry, "channel_failing", channel="a channel of last year") is None


@pytest.mark.usefixtures("store")
def test_a_channel_that_was_never_tried_is_told_all_the_same(config):
    assert value(of(config), "channel_failing", channel="sre") == 0
    assert value(of(config), "channel_last_delivery_timestamp_seconds", channel="sre") is None


def test_what_waits_and_what_was_done(registry):
    assert value(registry, "outbox_notices") == 1
    assert value(registry, "outbox_oldest_timestamp_seconds") == (NOW - 4 * DAY).timestamp()
    assert value(registry, "runs", state="uncertain") == 1
    assert value(registry, "runs", state="resolved") == 0
    assert value(registry, "runs_due") == 1
    assert value(registry, "actions", state="done") == 1
    assert value(registry, "actions", state="planned") == 2


def test_what_people_said(registry):
    assert value(registry, "snoozed_findings") == 1
    assert value(registry, "not_useful", rule="job-deadline-headroom") == 1
    assert value(registry, "chat_decisions", verb="approve", outcome="refused") == 1
    assert value(registry, "chat_decisions", verb="approve", outcome="accepted") == 0


def test_silences_over_what_still_stands(registry):
    assert value(registry, "silences", kind="waiver", state="overdue") == 1, "the other one's finding is resolved"
    assert value(registry, "silences", kind="accepted_gap", state="overdue") == 1


@pytest.mark.parametrize(
    ("left", "state"),
    [(-MINUTE, "overdue"), (3 * DAY / 10, "ends_soon"), (13 * DAY, "holds"), (timedelta(0), "overdue")],
)
def test_a_waiver_ends(registry, store, left, state):
    store.add_waivers([scene.waiver(CART, NOW - DAY, NOW + left)])
    states = {
        name: value(registry, "silences", kind="waiver", state=name) for name in ("overdue", "ends_soon", "holds")
    }
    assert states == {"overdue": 0, "ends_soon": 0, "holds": 0} | {state: 1}


def test_the_file_of_approvals_decides_where_there_is_one(registry, config):
    save_approvals(config.root, Decisions(waivers=(scene.waiver(CART, NOW - DAY, NOW + 30 * DAY),)))
    assert value(registry, "silences", kind="waiver", state="overdue") == 0
    assert value(registry, "silences", kind="waiver", state="holds") == 1


def test_a_file_of_approvals_that_cannot_be_read_takes_no_metric_away(registry, config):
    (config.root / "driftbot.approvals.yaml").write_text("waivers: [")
    assert value(registry, "store_up") == 1
    assert value(registry, "silences", kind="waiver", state="overdue") == 1, "the store's hold until it is mended"
    (config.root / "driftbot.approvals.yaml").unlink()
    (config.root / "driftbot.approvals.yaml").mkdir()
    assert value(registry, "store_up") == 1


@pytest.mark.usefixtures("store")
def test_before_the_first_night_nothing_is_claimed(config):
    registry = of(config)
    assert value(registry, "store_up") == 1
    for name in ("last_night_timestamp_seconds", "last_night_blind", "last_night_success_timestamp_seconds"):
        assert value(registry, name) is None
    assert value(registry, "findings", verdict="drift", severity="high") is None, "no drift is not what is known"
    assert value(registry, "checks", verdict="ok") is None


def test_a_store_that_cannot_be_read_is_told_and_raises_nothing(config, tmp_path):
    registry = of(config)
    assert value(registry, "store_up") == 0, "there is none"
    (tmp_path / "driftbot.db").write_bytes(b"no database" * 1000)
    assert value(registry, "store_up") == 0
    assert value(registry, "night_due_timestamp_seconds") == DUE.timestamp(), "what is known without it is told"
    assert b"driftbot_findings" not in generate_latest(registry)


def test_a_later_night_is_seen_although_the_dear_part_is_remembered(registry, store):
    assert value(registry, "findings", verdict="drift", severity="high") == 1
    scene.keep_night(store, NOW - MINUTE, [scene.life(CART, NOW), scene.life(scene.MAIL, NOW)], exit_code=2)
    assert value(registry, "findings", verdict="drift", severity="high") == 2
    assert value(registry, "last_night_blind") == 0


def test_a_finding_whose_rule_was_retired_stands_no_more(config, store):
    gone = replace(scene.life(CART, NOW), life=scene.Life.RULE_CHANGED, resolved=NOW - HOUR)
    scene.keep_night(store, NOW - HOUR, [gone], exit_code=0)
    registry = of(config)
    assert value(registry, "findings_by_life", life="rule_changed") == 1
    assert value(registry, "findings", verdict="drift", severity="high") == 0


@pytest.mark.parametrize(
    ("attempt", "running", "code"),
    [
        (None, 0, None),
        (Attempt(NOW - HOUR), 1, None),
        (Attempt(NOW - HOUR, NOW, 2), 0, 2),
        (Attempt(NOW - HOUR, NOW, -9), 0, -9),
    ],
)
def test_the_night_that_this_process_began(config, attempt, running, code):
    registry = registry_of(config, config.store_url, lambda: NOW, lambda: attempt)
    assert value(registry, "night_running") == running
    assert value(registry, "night_attempt_exit_code") == code


@pytest.mark.server
def test_promtool_finds_nothing_to_say(registry):
    answer = subprocess.run(
        [binary("promtool"), "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, b"", b"")


def test_labels_are_bounded(registry):
    """By what driftbot defines and what is configured; no label holds what the estate is called."""
    bounded = {
        "version",
        "verdict",
        "severity",
        "life",
        "source",
        "channel",
        "kind",
        "state",
        "rule",
        "verb",
        "outcome",
    }
    ours = [family for family in registry.collect() if family.name.startswith("driftbot_")]
    assert {label for family in ours for sample in family.samples for label in sample.labels} == bounded
    assert sum(len(family.samples) for family in ours) < 200
    assert all(family.documentation.endswith(".") for family in ours)
