"""The entry point: every ending is an exit code and a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from driftbot.cli import demo
from driftbot.cli.main import main
from driftbot.cli.terminal_output import called
from driftbot.core.failure import Failure
from tests.cli.conftest import Run


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["driftbot", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    assert isinstance(left.value.code, int)
    return left.value.code


def broken(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def callback(**_options: object) -> None:
        raise error

    monkeypatch.setattr(demo.command, "callback", callback)


def test_a_failure_is_its_sentence_and_the_next_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(monkeypatch, Failure("the store is gone", "Name another."))
    assert ended(monkeypatch, "demo") == 1
    assert capsys.readouterr().err == "driftbot: the store is gone\n  next: Name another.\n"


def test_a_defect_is_a_sentence_and_with_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(monkeypatch, KeyError("x"))
    assert ended(monkeypatch, "demo") == 1
    assert "a defect in driftbot itself: KeyError: 'x'" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["driftbot", "--debug", "demo"])
    with pytest.raises(KeyError):
        main()


def test_a_full_disk_is_no_defect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    broken(monkeypatch, OSError(28, "No space left on device"))
    assert ended(monkeypatch, "demo") == 1
    assert capsys.readouterr().err.startswith(
        "driftbot: the system refused: No space left on device\n  next: Give room"
    )


def test_a_name_from_the_estate_cannot_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(monkeypatch, Failure("no night knows \x1b]0;owned\x07\nsecond line", "The nearest: \x1b[2J"))
    ended(monkeypatch, "demo")
    assert capsys.readouterr().err == (
        "driftbot: no night knows \\x1b]0;owned\\x07\nsecond line\n  next: The nearest: \\x1b[2J\n"
    )


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    broken(monkeypatch, KeyboardInterrupt())
    assert ended(monkeypatch, "demo") == 130
    assert "a night that had not ended is not in the store" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nosuch"], ["scan", "--nosuch"], ["scan", "--fail-on", "HIGH!"], ["explain"]])
def test_a_misunderstood_command_line_is_64(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert ended(monkeypatch, *arguments) == 64


def test_help_and_version_are_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(monkeypatch, "--help") == 0
    assert ended(monkeypatch, "--version") == 0
    assert "driftbot 0." in capsys.readouterr().out


def started(estate: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command as a shell starts it, its output redirected."""
    line = f'"{sys.executable}" -m driftbot {command}'
    return subprocess.run(
        line, shell=True, cwd=estate, env={**os.environ, **environment}, text=True, capture_output=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_sentence_and_1(estate: Path) -> None:
    left = started(estate, "rules list > /dev/full")
    assert (left.returncode, "No space left" in left.stderr, "Traceback" in left.stderr) == (1, True, False)


def test_a_closed_output_takes_nothing_and_breaks_nothing(estate: Path) -> None:
    assert started(estate, "rules list >&-").stderr == ""
    assert started(estate, "rules list --nosuch 2>&-").returncode == 64


def test_a_character_that_the_encoding_lacks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.command, "callback", lambda **_options: click.echo("0 \u2192 500"))
    kept = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(kept, encoding="latin-1"))
    assert ended(monkeypatch, "demo") == 0
    assert kept.getvalue() == b"0 ? 500\n"


def test_a_recording_into_a_missing_folder_is_refused(estate: Path, run: Run) -> None:
    answer = run("record", "--output", "nope/night.tar.gz")
    assert (answer.code, "there is no folder nope" in answer.err) == (1, True), answer
    assert not (estate / "nope").exists()


@pytest.mark.parametrize(
    ("found", "argument", "name"),
    [
        ("/usr/bin/driftbot", "/usr/bin/driftbot", "driftbot"),
        (None, ".venv/bin/driftbot", ".venv/bin/driftbot"),
        (None, "driftbot", "driftbot"),
    ],
)
def test_a_next_step_names_the_command_as_it_was_called(
    monkeypatch: pytest.MonkeyPatch, found: str | None, argument: str, name: str
) -> None:
    monkeypatch.setattr("sys.argv", [argument])
    monkeypatch.setattr("shutil.which", lambda _name: found)
    assert called() == name
