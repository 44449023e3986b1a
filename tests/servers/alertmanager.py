"""A real Alertmanager with a configuration, alerts and silences of a test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from tests.servers.process import Server, binary, free_port, start


class AlertmanagerServer(Server):
    """A running Alertmanager; alerts and silences reach it by its own API."""

    def fire(self, alerts: Iterable[Mapping[str, str]]) -> None:
        """Send alerts with these labels, firing."""
        self._ask("POST", "/api/v2/alerts", json=[{"labels": dict(labels)} for labels in alerts])

    def silence(
        self,
        matchers: Iterable[tuple[str, str, str]],
        starts: datetime,
        ends: datetime,
        creator: str = "ann@example.org",
        comment: str = "a migration",
    ) -> str:
        """Set a silence with matchers (label, ``= != =~ !~``, value); returns its id."""
        body = {
            "matchers": [
                {"name": name, "value": value, "isRegex": "~" in sign, "isEqual": not sign.startswith("!")}
                for name, sign, value in matchers
            ],
            "startsAt": starts.isoformat(),
            "endsAt": ends.isoformat(),
            "createdBy": creator,
            "comment": comment,
        }
        return str(self._ask("POST", "/api/v2/silences", json=body).json()["silenceID"])

    def expire(self, silence: str) -> None:
        """End a silence."""
        self._ask("DELETE", f"/api/v2/silence/{silence}")

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts it holds, to look at in a test."""
        return list(self._ask("GET", "/api/v2/alerts").json())

    def restart(self, between: Callable[[], object] = lambda: None) -> None:
        """End the process as an upgrade would, do ``between``, and start it again at the same place."""
        command = self.process.args
        self.process.terminate()
        self.process.wait(timeout=20)
        between()
        assert isinstance(command, list)
        self.process = start(AlertmanagerServer, command, self.url, self.directory, "/-/ready").process

    def _ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, self.url + path, timeout=30, **arguments)
        assert answer.ok, f"{answer.status_code} {answer.text[:500]}"
        return answer


def start_alertmanager(
    config: str, arguments: Sequence[str] = (), files: Mapping[str, str] = {}, prefix: str = ""
) -> AlertmanagerServer:
    """Start an Alertmanager without peers; ``files`` are written beside its configuration, ``prefix`` leads its URL."""
    program = binary("prometheus-alertmanager")
    directory = Path(tempfile.mkdtemp(prefix="alertmanager-"))
    (directory / "alertmanager.yml").write_text(config)
    for name, text in files.items():
        (directory / name).write_text(text)
    address = f"127.0.0.1:{free_port()}"
    command = [
        program,
        f"--config.file={directory / 'alertmanager.yml'}",
        f"--storage.path={directory / 'data'}",
        f"--web.listen-address={address}",
        f"--web.external-url=http://{address}{prefix}",
        "--cluster.listen-address=",
        "--log.level=warn",
        *arguments,
    ]
    server = start(AlertmanagerServer, command, f"http://{address}{prefix}", directory, "/-/ready")
    assert isinstance(server, AlertmanagerServer)
    return server
