"""The demo as a newcomer runs it: no server, no network, no account; and the recording is what the recorder makes."""

import filecmp
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from driftbot.cli import run, scan
from driftbot.cli.demo import command
from driftbot.core.failure import Failure
from driftbot.core.finding import Verdict
from driftbot.demo import demonstrate
from driftbot.shipped import demo_root
from driftbot.store.store import Store
from driftbot.tape import recorded_at

PLANTED = {
    ("alert-not-ratcheted", "alert:production/NodeMemoryHigh"),
    ("alert-runs-as-declared", "alert:production/OrdersBacklog"),
    ("alert-still-sees-data", "alert:production/OrdersBacklog"),
    ("autoscaler-has-headroom", "workload:production/shop/storefront"),
    ("call-timeout-above-latency", "call:production/checkout->payments"),
    ("disruption-budget", "workload:production/shop/checkout"),
    ("job-deadline-headroom", "job:production/shop/invoice-run"),
    ("latency-does-not-creep", "service:production/pricing"),
    (
        "inhibition-spares-others",
        'inhibition:production/alertname="CartStoreEvictions" mutes alertname=~".+"',
    ),
    ("memory-limit-has-room", "workload:production/shop/search"),
    ("more-than-one-replica", "workload:production/shop/payments"),
    ("readiness-noticed-in-time", "container:production/shop/accounts/accounts"),
    ("retries-along-a-path", "path:production/storefront->checkout->payments->fraud"),
    ("startup-fits-its-budget", "workload:production/shop/pricing"),
    ("threshold-as-approved", "condition:production/CheckoutErrorRatio/1"),
    ("threshold-as-approved", "condition:production/NodeMemoryHigh/1"),
    ("threshold-fits-its-data", "condition:production/CartStoreMemory/1"),
    ("volume-fills-up", "volume:production/data/data-orders-db-0"),
}
UNREADABLE = {
    ("call-timeout-above-latency", "call:production/orders->orders-db"),
    ("job-deadline-headroom", "job:production/shop/settlement-report"),
}
WITHOUT_ALERTMANAGER = {
    "inhibition-shares-a-label",
    "pages-are-heard",
    "silence-ends",
    "silence-matches-an-alert",
    "silence-postdates-its-rule",
    "silence-says-why",
}
"""What only a running Alertmanager can tell; the shop has its file."""
WITHOUT_SCRAPES = "window-spans-four-scrapes"
"""The shop's counters are not scraped, so that nobody knows how often."""
WITHOUT_MEASUREMENTS = {
    "errors-do-not-creep",
    "hit-ratio-holds",
    "inodes-run-out",
    "latency-near-its-approval",
    "pool-runs-dry",
    "requests-do-not-get-dearer",
    "shard-like-its-peers",
    "transaction-ids-run-out",
    "zone-like-its-peers",
}
"""What the shop does not measure, or nobody has approved."""
MOST_BYTES = 2_000_000


def named(lives):
    return {(life.finding.rule, str(life.finding.subject)) for life in lives}


def relative_files(root):
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def _no_network(monkeypatch):
    def refused(*_args, **_named):
        raise AssertionError("the demo asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.mark.usefixtures("_no_network")
def test_the_shop_shows_what_was_planted_and_nothing_else(tmp_path):
    report = demonstrate(tmp_path / "shop", lambda _message: None).report
    assert named(report.triage.news) == PLANTED
    assert named(report.triage.unread) == UNREADABLE
    assert named(report.triage.waived) == {("image-is-pinned", "container:production/shop/notifications/notifications")}
    assert report.blindness == (), "the template that cannot be read is accepted until a date"
    assert int(report.exit_code) == 2
    assert report.count(Verdict.OK) > 100
    tallies = report.evaluation.tallies
    assert {tally.rule for tally in tallies if tally.matched_nothing} == WITHOUT_ALERTMANAGER | WITHOUT_MEASUREMENTS | {
        WITHOUT_SCRAPES
    }
    assert [tally.rule for tally in tallies if tally.stopped] == []


@pytest.mark.usefixtures("_no_network")
def test_the_demo_shows_findings_explains_one_and_says_what_to_try_next(monkeypatch):
    monkeypatch.setattr("sys.argv", ["-c"])
    shown = CliRunner().invoke(command, [])
    assert shown.exit_code == 0, shown.output
    assert "18 drift" in shown.output
    assert "1h44m of 2h used" in shown.output
    assert "https://aws.amazon.com/message/5467D2/" in shown.output
    assert "Next:" in shown.output and "driftbot init" in shown.output


def test_the_kept_shop_can_be_looked_around_in(tmp_path):
    program = Path(sys.executable).parent / "driftbot"

    def ran(*words, folder=tmp_path):
        clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run([program, *words], cwd=folder, env=clean, capture_output=True, text=True, check=False)

    demo = ran("demo", "--keep", "shop")
    assert demo.returncode == 0, demo.stderr
    explained = ran("explain", "memory-limit-has-room", "workload:production/shop/search", folder=tmp_path / "shop")
    assert explained.returncode == 0, explained.stderr
    assert "1.862Gi" in explained.stdout
    again = ran("scan", "--replay", ".", folder=tmp_path / "shop")
    assert again.returncode == 2, again.stderr
    assert "18 drift" in again.stdout
    assert ran("demo", "--keep", "shop").returncode == 1


@pytest.mark.usefixtures("_no_network")
def test_in_a_recording_no_night_replaces_what_was_found(tmp_path, monkeypatch):
    folder = tmp_path / "shop"
    demonstrate(folder, lambda _message: None)
    monkeypatch.chdir(folder)
    for night, words in ((scan.command, []), (run.command, []), (run.command, ["--as-of", "2026-11-17"])):
        refused = CliRunner().invoke(night, words)
        assert isinstance(refused.exception, Failure)
        assert "is a recording of 2026-11-16T03:00Z" in refused.exception.message
    with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
        assert len(store.nights()) == 1


def test_another_tools_bundle_beside_the_configuration_is_no_recording(tmp_path):
    (tmp_path / "bundle.yaml").write_text("bundle: kubernetes\napplications: {}\n")
    assert recorded_at(tmp_path) is None
    assert recorded_at(demo_root()) is not None


def test_an_existing_folder_is_not_touched(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(Failure, match="exists already"):
        demonstrate(tmp_path, lambda _message: None)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_recording_is_small_and_tells_nothing_of_the_machine_it_was_made_on():
    files = [path for path in demo_root().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    for path in files:
        content = path.read_bytes()
        for trace in (b"/tmp/", b"/root", b"/home", b"127.0.0.1", b"localhost", socket.gethostname().encode()):
            assert trace not in content, f"{path} names {trace!r}"


@pytest.mark.server
def test_the_recorder_makes_the_recording_again_byte_for_byte(tmp_path):
    from benchmarks.demo.record_demo import make

    bundle = tmp_path / "bundle"
    make(bundle)
    made, kept = relative_files(bundle), relative_files(demo_root())
    assert made == kept
    _same, different, odd = filecmp.cmpfiles(bundle, demo_root(), sorted(kept), shallow=False)
    assert (different, odd) == ([], [])
