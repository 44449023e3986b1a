"""A server of the system's packages as a child process on a free port, stopped and removed afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import requests

READY_WITHIN = 30.0


def binary(name: str) -> str:
    """The path of a program, or a loud skip."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"the program {name} is not installed (on Debian: apt-get install {PACKAGES.get(name, name)})")
    return found


PACKAGES = {"vmalert": "victoria-metrics", "promtool": "prometheus", "systemd-analyze": "systemd"}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running server: its URL, its directory, its process."""

    url: str
    directory: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        """What the server printed so far."""
        return (self.directory / "server.log").read_text(errors="replace")

    def stop(self) -> None:
        """End the process and remove its directory; asking twice does no harm."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def start(
    kind: type[Server],
    command: Sequence[str],
    url: str,
    directory: Path,
    ready: str,
    client: Mapping[str, Any] = MappingProxyType({}),
) -> Server:
    """Start the command and wait until ``<url><ready>`` answers 200 to a client with these arguments of requests."""
    with (directory / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=subprocess.STDOUT)
    server = kind(url, directory, process)
    deadline = time.monotonic() + READY_WITHIN
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if session.get(url + ready, timeout=2, **client).ok:
                    return server
            except requests.RequestException:
                pass
            time.sleep(0.05)
    log_text = server.log()
    server.stop()
    pytest.fail(f"{command[0]} was not ready within {READY_WITHIN:g} s:\n{log_text[-3000:]}")
