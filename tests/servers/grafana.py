"""A loopback Grafana that keeps annotations and finds them as its HTTP API says (Annotations API: find, create).

``from`` and ``to`` are milliseconds, a region counts where it touches that time, several ``tags`` must all be there,
``limit`` is 100 unless asked for, and the newest come first. An API key or service account token is sent as a bearer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.servers.fake import FakeServer, Reply, Request, fake_server

TOKEN = "glsa_loopback"


@dataclass
class Grafana:
    """Its annotations, and the server that tells them; ``reply`` answers instead where it is set."""

    annotations: list[dict[str, Any]] = field(default_factory=list)
    reply: Reply | None = None
    server: FakeServer = field(default_factory=lambda: FakeServer(""))

    def add(self, time: float, *tags: str, text: str = "", until: float = 0.0) -> int:
        """Keep an annotation (times in seconds); its id."""
        number = len(self.annotations) + 1
        end = int((until or time) * 1000)
        self.annotations.append(
            {
                "id": number,
                "alertId": 0,
                "dashboardId": 0,
                "dashboardUID": "",
                "panelId": 0,
                "userId": 1,
                "userName": "",
                "newState": "",
                "prevState": "",
                "time": int(time * 1000),
                "timeEnd": end,
                "text": text,
                "metric": "",
                "tags": list(tags),
                "data": {},
            }
        )
        return number

    def answer(self, request: Request) -> Reply:
        """What Grafana answers."""
        if self.reply is not None:
            return self.reply
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"message": "Invalid API key"})
        if request.path != "/grafana/api/annotations":
            return Reply(404, {"message": "Not found"})
        if request.method == "POST":
            created = json.loads(request.query)
            number = self.add(created["time"] / 1000, *created["tags"], text=created["text"])
            return Reply(200, {"message": "Annotation added", "id": number})
        asked = parse_qs(request.query)
        start, end = int(asked["from"][0]), int(asked["to"][0])
        wanted = set(asked.get("tags", ()))
        found = [
            one
            for one in self.annotations
            if one["time"] <= end and one["timeEnd"] >= start and wanted <= set(one["tags"])
        ]
        found.sort(key=lambda one: (one["timeEnd"], one["time"]), reverse=True)
        return Reply(200, json.dumps(found[: int(asked.get("limit", ["100"])[0])]))


@contextmanager
def grafana() -> Iterator[Grafana]:
    """A running Grafana below ``/grafana``."""
    running = Grafana()
    with fake_server(running.answer) as server:
        running.server = server
        yield running
