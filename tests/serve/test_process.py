"""The real process with real nights: stopped in the middle, killed, asked, told to read its configuration again."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from driftbot.store.store import Store
from tests.servers.process import free_port
from tests.servers.silent_prometheus import SilentPrometheus, silent_prometheus

PATIENCE = 60.0


@dataclass
class Serve:
    """A running `driftbot serve` and what it said so far."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def says(self, words: str) -> None:
        self.until(lambda: words in self.log())

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)

    def ready(self) -> bool:
        try:
            return self.get("/readyz").ok
        except requests.ConnectionError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture
def slow() -> Iterator[SilentPrometheus]:
    with silent_prometheus() as server:
        yield server


def configure(folder: Path, more: str = "", port: int = 0) -> int:
    port = port or free_port()
    (folder / "driftbot.yaml").write_text(
        f"store: driftbot.db\nrules: {{shipped: none}}\nserve:\n  listen: 127.0.0.1:{port}\n  jitter: 0s\n{more}"
    )
    return port


@contextmanager
def running(folder: Path, port: int, *arguments: str) -> Iterator[Serve]:
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "driftbot", "serve", *arguments], cwd=folder, stdout=log, stderr=log
        )
    try:
        yield Serve(process, f"http://127.0.0.1:{port}", folder)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def nights(folder: Path) -> int:
    with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
        return len(store.nights())


def check(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "driftbot", "serve", "--check", *arguments], cwd=folder, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_night_is_kept_and_the_process_answers_who_asks(tmp_path: Path):
    port = configure(tmp_path)
    with running(tmp_path, port, "--now", "--log-format", "json") as serve:
        serve.says('"night.ended"')
        serve.until(serve.ready)
        assert nights(tmp_path) == 1
        assert "driftbot_store_up 1.0" in serve.get("/metrics").text
        assert check(tmp_path)[0] == 0
        assert check(tmp_path, "alive") == (0, "alive\n")
        assert serve.stop() == 0
        events = [json.loads(line) for line in serve.log().splitlines()]
        assert [event["event"] for event in events if not event["event"].startswith("night.")] == [
            "serve.begun", "nights.whose", "serve.stopping", "serve.ended",
        ]  # fmt: skip
    code, told = check(tmp_path)
    assert (code, "nobody answers at 127.0.0.1" in told) == (1, True)


def test_stopped_in_the_middle_of_a_scan_it_leaves_no_half_night_and_no_lease(tmp_path: Path, slow: SilentPrometheus):
    source = f"sources:\n  - {{name: metrics, kind: prometheus, url: '{slow.url}'}}\n"
    port = configure(tmp_path, source)
    with running(tmp_path, port, "--now") as serve:
        assert slow.asked.wait(PATIENCE), serve.log()
        begun = time.monotonic()
        assert serve.stop() == 0
        assert time.monotonic() - begun < 40, "systemd and Kubernetes would have killed it"
        assert "stopped, because this process ends" in serve.log()
    assert nights(tmp_path) == 0
    configure(tmp_path, port=port)
    with running(tmp_path, port, "--now") as serve:
        serve.until(lambda: nights(tmp_path) == 1)
        assert serve.stop() == 0


def test_one_that_was_killed_is_followed_at_once(tmp_path: Path):
    port = configure(tmp_path)
    with running(tmp_path, port) as serve:
        serve.until(serve.ready)
        serve.process.kill()
        serve.process.wait()
    with running(tmp_path, port) as serve:
        serve.until(serve.ready)
        assert serve.stop() == 0


def test_a_second_one_stands_by_and_says_so(tmp_path: Path):
    port, other = configure(tmp_path), free_port()
    beside = tmp_path / "beside"
    beside.mkdir()
    with running(tmp_path, port) as first:
        first.until(first.ready)
        configure(beside, port=other)
        with running(beside, other, "--store", str(tmp_path / "driftbot.db")) as second:
            second.says(f"process {first.process.pid} on {socket.gethostname()} begins the nights")
            assert second.get("/readyz").status_code == 503
            assert second.get("/healthz").status_code == 200
            answer = requests.post(second.url + "/scan", headers={"X-Driftbot": "1"}, timeout=10)
            assert answer.status_code == 503
            assert first.stop() == 0
            second.until(second.ready)
            assert second.stop() == 0


def test_hangup_reads_the_configuration_again_and_a_bad_one_changes_nothing(tmp_path: Path):
    port = configure(tmp_path, "  cron: 30 2 * * *\n")
    with running(tmp_path, port) as serve:
        serve.until(serve.ready)
        configure(tmp_path, "  cron: 30 2 * * * *\n", port)
        serve.process.send_signal(signal.SIGHUP)
        serve.says("has 6 fields, not five")
        assert serve.get("/readyz").status_code == 503
        configure(tmp_path, "  cron: 15 4 * * *\n", port)
        serve.process.send_signal(signal.SIGHUP)
        serve.says('cron="15 4 * * *"')
        serve.until(serve.ready)
        assert "04:15Z" in serve.get("/readyz").text
        configure(tmp_path, "", free_port())
        serve.process.send_signal(signal.SIGHUP)
        serve.says("Restart to listen elsewhere")
        assert serve.stop() == 0


REFUSALS = {
    "listen: 0.0.0.0:9464": "can be reached from other machines",
    "listen: 127.0.0.1:{taken}": "cannot be listened on",
    "token: {{env: NOT_SET_ANYWHERE}}": "NOT_SET_ANYWHERE is not set",
}


@pytest.mark.parametrize("setting", REFUSALS)
def test_what_keeps_it_from_beginning_is_a_sentence(tmp_path: Path, setting: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = setting.format(taken=taken.getsockname()[1])
        (tmp_path / "driftbot.yaml").write_text(f"rules: {{shipped: none}}\nserve:\n  {line}\n")
        done = subprocess.run(
            [sys.executable, "-m", "driftbot", "serve"], cwd=tmp_path, capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert (done.returncode, REFUSALS[setting] in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def namespace() -> list[str]:
    """A command that runs another one with mounts of its own, or a loud skip."""
    found = shutil.which("unshare")
    if not found or subprocess.run([found, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare -rm is not allowed here: no file system of the test's own can be filled")
    return [found, "-rm"]


def test_with_a_full_disk_it_goes_on_and_says_so_and_with_room_again_nights_are_kept(tmp_path: Path):
    port = configure(tmp_path)
    (tmp_path / "small").mkdir()
    text = (tmp_path / "driftbot.yaml").read_text()
    (tmp_path / "driftbot.yaml").write_text(text.replace("store: driftbot.db", "store: small/driftbot.db"))
    mounted = f"mount -t tmpfs -o size=3m none small && exec {sys.executable} -m driftbot serve --now"
    with (tmp_path / "serve.log").open("ab") as log:
        command = [*namespace(), "sh", "-c", mounted]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    serve = Serve(process, f"http://127.0.0.1:{port}", tmp_path)
    try:
        serve.until(lambda: serve.log().count("night.ended") == 1)
        small = Path(f"/proc/{process.pid}/root{tmp_path}/small")
        fill(small / "filler")
        assert requests.post(serve.url + "/scan", headers={"X-Driftbot": "1"}, timeout=10).status_code == 202
        serve.until(lambda: serve.log().count("night.ended") == 2)
        assert "disk" in serve.log().rpartition("night.begun")[2]
        assert serve.get("/healthz").ok
        (small / "filler").unlink()
        assert requests.post(serve.url + "/scan", headers={"X-Driftbot": "1"}, timeout=10).status_code == 202
        serve.until(lambda: serve.log().count("night.ended") == 3)
        assert serve.get("/readyz").ok
        shutil.copytree(small, tmp_path / "copy")
        assert nights(tmp_path / "copy") == 2
        assert serve.stop() == 0
    finally:
        process.kill()
        process.wait()


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC, error
