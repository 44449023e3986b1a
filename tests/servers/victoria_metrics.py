"""A real VictoriaMetrics, and vmalert beside it for its rules API."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import requests

from tests.servers.process import Server, binary, free_port, start
from tests.servers.remote_write import Samples, write


class VictoriaMetricsServer(Server):
    """A running single-node VictoriaMetrics."""

    def write(self, series: Iterable[Samples]) -> int:
        """Write series, visible to queries at once; returns the number of samples."""
        written = write(self.url, series)
        with requests.Session() as session:
            session.trust_env = False
            session.get(f"{self.url}/internal/force_flush", timeout=30).raise_for_status()
        return written


def start_victoria_metrics(series: Iterable[Samples] = ()) -> VictoriaMetricsServer:
    """Start a VictoriaMetrics that keeps samples of any age."""
    program = binary("victoria-metrics")
    directory = Path(tempfile.mkdtemp(prefix="victoria-metrics-"))
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program,
        f"-storageDataPath={directory / 'data'}",
        f"-httpListenAddr={url.removeprefix('http://')}",
        "-retentionPeriod=100y",
        "-search.latencyOffset=0s",
        "-loggerLevel=WARN",
    ]
    server = start(VictoriaMetricsServer, command, url, directory, "/health")
    assert isinstance(server, VictoriaMetricsServer)
    if written := list(series):
        server.write(written)
    return server


def start_vmalert(datasource: str, rules: Mapping[str, str]) -> Server:
    """Start a vmalert that evaluates rule files (name → text) against a data source and tells nobody."""
    program = binary("vmalert")
    directory = Path(tempfile.mkdtemp(prefix="vmalert-"))
    for name, text in rules.items():
        (directory / name).write_text(text)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program,
        f"-datasource.url={datasource}",
        f"-remoteWrite.url={datasource}",
        *(f"-rule={directory / name}" for name in rules),
        "-notifier.url=http://127.0.0.1:9",
        "-evaluationInterval=1s",
        f"-httpListenAddr={url.removeprefix('http://')}",
        "-loggerLevel=WARN",
    ]
    return start(Server, command, url, directory, "/health")
