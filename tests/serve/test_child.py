"""Children: their lines, their ends, and how they are stopped when they do not want to."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from driftbot.serve.child import LONGEST_LINE, MOST_LINES, Child, Ended, Ending, StopStep

QUICK = tuple(
    StopStep(number, seconds)
    for number, seconds in ((signal.SIGTERM, 0.5), (signal.SIGTERM, 0.5), (signal.SIGKILL, 5.0))
)
HEARD = "import signal, sys, time\n"


def run(program: str, longest: float | None = None, stop_after: str = "") -> tuple[Ended, list[tuple[str, str]]]:
    """Run a Python program as a child; stop it once it said this line."""
    lines: list[tuple[str, str]] = []

    async def whole() -> Ended:
        def tell(output: str, line: str) -> None:
            lines.append((output, line))
            if stop_after and line == stop_after:
                child.stop()

        child = await Child.begin((sys.executable, "-u", "-c", program), tell, QUICK)
        return await child.ended(timedelta(seconds=longest) if longest else None)

    return asyncio.run(whole()), lines


@pytest.mark.parametrize("code", [0, 1, 2, 64])
def test_its_lines_and_its_exit_code_are_told(code: int):
    ended, lines = run(f"import sys; print('a'); print('b', file=sys.stderr); print(); sys.exit({code})")
    assert (ended.code, ended.how) == (code, Ending.ENDED)
    assert sorted(lines) == [("err", "b"), ("out", "a")]


def test_one_that_was_killed_has_the_shells_code():
    ended, _ = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (ended.code, ended.how) == (128 + signal.SIGKILL, Ending.ENDED)


def test_of_endless_output_the_beginning_is_told_and_the_rest_counted():
    ended, lines = run("for n in range(5000): print('x' * 20_000, n)")
    assert ended.code == 0
    assert len(lines) == MOST_LINES + 1
    assert {len(line) for _, line in lines[:-1]} == {LONGEST_LINE}
    assert lines[-1] == ("out", f"… and {5000 - MOST_LINES:,} more lines")


def test_bytes_that_are_no_text_are_told_all_the_same():
    assert run("import sys; sys.stdout.buffer.write(b'\\xff\\xfe no newline')")[1] == [
        ("out", "\ufffd\ufffd no newline")
    ]


def test_the_first_signal_lets_it_end_its_step():
    program = HEARD + "signal.signal(15, lambda *_: (print('ending'), sys.exit(7)))\nprint('up')\ntime.sleep(60)"
    ended, lines = run(program, stop_after="up")
    assert (ended.code, ended.how, lines[-1]) == (7, Ending.STOPPED, ("out", "ending"))


def test_the_second_signal_ends_what_only_noted_the_first():
    program = (
        HEARD + "came = []\n"
        "def heard(*_):\n    came.append(1)\n    if len(came) > 1: sys.exit(130)\n"
        "signal.signal(15, heard)\nprint('up')\nwhile True: time.sleep(0.05)"
    )
    ended, _ = run(program, stop_after="up")
    assert (ended.code, ended.how) == (130, Ending.STOPPED)


def test_what_does_not_listen_is_killed_with_everything_that_it_began(tmp_path: Path):
    number = tmp_path / "grandchild"
    program = (
        HEARD + "import subprocess\nsignal.signal(15, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(number)!r}, 'w').write(str(other.pid))\nprint('up')\ntime.sleep(60)"
    )
    ended, _ = run(program, stop_after="up")
    assert (ended.code, ended.how) == (128 + signal.SIGKILL, Ending.STOPPED)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(int(number.read_text())):
        time.sleep(0.05)
    assert not _runs(int(number.read_text()))


def test_what_runs_too_long_is_stopped():
    ended, _ = run("import time; time.sleep(60)", longest=0.3)
    assert (ended.code, ended.how) == (128 + signal.SIGTERM, Ending.TOO_LONG)


def test_signals_of_the_terminal_do_not_reach_it():
    _, lines = run("import os; print(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())")
    assert lines == [("out", "True True")]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
