"""``driftbot schedule``: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

CONFIG = """\
store: driftbot.db
sources:
  - {name: prometheus, kind: prometheus, environment: production, url: "http://prometheus:9090", bearer: {env: PROM}}
rules: {shipped: none}
slack: {token: {env: SLACK}, app_token: {file: /run/credentials/driftbot.service/app}}
serve: {cron: "15 3 * * mon-fri", zone: Europe/Berlin, jitter: 90s, longest_night: 2h, token: {env: HTTP}}
"""
KUBERNETES = ("schedule", "k8s", "--image", "driftbot:1.0")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "driftbot.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(folder: Path, before: str, after: str) -> None:
    path = folder / "driftbot.yaml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def test_a_timer_says_what_the_configuration_says(folder, run):
    answer = run("schedule", "systemd", "--program", "/usr/bin/driftbot")
    assert answer.code == 0, answer
    assert "OnCalendar=Mon..Fri *-*-* 03:15:00 Europe/Berlin" in answer.out
    assert "RandomizedDelaySec=90s" in answer.out
    assert "TimeoutStartSec=7500s" in answer.out
    command = f"/usr/bin/driftbot run --config {folder}/driftbot.yaml --store sqlite:////var/lib/driftbot/driftbot.db"
    assert f"ExecStart={command}\n" in answer.out
    assert "one NAME=value a line: HTTP, PROM, SLACK" in answer.out
    assert "LoadCredential=app:/etc/driftbot/app" in answer.out
    assert "write `store: /var/lib/driftbot/driftbot.db` into" in answer.err
    assert "next: systemctl daemon-reload" in answer.err


def test_a_ladder_that_lets_driftbot_act_asks_for_places_to_write(folder, run):
    assert "--writable" not in run("schedule", "systemd").err
    reach = "reach: {edit_file: {folders: [deploy]}}"
    (folder / "driftbot.yaml").write_text(f"{CONFIG}acting: {{ladder: [{{level: propose}}], {reach}}}\n")
    assert "--writable" not in run("schedule", "systemd").err
    configure(folder, "level: propose", "level: approve")
    assert f"add --writable {folder}/deploy," in run("schedule", "systemd").err
    assert "add --writable" not in run("schedule", "systemd", "--writable", str(folder)).err


def test_the_secrets_are_among_what_is_to_be_done(folder, run):
    told = run("schedule", "systemd").err
    assert "next: write /etc/driftbot/environment (root's, 0600)  # lines NAME=value: HTTP, PROM, SLACK" in told
    assert "next: write the secret into /etc/driftbot/app (root's, 0600)" in told
    assert f"does not see the configuration {folder}/driftbot.yaml" in told


@pytest.mark.usefixtures("folder")
def test_one_service_serves(run):
    answer = run("schedule", "systemd", "--serve", "--program", "/usr/bin/driftbot", "--user", "drift")
    assert "ExecStart=/usr/bin/driftbot serve --config" in answer.out
    assert "User=drift" in answer.out
    assert "OnCalendar" not in answer.out


def test_a_store_that_is_configured_on_a_server_is_named_and_one_in_its_place_is_not_remarked_on(folder, run):
    configure(folder, "store: driftbot.db", "store: postgresql+psycopg://drift@db/drift")
    answer = run("schedule", "systemd")
    assert "--store postgresql+psycopg://drift@db/drift\n" in answer.out
    assert "store:" not in answer.err
    configure(folder, "store: postgresql+psycopg://drift@db/drift", "store: /var/lib/driftbot/driftbot.db")
    assert "store:" not in run("schedule", "systemd").err


def test_a_file_that_is_named_may_be_written(folder, run):
    answer = run("schedule", "systemd", "--store", "nights/driftbot.db")
    assert f"--store sqlite:///{folder}/nights/driftbot.db" in answer.out
    assert f"ReadWritePaths={folder}/nights\n" in answer.out
    assert "--user" in answer.err
    assert "PGPASSWORD" not in answer.out + answer.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", [("schedule", "systemd"), ("schedule", "cron"), KUBERNETES])
def test_a_password_is_no_part_of_a_unit(run, command):
    answer = run(*command, "--store", "postgresql://drift:hunter2@db/drift")
    assert answer.code == 1
    assert "holds a password" in answer.err
    assert "PGPASSWORD" in answer.err
    assert "hunter2" not in answer.out + answer.err


@pytest.mark.usefixtures("folder")
def test_manifests_can_be_piped(run):
    answer = run(*KUBERNETES, "--namespace", "ops", "--volume", "20Gi", "--storage-class", "fast")
    assert answer.code == 0, answer
    documents = list(yaml.safe_load_all(answer.out))
    assert [one["kind"] for one in documents] == ["ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "CronJob"]
    assert {one["metadata"]["namespace"] for one in documents} == {"ops"}
    assert documents[1]["data"]["driftbot.yaml"] == CONFIG
    assert documents[2]["spec"]["storageClassName"] == "fast"
    assert documents[3]["spec"]["schedule"] == "15 3 * * 1-5"
    assert "--from-env-file=secrets.env  # lines NAME=value: HTTP, PROM, SLACK" in answer.err


def test_a_service_stands_where_serve_listens_for_others(folder, run):
    assert "kind: Service\n" not in run(*KUBERNETES, "--serve").out
    configure(folder, "serve: {", "serve: {listen: '0.0.0.0:9999', ")
    answer = run(*KUBERNETES, "--serve")
    service = next(one for one in yaml.safe_load_all(answer.out) if one["kind"] == "Service")
    assert service["spec"]["ports"][0]["port"] == 9999


def test_what_no_pod_could_use_is_refused(folder, run):
    answer = run(*KUBERNETES, "--store", "driftbot.db")
    assert (answer.code, "which no pod sees" in answer.err) == (1, True)
    configure(folder, "store: driftbot.db", "store: postgresql://drift:hunter2@db/drift")
    answer = run(*KUBERNETES)
    assert (answer.code, "a ConfigMap is read by many" in answer.err) == (1, True)
    assert "hunter2" not in answer.out + answer.err


def test_what_kubernetes_cannot_say_is_refused_with_a_way_out(folder, run):
    configure(folder, "15 3 * * mon-fri", "15 3 */2 * mon-fri")
    answer = run(*KUBERNETES)
    assert answer.code == 1
    assert "Kubernetes would take those that are either" in answer.err
    assert "--serve" in answer.err
    assert run(*KUBERNETES, "--serve").code == 0
    assert run("schedule", "systemd").code == 0


def test_a_crontab_is_for_who_runs_it(folder, run):
    own = run("schedule", "cron", "--program", "/usr/bin/driftbot")
    assert own.code == 0, own
    assert f'15 3 * * 1-5 sleep "$(shuf -i 0-90 -n 1)"; /usr/bin/driftbot run --exit-zero --config {folder}' in own.out
    assert f">>{folder}/driftbot.log" in own.out
    system = run("schedule", "cron", "--user", "drift", "--mail", "oncall@example.org", "--log", "/var/log/drift.log")
    assert "15 3 * * 1-5 drift sleep" in system.out
    assert 'MAILTO="oncall@example.org"' in system.out


def test_files_are_written_and_never_written_over_unasked(folder, run):
    first = run("schedule", "systemd", "--output", "units")
    assert first.code == 0, first
    assert first.out.splitlines() == ["wrote units/driftbot.service", "wrote units/driftbot.timer"]
    assert run("schedule", "systemd", "--output", "units").code == 0, "the same again is no harm"
    (folder / "units" / "driftbot.service").write_text("edited by hand")
    refused = run("schedule", "systemd", "--output", "units")
    assert (refused.code, "units/driftbot.service" in refused.err) == (1, True)
    assert (folder / "units" / "driftbot.service").read_text() == "edited by hand"
    assert run("schedule", "systemd", "--output", "units", "--force").code == 0
    assert "[Service]" in (folder / "units" / "driftbot.service").read_text()


def test_a_folder_that_cannot_be_written_is_a_sentence(folder, run):
    (folder / "units").write_text("a file")
    answer = run("schedule", "cron", "--output", "units/deeper")
    assert (answer.code, "cannot be written" in answer.err) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("systemd", "--name", "a b"),
        ("systemd", "--name", "driftbot\nExecStart=/bin/sh"),
        ("systemd", "--user", "root\nExecStartPre=/bin/sh"),
        ("systemd", "--writable", "relative"),
        ("systemd", "--writable", "/srv\nX=1"),
        ("systemd", "--program", '/usr/bin/drift"bot'),
        ("k8s",),
        ("k8s", "--image", "x y"),
        ("k8s", "--image", "x", "--volume", "lots"),
        ("k8s", "--image", "x", "--namespace", "Ops"),
        ("cron", "--mail", 'a@b" ROOT'),
        ("cron", "--log", "/tmp/a\n* * * * * root rm"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_would_mean_something_else_in_a_unit_is_a_usage_error(run, arguments):
    answer = run("schedule", *arguments)
    assert answer.code == 64, answer
    assert answer.out == ""


def test_a_schedule_that_is_none_is_a_problem_of_the_configuration(folder, run):
    configure(folder, "15 3 * * mon-fri", "15 3 * * 9")
    answer = run("schedule", "systemd")
    assert answer.code == 1
    assert "driftbot.yaml:6:" in answer.err
    assert "9 is not between 0 and 7" in answer.err


def test_what_watches_driftbot_is_printed_and_written(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    printed = run("schedule", "monitoring")
    assert printed.code == 0, printed
    assert yaml.safe_load(printed.out)["groups"][0]["name"] == "driftbot"
    assert run("schedule", "monitoring", "--output", "watch").code == 0
    assert (tmp_path / "watch" / "driftbot-alerts.yaml").read_text() == printed.out
    assert json.loads((tmp_path / "watch" / "driftbot-dashboard.json").read_text())["uid"] == "driftbot"


def test_a_secret_beside_the_configuration_is_named_as_the_pod_sees_it(folder, run):
    configure(folder, "{env: SLACK}", "{file: secrets/slack}")
    answer = run(*KUBERNETES)
    assert "/etc/driftbot/secrets/slack has to be mounted" in answer.err
    assert f"{folder}" not in answer.out + answer.err
