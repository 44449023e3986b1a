"""The line for cron: read as cron reads it, and run by a shell."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.schedule.cron import read_cron
from driftbot.schedule.crontab import CronHost, crontab
from driftbot.schedule.night_schedule import NightSchedule
from tests.schedule.scene import BERLIN, HERE

UNITS = Path(__file__).parents[2] / "fixtures" / "schedule" / "units"
STORE = "sqlite:////var/lib/driftbot/driftbot.db"
MINE = CronHost(STORE, "/var/lib/driftbot/driftbot.log")
SYSTEM = CronHost(STORE, "/var/log/drift bot/50%.log", "driftbot", "oncall@example.org")
NO_JITTER = replace(BERLIN, jitter=timedelta(0))


@pytest.mark.parametrize(("variant", "host"), [("own", MINE), ("system", SYSTEM)])
def test_crontabs_read_as_their_golden_files(variant: str, host: CronHost) -> None:
    found = crontab(BERLIN, HERE, host)
    golden = UNITS / f"cron_{variant}.txt"
    text = found.files[0].text
    text += "".join(f"# note: {remark}\n" for remark in found.remarks)
    text += "".join(f"# next: {step}\n" for step in found.steps)
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text("utf-8")


def lines(text: str) -> tuple[dict[str, str], list[str]]:
    """Settings and job lines, as crontab(5) tells them apart."""
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    settings = {name: value.strip('"') for name, value in (line.split("=", 1) for line in kept if is_setting(line))}
    return settings, [line for line in kept if not is_setting(line)]


def is_setting(line: str) -> bool:
    return re.match(r"[A-Z_]+=", line) is not None


def job(schedule: NightSchedule, host: CronHost, program: str = "/usr/bin/driftbot") -> tuple[str, str, str]:
    """Expression, user and command of the only job, the command as cron hands it to the shell."""
    found = crontab(schedule, replace(HERE, program=program), host)
    _, (line,) = lines(found.files[0].text)
    words = line.split(None, 6 if host.user else 5)
    assert "%" not in line.replace("\\%", ""), "a bare % ends the line"
    return " ".join(words[:5]), words[5] if host.user else "", words[-1].replace("\\%", "%")


@pytest.mark.parametrize("text", ["30 2 * * *", "5 3 * * fri-sun", "@weekly", "0 */6 1,15 * mon"])
def test_the_expression_is_the_one_that_was_meant(text: str) -> None:
    cron = read_cron(text)
    expression, user, _ = job(replace(BERLIN, cron=cron), SYSTEM)
    assert user == "driftbot"
    assert re.fullmatch(r"[0-9*,/ -]+", expression), "no names: not every cron knows them in lists"
    again = read_cron(expression)
    assert replace(again, text=cron.text, words=cron.words) == cron


def test_settings_say_zone_and_mail() -> None:
    settings, _ = lines(crontab(BERLIN, HERE, SYSTEM).files[0].text)
    assert settings == {"SHELL": "/bin/sh", "MAILTO": "oncall@example.org", "CRON_TZ": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("code", "mail"), [(0, ""), (1, "the night ended with 1; see"), (64, "the night ended with 64")]
)
def test_only_a_night_that_failed_sends_mail(tmp_path: Path, code: int, mail: str) -> None:
    program = tmp_path / "drift 100% bot"
    program.write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n')
    program.chmod(0o755)
    log = tmp_path / "it's 50%.log"
    _, _, command = job(NO_JITTER, replace(SYSTEM, log=str(log)), str(program))
    answer = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert answer.returncode == 0
    assert mail in answer.stdout if mail else answer.stdout == ""
    said = log.read_text().split()
    assert said == ["run", "--exit-zero", "--config", HERE.config, "--store", STORE]
    assert not mail or str(log) in answer.stdout


def test_jitter_is_slept_before_it_begins(tmp_path: Path) -> None:
    sleep = tmp_path / "sleep"
    sleep.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/slept\n')
    sleep.chmod(0o755)
    _, _, command = job(BERLIN, replace(MINE, log=os.devnull), "/bin/true")
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["/bin/sh", "-c", command], check=True, env=environment)
    assert 0 <= int((tmp_path / "slept").read_text()) <= 300
