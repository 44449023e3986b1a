"""Commands: only allowed ones, with nothing of our environment, an end that comes, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from driftbot.actions.action import Action, ActionFailed, Standing
from driftbot.actions.allowed_command import allowed_command
from driftbot.actions.options import ActionOptions
from driftbot.actions.run_command import action
from driftbot.actions.run_command_options import RunCommandOptions
from driftbot.actions.supervised import Command, Ended, NotStarted, run
from driftbot.edits.edit import Refused
from tests.actions.server_scene import KEY, occasion, proposed, tools

SH, ENV, TOUCH, TEST, RM = "/bin/sh", "/usr/bin/env", "/usr/bin/touch", "/usr/bin/test", "/bin/rm"
ALLOWED = [
    {"program": TOUCH, "arguments": ["[a-z]+"]},
    {"program": TEST, "arguments": ["-e", "[a-z]+"]},
    {"program": RM, "arguments": ["[a-z]+"]},
]
SETTINGS = {
    "argv": [TOUCH, "flag"],
    "check": {"argv": [TEST, "-e", "flag"]},
    "undo": {"argv": [RM, "flag"]},
}


def reaching(root: Path, *commands):
    return tools(root, {"run_command": {"commands": list(commands) or ALLOWED}})


def script(root: Path, text: str, name: str = "program") -> str:
    """An executable shell script."""
    path = root / name
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(0o755)
    return str(path)


def ran(root: Path, text: str, entry=None, **settings):
    """What performing a script gives, or the failure."""
    program = script(root, text)
    with_tools = reaching(root, {"program": program, **(entry or {})})
    step = proposed(action, {"argv": [program], **settings}, occasion(), with_tools)
    try:
        return action.perform(step, KEY, with_tools)
    except ActionFailed as failure:
        return failure


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(*pids: int) -> bool:
    """Whether all of these end before long."""
    for _ in range(200):
        if not any(map(alive, pids)):
            return True
        time.sleep(0.05)
    return False


def pids_in(folder: Path, count: int) -> list[int]:
    """The process ids that a script writes into files, once they are all there."""
    for _ in range(400):
        found = [text for path in folder.glob("*.pid") if (text := path.read_text().strip())]
        if len(found) == count:
            return [int(one) for one in found]
        time.sleep(0.05)
    raise AssertionError(f"{count} processes were not started in time")


def test_it_is_an_action():
    assert isinstance(action, Action)


def test_a_command_is_run_read_back_and_undone(tmp_path):
    with_tools = reaching(tmp_path)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    assert step.irreversible == ""
    assert action.sight(step, "", with_tools).standing is Standing.BEFORE
    effect = action.perform(step, KEY, with_tools)
    assert (tmp_path / "flag").exists()
    assert action.sight(step, "", with_tools).standing is Standing.AFTER
    action.undo(step, effect.body, KEY, with_tools)
    assert not (tmp_path / "flag").exists()
    assert "gone already" in action.undo(step, effect.body, KEY, with_tools).told


def test_without_a_check_it_is_blind_and_without_an_undo_irreversible(tmp_path):
    with_tools = reaching(tmp_path)
    step = proposed(action, {"argv": [TOUCH, "flag"]}, occasion(), with_tools)
    assert "no command that undoes it" in step.irreversible
    effect = action.perform(step, KEY, with_tools)
    assert action.sight(step, effect.body, with_tools).standing is Standing.BLIND
    with pytest.raises(ActionFailed, match="no command that undoes it"):
        action.undo(step, effect.body, KEY, with_tools)


def test_the_environment_is_made_from_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_ZONE", "eu")
    monkeypatch.setenv("SHOP_OTHER", "not this")
    monkeypatch.setenv("SHOP_TOKEN_SOURCE", "hunter2hunter2")
    entry = {
        "program": ENV,
        "environment": ["SHOP_ZONE", "SHOP_ABSENT"],
        "secrets": {"SHOP_TOKEN": {"env": "SHOP_TOKEN_SOURCE"}},
    }
    with_tools = reaching(tmp_path, entry)
    step = proposed(action, {"argv": [ENV]}, occasion(), with_tools)
    printed = json.loads(action.perform(step, KEY, with_tools).body)["output"]
    assert dict(line.split("=") for line in printed.splitlines()) == {
        "SHOP_ZONE": "eu",
        "SHOP_TOKEN": "REDACTED",
        "DRIFTBOT_KEY": KEY,
    }


def test_input_is_closed_and_folder_is_below_the_root(tmp_path):
    (tmp_path / "below").mkdir()
    effect = ran(tmp_path, "cat; pwd", folder="below")
    assert str(tmp_path / "below") in effect.body
    (tmp_path / "link").symlink_to("/")
    for folder in ("..", "/", "link", "nowhere", "program", "a\0b"):
        with pytest.raises(Refused, match="the folder"):
            ran(tmp_path, "true", folder=folder)


def test_there_is_no_shell(tmp_path):
    entry = {"program": "/bin/echo", "arguments": ["(?s).*"]}
    with_tools = reaching(tmp_path, entry)
    text = "$(touch pwned); `touch pwned` | touch pwned\n\x1b[31m"
    step = proposed(action, {"argv": ["/bin/echo", text]}, occasion(), with_tools)
    action.perform(step, KEY, with_tools)
    assert not (tmp_path / "pwned").exists()
    assert "\x1b" not in step.preview


@pytest.mark.parametrize(
    ("exits", "more", "uncertain"),
    [
        ("exit 3", {}, True),
        ("exit 3", {"nothing_done": [3]}, False),
        ("kill -9 $$", {"nothing_done": [9]}, True),
        ("sleep 60", {"timeout": 0.3}, True),
    ],
)
def test_what_is_not_an_expected_end_fails(tmp_path, exits, more, uncertain):
    failure = ran(tmp_path, f"echo 'oops \x1b[31m'; {exits}", **more)
    assert isinstance(failure, ActionFailed)
    assert failure.uncertain is uncertain
    assert "oops" in failure.reason
    assert "\x1b" not in failure.reason


@pytest.mark.parametrize(
    ("check", "outcome"),
    [("exit 0", "but it was done"), ("exit 1", False), ("exit 2", True), ("kill -9 $$", True)],
)
def test_a_check_has_the_last_word(tmp_path, check, outcome):
    program, checking = script(tmp_path, "exit 7", "program"), script(tmp_path, check, "check")
    with_tools = reaching(tmp_path, {"program": program}, {"program": checking})
    step = proposed(action, {"argv": [program], "check": {"argv": [checking]}}, occasion(), with_tools)
    if isinstance(outcome, str):
        assert outcome in action.perform(step, KEY, with_tools).told
    else:
        with pytest.raises(ActionFailed, match="ended with 7") as failure:
            action.perform(step, KEY, with_tools)
        assert failure.value.uncertain is outcome


def test_output_without_end_is_cut_and_secrets_stay_masked(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "hunter2hunter2")
    text = "while :; do printf '%s ' \"$TOKEN\"; done"
    entry = {"secrets": {"TOKEN": {"env": "SHOP_TOKEN"}}, "output_bytes": 1024 + 7}
    failure = ran(tmp_path, text, entry, timeout=0.5)
    assert isinstance(failure, ActionFailed)
    assert "its time was over" in failure.reason
    assert re.search(r"\([\d,]{4,} bytes more\)", failure.reason)
    assert "hunter" not in failure.reason


def test_the_longest_of_the_configuration_counts(tmp_path):
    failure = ran(tmp_path, "sleep 60", {"longest": 0.3}, timeout="20m")
    assert "its time was over" in failure.reason


LEAVES_CHILDREN = """\
echo $$ > own.pid
sleep 300 & echo $! > child.pid
setsid sh -c 'echo $$ > session.pid; exec sleep 300' &
(setsid sh -c 'setsid sh -c "echo \\$\\$ > orphan.pid; exec sleep 300" & exit' &)
while [ "$(ls *.pid | wc -l)" -lt 4 ]; do sleep 0.05; done
"""


def test_nothing_is_left_behind_when_it_ends(tmp_path):
    assert ran(tmp_path, LEAVES_CHILDREN + "echo fine").body.count("fine") == 1
    assert gone(*pids_in(tmp_path, 4))


def test_nothing_is_left_behind_when_its_time_is_over(tmp_path):
    failure = ran(tmp_path, LEAVES_CHILDREN + "sleep 300", timeout="3s")
    assert "its time was over" in failure.reason
    assert gone(*pids_in(tmp_path, 4))


DRIVER = """\
import sys
from pathlib import Path
from driftbot.actions.supervised import Command, run
print(run(Command([sys.argv[1]], Path(sys.argv[2]), {"PATH": "/usr/bin:/bin"}, 300, 1024)))
"""


def driver(root: Path, text: str) -> subprocess.Popen[bytes]:
    """A process that runs a script as driftbot does."""
    program = script(root, text)
    return subprocess.Popen([sys.executable, "-c", DRIVER, program, str(root)], stdout=subprocess.PIPE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_the_program_ends_with_driftbot_however_that_ends(tmp_path, number):
    process = driver(tmp_path, LEAVES_CHILDREN + "sleep 300")
    pids = pids_in(tmp_path, 4)
    assert all(map(alive, pids))
    os.kill(process.pid, number)
    process.communicate()
    assert gone(*pids)


def test_the_program_ends_with_its_supervisor_and_that_is_told(tmp_path):
    process = driver(tmp_path, "echo $$ > own.pid; echo $PPID > supervisor.pid; exec sleep 300")
    pids_in(tmp_path, 2)
    own, supervisor = (int((tmp_path / f"{name}.pid").read_text()) for name in ("own", "supervisor"))
    os.kill(supervisor, signal.SIGKILL)
    said, _ = process.communicate()
    assert b"Ended.LOST" in said
    assert gone(own)


def test_what_may_go_on_without_its_supervisor_is_uncertain_though_nothing_shows_yet(tmp_path):
    program = script(tmp_path, "kill -9 $PPID; sleep 5")
    with_tools = reaching(tmp_path, {"program": program}, *ALLOWED)
    step = proposed(action, {"argv": [program], "check": SETTINGS["check"]}, occasion(), with_tools)
    with pytest.raises(ActionFailed, match="was ended from outside") as failure:
        action.perform(step, KEY, with_tools)
    assert failure.value.uncertain


def test_a_program_that_cannot_be_started_is_certain(tmp_path):
    program = tmp_path / "broken"
    program.write_text("#!/nowhere/interpreter\n")
    program.chmod(0o755)
    with_tools = reaching(tmp_path, {"program": str(program)})
    step = proposed(action, {"argv": [str(program)]}, occasion(), with_tools)
    with pytest.raises(ActionFailed, match="could not be started") as failure:
        action.perform(step, KEY, with_tools)
    assert not failure.value.uncertain
    with pytest.raises(NotStarted):
        run(Command([str(program)], tmp_path, {}, 5, 1024))


def test_what_it_prints_in_any_encoding_is_text(tmp_path):
    found = run(Command(["/bin/sh", "-c", "printf '\\377ok'; exit 5"], tmp_path, {}, 5, 1024))
    assert (found.status, found.ended, found.output) == (5, Ended.ITSELF, "\ufffdok")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([SH, "-c", "true"], "may not be run; acting.reach.run_command.commands names what may be"),
        (["touch", "flag"], "may not be run"),
        ([TOUCH], "may not be run with no arguments"),
        ([TOUCH, "flag", "flag"], "may not be run with"),
        ([TOUCH, "flag\n"], "may not be run with"),
        ([TOUCH, "../flag"], "may not be run with"),
        ([TOUCH, "fl\0ag"], "may not be run with"),
        ([TEST, "-f", "flag"], "may not be run with"),
    ],
)
def test_what_is_not_allowed_is_refused(tmp_path, argv, told):
    with pytest.raises(Refused, match=told):
        proposed(action, {"argv": argv}, occasion(), reaching(tmp_path))
    with pytest.raises(Refused, match=told):
        proposed(action, {**SETTINGS, "undo": {"argv": argv}}, occasion(), reaching(tmp_path))


def test_what_was_allowed_when_proposing_has_to_be_allowed_when_acting(tmp_path):
    with_tools = reaching(tmp_path)
    step = proposed(action, SETTINGS, occasion(), with_tools)
    narrowed = reaching(tmp_path, {"program": SH})
    with pytest.raises(ActionFailed, match="may not be run"):
        action.perform(step, KEY, narrowed)
    assert action.sight(step, "", narrowed).standing is Standing.UNREADABLE
    assert not (tmp_path / "flag").exists()


def test_a_name_from_the_estate_cannot_become_an_option():
    options = RunCommandOptions.model_validate({"commands": [{"program": RM, "arguments": [".*"], "further": ".*"}]})
    for argument in ("-rf", "--no-preserve-root"):
        with pytest.raises(Refused):
            allowed_command([RM, argument], options)
        with pytest.raises(Refused):
            allowed_command([RM, "x", argument], options)
    options = RunCommandOptions.model_validate({"commands": [{"program": RM, "arguments": [r"\-r|-f"]}]})
    assert allowed_command([RM, "-r"], options)


@given(st.lists(st.text("abc019-\n é", max_size=4), max_size=3))
def test_only_what_every_pattern_matches_is_taken(arguments):
    """An oracle with Python's own regular expressions."""
    options = RunCommandOptions.model_validate(
        {"commands": [{"program": RM, "arguments": ["[a-c]+"], "further": "[0-9]*"}]}
    )
    expected = bool(arguments and re.fullmatch("[a-c]+", arguments[0])) and all(
        re.fullmatch("[0-9]*", one, re.ASCII) for one in arguments[1:]
    )
    try:
        assert bool(allowed_command([RM, *arguments], options)) is expected
    except Refused:
        assert not expected


def test_a_program_that_everybody_may_change_is_refused(tmp_path):
    program = Path(script(tmp_path, "true"))
    program.chmod(0o757)
    for path, told in ((program, "everybody may write to it"), (tmp_path, "no program"), (tmp_path / "no", "No such")):
        with pytest.raises(Refused, match=told):
            proposed(action, {"argv": [str(path)]}, occasion(), reaching(tmp_path, {"program": str(path)}))


@pytest.mark.parametrize(
    "entry",
    [
        {"program": "kubectl"},
        {"program": "/usr/../bin/sh"},
        {"program": SH, "arguments": ["("]},
        {"program": SH, "environment": ["A B"]},
        {"program": SH, "environment": ["DRIFTBOT_KEY"]},
        {"program": SH, "secrets": {"TOKEN": "hunter2"}},
    ],
)
def test_entries_that_could_mean_something_else_are_refused(entry):
    with pytest.raises(ValidationError):
        ActionOptions.model_validate({"run_command": {"commands": [entry]}})
