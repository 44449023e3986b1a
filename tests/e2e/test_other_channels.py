"""Nights from the command line against Debian's Alertmanager, a webhook, a phone, and a channel that is not there."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from driftbot.cli.main import command_line
from driftbot.store.store import Store
from tests.notifiers.alertmanager.alertmanager_scene import configuration, receiver
from tests.remedies.estate import LONG, job, write_estate
from tests.servers.fake import Reply, fake_server
from tests.servers.process import free_port

pytestmark = pytest.mark.server

CHANNELS = """\
channels:
  - {{name: pager, kind: alertmanager, url: {pager}, retries: 0}}
  - {{name: hook, kind: webhook, url: {{env: HOOK_URL}}, retries: 0, heartbeat: changes}}
  - {{name: phone, kind: apprise, urls: {{env: APPRISE_URLS}}, heartbeat: changes}}
  - {{name: gone, kind: webhook, url: {{env: GONE_URL}}, retries: 0}}
"""


class Estate:
    """Two jobs whose deadlines are too short, and everything that is told of them."""

    def __init__(self, root, told, server, hook):
        self.root, self.told, self.server, self.hook = write_estate(root, "billing", "stock"), told, server, hook
        self.config = self.root / "driftbot.yaml"
        self.config.write_text(self.config.read_text() + CHANNELS.format(pager=server.url))

    def run(self, *words):
        return CliRunner().invoke(command_line, [*words, "--config", str(self.config)])

    def night(self):
        done = self.run("run")
        assert "Traceback" not in done.output
        return done

    def mend(self, name):
        (self.root / "jobs" / f"{name}.yaml").write_text(job(name, LONG))

    @property
    def fingerprints(self):
        with Store.open(f"sqlite:///{self.root}/driftbot.db") as store:
            lives = store.lives()
        return {life.finding.subject.name.removeprefix("shop/"): life.finding.fingerprint for life in lives}

    def got(self, path):
        return [json.loads(request.query) for request in self.hook.requests if request.path.startswith(path)]


@pytest.fixture
def estate(tmp_path, alertmanager_server, monkeypatch):
    with receiver() as told, fake_server(lambda _: Reply(204)) as hook:
        monkeypatch.setenv("HOOK_URL", f"{hook.url}/hook")
        monkeypatch.setenv("APPRISE_URLS", hook.url.replace("http://", "json://") + "/phone")
        monkeypatch.setenv("GONE_URL", f"http://127.0.0.1:{free_port()}/hunter2hunter2")
        yield Estate(tmp_path, told, alertmanager_server(configuration(told)), hook)


def test_four_nights_are_told_once_each_and_a_dead_channel_costs_no_other(estate):
    first = estate.night()
    assert first.exit_code == 2 and "hunter2" not in first.output
    assert "gone (webhook) could not be told" in first.output
    billing, stock = (estate.fingerprints[name] for name in ("billing", "stock"))
    for name in (billing, stock):
        estate.told.wait(f"DriftbotDrift firing {name}")

    assert estate.night().exit_code == 2
    waived = estate.run("waive", billing, "--reason", "moved in March")
    assert waived.exit_code == 0, waived.output
    estate.night()
    assert {alert["labels"]["fingerprint"]: alert["status"]["state"] for alert in estate.server.alerts()} == {
        billing: "suppressed",
        stock: "active",
    }

    estate.mend("stock")
    estate.night()
    estate.told.wait(f"DriftbotDrift resolved {stock}")
    assert estate.told.settle() == sorted(
        [f"DriftbotDrift firing {billing}", f"DriftbotDrift firing {stock}", f"DriftbotDrift resolved {stock}"]
    )

    standings = [[change["standing"] for change in request["changes"]] for request in estate.got("/hook")]
    assert standings == [["new", "new"], ["waived"], ["fixed"]]
    assert [text["title"] for text in estate.got("/phone")] == [
        "driftbot: 2 new", "driftbot: 1 waived", "driftbot: 1 fixed",
    ]  # fmt: skip
