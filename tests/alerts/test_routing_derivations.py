"""What follows from routing, silences and the alerts of an estate, from files as collectors read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.alerts.derive import derive
from driftbot.alerts.estate import Estate
from driftbot.alerts.estate_alert import estate_alerts
from driftbot.collectors import alert_files, alertmanager
from driftbot.collectors.alertmanager_silences import read_silences, silence_facts
from driftbot.collectors.collector import Context
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, View, show
from driftbot.core.past import Past, Revision, Version
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject
from driftbot.tape import LiveTape

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WANTED = {
    "route": {"alerts", "severities", "loaded_otherwise"},
    "receiver": {"loaded_otherwise"},
    "inhibition": {"loaded_otherwise"},
    "silence": {"alerts", "changed_alerts", "rule_changed_at"},
}
RULES = """\
groups:
- name: db
  labels: {team: db}
  rules:
  - {alert: DiskFull, expr: disk > 1, labels: {severity: page}}
  - {alert: DiskSlow, expr: disk > 1, labels: {severity: warning}}
- name: web
  rules:
  - {alert: Slow, expr: latency > 1, labels: {severity: page, team: web, zone: "{{ $labels.zone }}"}}
  - {alert: Odd, expr: latency > 1, labels: {severity: "{{ $value }}"}}
"""
ROUTES = """\
route:
  receiver: default
  routes:
  - matchers: [team="db"]
    receiver: db
    routes:
    - matchers: [severity="page"]
      receiver: pager
  - matchers: [zone="eu"]
    receiver: pager
  - matchers: [severity="ticket", team="web"]
    receiver: pager
receivers: [{name: default}, {name: db}, {name: pager}]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULES)
    (tmp_path / "alertmanager.yml").write_text(ROUTES)
    return tmp_path


def read(folder, name, collector, **options):
    context = Context(name, "production", NOW, LiveTape(folder))
    return collector.read(collector.options.model_validate(options), context)


def inventory(folder, *more):
    return Reading.merged(
        (
            read(folder, "rules", alert_files.collector, path="rules"),
            read(folder, "am", alertmanager.collector, path="alertmanager.yml"),
            *more,
        )
    )


def derived(reading, kind, *pasts):
    estate = Estate(NOW, reading.facts, coverage=reading.coverage, pasts=pasts)
    found = {}
    for fact in derive(estate, WANTED):
        assert fact.view is View.OBSERVED
        if fact.subject.kind == kind:
            found.setdefault(fact.subject.name, {})[fact.key] = show(fact.value)
    return found


def test_the_alerts_that_come_to_a_route_and_the_severities_that_stay(folder):
    found = derived(inventory(folder), "route")
    assert {name: (keys["alerts"], keys["severities"]) for name, keys in found.items()} == {
        "root": ("4", "none"),
        'team="db"': ("3", "warning"),
        'team="db" > severity="page"': ("2", "page"),
        'zone="eu"': ("2", "none"),
        'severity="ticket",team="web"': ("1", "none"),
    }


def test_no_alert_is_asserted_only_where_every_rule_was_read(folder):
    (folder / "alertmanager.yml").write_text(ROUTES.replace('zone="eu"', 'severity="info", team="web"'))
    (folder / "rules" / "a.yaml").write_text(RULES.partition("  - {alert: Odd")[0])
    name = 'severity="info",team="web"'
    assert derived(inventory(folder), "route")[name]["alerts"] == "0"
    (folder / "rules" / "b.yaml").write_text("groups: [")
    found = derived(inventory(folder), "route")
    assert "alerts" not in found.get(name, {})
    assert found["root"]["alerts"] == "3"


def test_a_tree_of_which_a_part_is_not_known_tells_nothing(folder):
    (folder / "alertmanager.yml").write_text(ROUTES.replace('zone="eu"', 'zone=~"(eu"'))
    assert derived(inventory(folder), "route") == {}


def test_what_is_loaded_counts_before_what_is_declared(folder):
    reading = inventory(folder)
    (alert,) = {fact.subject for fact in reading.facts if fact.subject.name == "db/DiskFull" and fact.key == "hold"}
    loaded = Fact(alert, "severity", "ticket", View.EFFECTIVE)
    estate = Estate(NOW, (*reading.facts, loaded))
    (found,) = (one for one in estate_alerts(estate) if one.name == "db/DiskFull")
    assert found.labels == {"alertname": "DiskFull", "severity": "ticket", "team": "db"}


def running(folder, text):
    """What a server would tell that runs this configuration."""
    (folder / "running.yml").write_text(text)
    told = read(folder, "server", alertmanager.collector, path="running.yml")
    facts = tuple(Fact(f.subject, f.key, f.value, View.EFFECTIVE, f.provenance, f.origin) for f in told.facts)
    return Reading(facts=facts, coverage=told.coverage)


def test_routing_that_runs_otherwise_is_told_setting_by_setting(folder):
    changed = ROUTES.replace('[severity="page"]\n      receiver: pager', '[severity="page"]\n      receiver: db')
    changed = changed.replace('[zone="eu"]', '[zone="us"]').replace("{name: db}", "{name: db, sns_configs: [{a: b}]}")
    reading = inventory(folder, running(folder, changed))
    told = {name: keys["loaded_otherwise"] for name, keys in derived(reading, "route").items()}
    assert told == {
        "root": "none",
        'team="db"': "none",
        'team="db" > severity="page"': "receiver: pager → db",
        'zone="eu"': "not loaded",
        'zone="us"': "not in the file",
        'severity="ticket",team="web"': "none",
    }
    assert derived(reading, "receiver")["db"]["loaded_otherwise"] == "integrations: none → sns"


def test_where_only_one_of_both_is_read_nothing_differs_and_where_one_is_hidden_nothing_is_said(folder):
    assert {keys["loaded_otherwise"] for keys in derived(inventory(folder), "route").values()} == {"none"}
    gap = Gap(Origin("server"), "down")
    hidden = Reading(coverage=(Coverage("server", "production", "route", gaps=(gap,), failed=True),))
    assert all("loaded_otherwise" not in keys for keys in derived(inventory(folder, hidden), "route").values())


def test_an_approval_of_a_route_that_is_gone_is_no_route(folder):
    reading = inventory(folder)
    gone = Fact(Subject("route", "production", "gone"), "receiver", "pager", View.APPROVED)
    estate = Estate(NOW, reading.facts, (gone,), reading.coverage)
    assert "gone" not in {fact.subject.name for fact in derive(estate, WANTED)}


def silences(*matchers, updated="2026-05-01T00:00:00Z"):
    entry = {
        "id": "s",
        "status": {"state": "active"},
        "matchers": [
            {"name": name, "value": value, "isRegex": "~" in sign, "isEqual": sign[0] != "!"}
            for name, sign, value in matchers
        ],
        "updatedAt": updated,
    }
    found = read_silences([entry])
    assert not found.odd
    return Reading(facts=tuple(silence_facts(found.silences, "production", "", Origin("am", "url"))))


def changed(name, at):
    """The threshold was moved then."""
    revisions = Revision(Version("disk > 1")), Revision(Version("disk > 2"), datetime.fromisoformat(at))
    return Past(Subject("alert", "production", name), "git", revisions)


@pytest.mark.parametrize(
    ("matchers", "alerts", "later", "dated"),
    [
        ([("alertname", "=", "DiskFull"), ("instance", "=", "db1")], "1", "db/DiskFull", True),
        ([("alertname", "=~", "Disk.*")], "2", "db/DiskFull", True),
        ([("alertname", "=", "DiskFull"), ("team", "=", "web")], "0", "none", False),
        ([("alertname", "=~", ".+")], "4", "none", False),
        ([("alertname", "!=", "Slow")], "3", "none", False),
        ([("team", "=", "db")], "3", "none", False),
        ([("alertname", "=", "DiskSlow")], "1", "none", True),
    ],
)
def test_a_silence_and_the_rules_that_changed_since(folder, matchers, alerts, later, dated):
    history = changed("db/DiskFull", "2026-06-01T00:00:00+00:00"), changed("db/DiskSlow", "2026-04-01T00:00:00+00:00")
    found = derived(inventory(folder, silences(*matchers)), "silence", *history)["s"]
    assert (found["alerts"], found["changed_alerts"]) == (alerts, later)
    assert ("rule_changed_at" in found) is dated


def test_a_silence_that_was_set_again_after_the_change_is_newer(folder):
    history = changed("db/DiskFull", "2026-06-01T00:00:00+00:00")
    silence = silences(("alertname", "=", "DiskFull"), updated="2026-06-01T00:00:00Z")
    found = derived(inventory(folder, silence), "silence", history)["s"]
    assert found["changed_alerts"] == "none"
    assert found["rule_changed_at"] == "2026-06-01 00:00 UTC"


def test_without_history_nothing_is_known_to_have_changed(folder):
    found = derived(inventory(folder, silences(("alertname", "=", "DiskFull"))), "silence")["s"]
    assert found == {"alerts": "1", "changed_alerts": "none"}


def test_twenty_thousand_alerts_are_counted_by_what_they_have_in_common(folder):
    subjects = [Subject("alert", "production", f"g/A{number}") for number in range(20_000)]
    facts = [
        Fact(subject, key, value)
        for number, subject in enumerate(subjects)
        for key, value in (
            ("rule.name", f"A{number}"),
            ("severity", "page"),
            ("routing", ("team=db",)),
            ("hold", Quantity(0.0, Unit.SECONDS)),
        )
    ]
    reading = inventory(folder, Reading(facts=tuple(facts)))
    assert derived(reading, "route")['team="db" > severity="page"']["alerts"] == "20002"
