"""Units for systemd: golden files, and what systemd itself says of them."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.schedule.cron import read_cron
from driftbot.schedule.installation import Installation
from driftbot.schedule.night_schedule import NightSchedule, Running, Units
from driftbot.schedule.occurrences import next_after
from driftbot.schedule.systemd import quoted, systemd_units
from driftbot.schedule.systemd_calendar import calendar_events
from driftbot.schedule.systemd_host import SystemdHost
from tests.schedule.expressions import expressions
from tests.schedule.scene import BERLIN, HERE, NOW, UTC_ZONE
from tests.servers.process import binary

UNITS = Path(__file__).parents[2] / "fixtures" / "schedule" / "units"
ANYBODY = SystemdHost()
SERVER = Installation(
    "drift-shop", "/opt/driftbot/bin/driftbot", "/srv/shop/driftbot.yaml", "postgresql://drift@db/drift"
)


def units(
    schedule: NightSchedule = BERLIN,
    installation: Installation = HERE,
    host: SystemdHost = ANYBODY,
    running: Running = Running.TIMER,
) -> Units:
    return systemd_units(schedule, installation, host, running, NOW)


VARIANTS = {
    "timer": units(),
    "serve": units(running=Running.SERVE),
    "server": units(
        replace(BERLIN, cron=read_cron("0 5 1,15 * mon")), SERVER, SystemdHost("shop", ("/srv/shop files",))
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_units_read_as_their_golden_files(variant: str) -> None:
    found = VARIANTS[variant]
    golden = UNITS / f"systemd_{variant}.txt"
    text = "".join(f"# ----- {file.name} -----\n{file.text}" for file in found.files)
    text += "".join(f"# note: {remark}\n" for remark in found.remarks)
    text += "".join(f"# next: {step}\n" for step in found.steps)
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text("utf-8")


def written(found: Units, folder: Path) -> list[Path]:
    for file in found.files:
        (folder / file.name).write_text(file.text, encoding="utf-8")
    return [folder / file.name for file in found.files]


def installed(folder: Path) -> Installation:
    """One whose program is there, which systemd looks for."""
    program = folder / "drift bot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return replace(HERE, program=str(program))


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [binary("systemd-analyze"), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    )


@pytest.mark.server
@pytest.mark.parametrize("running", Running)
@pytest.mark.parametrize("odd", ["plain", "drift $bot 50%; \"quoted\" 'twice' \\ #"])
def test_systemd_takes_the_units_without_a_word(tmp_path: Path, running: Running, odd: str) -> None:
    installation = replace(installed(tmp_path), config=f"/etc/{odd}/driftbot.yaml")
    found = units(
        installation=installation, host=SystemdHost(writable=(f"/srv/{odd.replace('$', '')}",)), running=running
    )
    files = written(found, tmp_path)
    answer = analyze("verify", *files)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.server
def test_systemd_refuses_what_is_no_unit(tmp_path: Path) -> None:
    """Else a silent ``verify`` would say nothing."""
    files = written(units(installation=installed(tmp_path)), tmp_path)
    files[0].write_text(files[0].read_text().replace("Type=oneshot", "Type=twoshot"))
    assert "twoshot" in analyze("verify", *files).stderr


@pytest.mark.server
@pytest.mark.parametrize("running", Running)
@pytest.mark.parametrize("user", ["", "nobody"])
def test_systemd_finds_little_exposed(tmp_path: Path, running: Running, user: str) -> None:
    """2.0 of 10 is what systemd calls OK; most services that Debian ships are at 9."""
    found = units(installation=installed(tmp_path), host=SystemdHost(user), running=running)
    service = next(path for path in written(found, tmp_path) if path.suffix == ".service")
    answer = analyze("security", "--offline=true", "--threshold=20", "--no-pager", service)
    assert answer.returncode == 0, answer.stdout
    assert "OK" in answer.stdout.splitlines()[-1]


@pytest.mark.server
@settings(max_examples=60)
@given(expressions(), st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1)))
def test_systemd_elapses_when_cron_would_begin(text: str, start: datetime) -> None:
    cron, moment = read_cron(text), start.replace(tzinfo=UTC, microsecond=0)
    theirs: set[datetime] = set()
    for event in calendar_events(cron, "UTC"):
        theirs |= elapses(event, moment)
    ours = set()
    for _ in range(len(theirs)):
        moment = next_after(cron, UTC_ZONE, moment)
        ours.add(moment)
    many = 3  # with two events each tells its own first ones
    assert sorted(ours)[:many] == sorted(theirs)[:many]


def elapses(event: str, after: datetime) -> set[datetime]:
    answer = analyze("calendar", "--iterations=3", f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC", event)
    assert answer.returncode == 0, (event, answer.stderr)
    found = re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", answer.stdout)
    return {datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in found}


@pytest.mark.server
def test_the_night_that_is_said_to_be_left_out_is_left_out() -> None:
    """What the remark says of systemd is what systemd does."""
    (remark,) = units().remarks[:1]
    lost = datetime.fromisoformat(re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", remark)[0])  # type: ignore[index]
    (event,) = calendar_events(BERLIN.cron, BERLIN.zone)
    day_before = (lost - timedelta(days=1)).replace(tzinfo=UTC, hour=12)
    assert lost.date() not in {moment.date() for moment in elapses(event, day_before)}
    ours = next_after(BERLIN.cron, ZoneInfo(BERLIN.zone), day_before)
    assert ours.date() == lost.date()


def test_no_remark_where_no_clock_is_changed() -> None:
    assert not any("clocks" in remark for remark in units(replace(BERLIN, zone="UTC")).remarks)


def test_what_is_not_to_be_caught_up_is_not() -> None:
    timer = units(replace(BERLIN, catch_up=timedelta(0))).files[1].text
    assert "Persistent=false" in timer


def test_secrets_come_as_credentials_or_are_asked_for() -> None:
    found = units()
    service = found.files[0].text
    assert "LoadCredential=slack-app:/etc/driftbot/slack-app" in service
    assert any("/etc/keys/forge" in remark for remark in found.remarks)
    assert "SLACK_TOKEN" in service


@pytest.mark.parametrize(
    ("changes", "user", "told"),
    [
        ({}, "", None),
        ({"config": "/tmp/shop/driftbot.yaml"}, "", "does not see the configuration /tmp/shop/driftbot.yaml"),
        ({"program": "/var/tmp/driftbot"}, "root", "does not see the program /var/tmp/driftbot"),
        ({"program": "/root/.venv/bin/driftbot"}, "ann", "only root sees the program /root/.venv/bin/driftbot"),
        ({"program": "/root/.venv/bin/driftbot"}, "root", None),
        ({"config": "/home/ann/driftbot.yaml"}, "", "name the home's owner with --user"),
        ({"config": "/home/ann/driftbot.yaml"}, "ann", None),
        ({"config": "/home/ann/driftbot.yaml"}, "bob", "the user bob has to be able to read the configuration"),
        ({"config": "/homes/driftbot.yaml"}, "", None),
    ],
)
def test_what_the_service_would_not_see_is_told(changes: dict[str, str], user: str, told: str | None) -> None:
    found = units(installation=replace(HERE, secret_files=(), **changes), host=SystemdHost(user))
    remarks = [remark for remark in found.remarks if "clocks" not in remark and "clock is" not in remark]
    assert len(remarks) == (0 if told is None else 1)
    assert told is None or told in remarks[0]
    at_home = any(path.startswith(("/home/", "/root/")) for path in changes.values())
    assert f"ProtectHome={'read-only' if at_home else 'yes'}" in found.files[0].text


def test_a_home_that_is_to_be_written_is_no_hidden_one() -> None:
    service = units(host=SystemdHost("ann", ("/home/ann/shop",))).files[0].text
    assert "ProtectHome=read-only" in service


@pytest.mark.parametrize("writable", ["", "/srv/shop/deploy", "/srv", "/srv/shop"])
def test_what_playbooks_may_edit_has_to_be_writable(writable: str) -> None:
    host = SystemdHost("shop", (writable,) if writable else (), ("/srv/shop",))
    told = any("add --writable /srv/shop," in remark for remark in units(host=host).remarks)
    assert told == (writable in ("", "/srv/shop/deploy"))


def test_the_steps_name_every_secret_before_anything_is_enabled() -> None:
    steps = units(installation=replace(HERE, store="postgresql://drift@db/drift")).steps
    assert steps[1:4] == (
        "write /etc/driftbot/environment (root's, 0600)  # lines NAME=value: PGPASSWORD, PROMETHEUS_TOKEN, SLACK_TOKEN",
        "write the secret into /etc/keys/forge (the service's user reads it)",
        "write the secret into /etc/driftbot/slack-app (root's, 0600)",
    )
    assert not any("write" in step for step in units(installation=replace(SERVER, store=None)).steps)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/usr/bin/driftbot", "/usr/bin/driftbot"),
        ("a b", '"a b"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
    ],
)
def test_words_mean_themselves(word: str, expected: str) -> None:
    assert quoted(word) == expected
