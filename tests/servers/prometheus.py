"""A real Prometheus with rules and samples of a test."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from tests.servers.process import Server, binary, free_port, start
from tests.servers.remote_write import Samples, write

CONFIG = """\
global:
  evaluation_interval: 1s
  external_labels: {cluster: test}
rule_files: [rules/*]
storage:
  tsdb:
    out_of_order_time_window: 3650d
"""


class PrometheusServer(Server):
    """A running Prometheus; filled by remote write, old samples as well."""

    def write(self, series: Iterable[Samples]) -> int:
        """Write series; returns the number of samples."""
        return write(self.url, series)

    def query(self, expression: str, at: float) -> list[dict[str, object]]:
        """The answer to an instant query, to look at in a test."""
        answer = self._ask("GET", "/api/v1/query", params={"query": expression, "time": str(at)})
        return list(answer.json()["data"]["result"])

    def use_rules(self, rules: Mapping[str, str]) -> None:
        """Replace the rule files and reload."""
        _write_rules(self.directory, rules)
        self._ask("POST", "/-/reload")

    def wait_for_rules(self, *failing: str) -> None:
        """Wait until every rule has been evaluated once, and these were evaluated with all the samples and failed."""
        for _ in range(900):
            groups = self._ask("GET", "/api/v1/rules").json()["data"]["groups"]
            health = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
            if "unknown" not in health.values() and all(health[name] == "err" for name in failing):
                return
            time.sleep(0.05)
        raise AssertionError("the rules were not evaluated in time")

    def _ask(self, method: str, path: str, **arguments: object) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, self.url + path, timeout=30, **arguments)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer


def start_prometheus(
    rules: Mapping[str, str] = {},
    series: Iterable[Samples] = (),
    config: str = CONFIG,
    arguments: Sequence[str] = (),
    files: Mapping[str, str] = {},
    scheme: str = "http",
    client: Mapping[str, Any] = {},
    without: Collection[str] = (),
) -> PrometheusServer:
    """Start a Prometheus with rule files (name → text), samples, and further arguments; ``without`` some of ours.

    ``files`` are written beside its configuration (a ``web.yml`` for authentication or TLS, say; then ``scheme`` and
    ``client``, arguments of requests, say how to ask whether it is ready). Samples of any age are kept: a test may
    stand at any date.
    """
    program = binary("prometheus")
    directory = Path(tempfile.mkdtemp(prefix="prometheus-"))
    (directory / "prometheus.yml").write_text(config)
    for name, text in files.items():
        (directory / name).write_text(text)
    _write_rules(directory, rules)
    url = f"{scheme}://127.0.0.1:{free_port()}"
    command = [
        program,
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={url.partition('://')[2]}",
        "--web.enable-remote-write-receiver",
        "--web.enable-lifecycle",
        "--log.level=warn",
        *arguments,
    ]
    command = [argument for argument in command if argument not in without]
    server = start(PrometheusServer, command, url, directory, "/-/ready", client)
    assert isinstance(server, PrometheusServer)
    server.write(series)
    return server


def _write_rules(directory: Path, rules: Mapping[str, str]) -> None:
    folder = directory / "rules"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in rules.items():
        (folder / name).write_text(text)
