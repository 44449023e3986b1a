"""``driftbot slack-sandbox`` as people start it: what it prints is what driftbot needs, and it ends well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from slack_sdk import WebClient

from driftbot.cli.main import command_line
from driftbot.config import load_config

LAST_LINE = "Ctrl-C ends it."


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, with what it printed once it served."""
    program = [sys.executable, "-c", "from driftbot.cli.main import main; main()", "slack-sandbox", *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            printed = ""
            while LAST_LINE not in printed and (line := process.stdout.readline()):
                printed += line
            yield process, printed
        finally:
            process.kill()


def exported(printed: str) -> dict[str, str]:
    return dict(re.findall(r"export (\w+)=(\S+)", printed))


def test_what_it_prints_is_a_configuration_and_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with running("--port", "0", "--channel", "sre") as (_, printed):
        written = printed.partition("For driftbot.yaml:")[2].partition("\nThen ")[0]
        (tmp_path / "driftbot.yaml").write_text(written)
        for name, value in exported(printed).items():
            monkeypatch.setenv(name, value)
        config = load_config(tmp_path / "driftbot.yaml")
        assert config.slack is not None
        assert config.slack.app_token is not None
        assert config.slack.app_token.read().startswith("xapp-")
        client = WebClient(token=config.slack.token.read(), base_url=config.slack.url)
        (channel,) = config.channels
        client.chat_postMessage(channel=channel.options.channel, text="0 drift")  # type: ignore[attr-defined]
        assert set(config.slack.people) >= set(config.slack.approvers)
        assert config.slack.people[config.slack.approvers[0]].name.startswith("Ann")


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_what_was_said_is_there_again_after_the_end(tmp_path: Path, ended_by: signal.Signals):
    state = str(tmp_path / "slack.json")
    for expected in (0, 1):
        with running("--port", "0", "--state", state) as (process, printed):
            page = re.search(r"The page: (\S+)", printed)
            assert page
            client = WebClient(token=exported(printed)["SLACK_TOKEN"], base_url=f"{page[1]}/api/")
            channel = re.search(r"channel: (C\w+)", printed)
            assert channel
            assert len(client.conversations_history(channel=channel[1])["messages"]) == expected
            client.chat_postMessage(channel=channel[1], text="0 drift")
            process.send_signal(ended_by)
            _, told = process.communicate(timeout=30)
            assert (process.returncode, "Traceback" in told) == (0, False)


def test_it_keeps_what_was_said_while_it_runs(tmp_path: Path):
    state = tmp_path / "slack.json"
    with running("--port", "0", "--state", str(state)) as (process, printed):
        page = re.search(r"The page: (\S+)", printed)
        assert page
        WebClient(token=exported(printed)["SLACK_TOKEN"], base_url=f"{page[1]}/api/").chat_postMessage(
            channel="#sre", text="kept although it is killed"
        )
        for _ in range(200):
            if state.exists() and "although" in state.read_text():
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        os.kill(process.pid, signal.SIGKILL)
    assert "although" in state.read_text()


def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path):
    state = tmp_path / "slack.json"
    state.write_text("nonsense")
    with running("--port", "0", "--state", str(state)) as (process, printed):
        _, told = process.communicate(timeout=30)
    assert (process.returncode, printed) == (1, "")
    assert f"driftbot: {state}: it is no state of a sandbox" in told


def test_its_name_has_a_hyphen_and_only_so():
    runner = CliRunner()
    assert "slack-sandbox" in runner.invoke(command_line, ["--help"]).output
    assert runner.invoke(command_line, ["slack-sandbox", "--help"]).exit_code == 0
    assert runner.invoke(command_line, ["slack_sandbox", "--help"]).exit_code != 0
    assert runner.invoke(command_line, ["chart-files", "--help"]).exit_code != 0
