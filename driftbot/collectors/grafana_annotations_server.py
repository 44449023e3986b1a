"""Asking a Grafana for annotations: one endpoint without pages, so that a time with too many is asked for in halves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from requests import Session

from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble, explained, quoted, refusal
from driftbot.collectors.prometheus_connection import PoliteAdapter
from driftbot.collectors.prometheus_options import ServerOptions

PATH = "/api/annotations"

LIMIT = 1000
"""Annotations asked for at once; an answer with so many may not be whole (Grafana's own default is 100)."""

MOST_REQUESTS = 200
"""Questions of one night to one Grafana."""

SHORTEST = 1000
"""Milliseconds below which a time is not halved further."""


@dataclass(frozen=True, slots=True)
class AnnotationsServer:
    """A Grafana that is asked for annotations."""

    session: Session
    url: str
    timeout: float

    @property
    def endpoint(self) -> str:
        """The URL that is asked."""
        return f"{self.url}{PATH}"

    def find(self, start: int, end: int, tags: Sequence[str]) -> list[Any]:
        """All annotations with all tags from ``start`` to ``end`` (milliseconds since 1970), each once.

        Raises:
            AnswerProblem: nothing came, nothing that can be understood, or too much.
        """
        found: dict[str, Any] = {}
        waiting, asked = [(start, end)], 0
        while waiting:
            first, last = waiting.pop()
            entries = self._asked(first, last, tags)
            asked += 1
            if len(entries) < LIMIT:
                # A region is found in every part of the time that it touches.
                found.update((_identity(entry), entry) for entry in entries)
            elif last - first > SHORTEST and asked < MOST_REQUESTS:
                middle = (first + last) // 2
                waiting += [(first, middle), (middle, last)]
            else:
                came = f"has {LIMIT:,} annotations or more with the tags {', '.join(tags)} in {last - first:,} ms"
                raise AnswerProblem(Trouble.TOO_MUCH, self.endpoint, came, "choose `tags` that only releases have")
        return list(found.values())

    def _asked(self, start: int, end: int, tags: Sequence[str]) -> list[Any]:
        parameters: list[tuple[str, str | int]] = [
            ("from", start),
            ("to", end),
            ("limit", LIMIT),
            ("type", "annotation"),
        ]
        parameters += [("tags", tag) for tag in tags]
        with explained(self.endpoint):
            response = self.session.get(self.endpoint, params=parameters, timeout=self.timeout)
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            if not response.ok:
                raise refusal(response, self.endpoint, {"error": quoted(response.content)}) from None
            came = (
                f"answered with {len(response.content):,} bytes that are no JSON ({error}): {quoted(response.content)}"
            )
            step = "check the URL and its path prefix, and whether a login page stands in front"
            raise AnswerProblem(Trouble.UNREADABLE, self.endpoint, came, step) from None
        if not response.ok:
            told = body if isinstance(body, dict) else {"error": quoted(response.content)}
            raise refusal(response, self.endpoint, told)
        if not isinstance(body, list):
            came = f"answered with something else than a list of annotations: {quoted(response.content)}"
            raise AnswerProblem(Trouble.UNREADABLE, self.endpoint, came, "check the URL: is this a Grafana?")
        return body


def _identity(entry: Any) -> str:
    """The annotation's id, or all of it where it has none."""
    number = entry.get("id") if isinstance(entry, dict) else None
    return str(number) if number else json.dumps(entry, sort_keys=True)


def connect(session: Session, options: ServerOptions) -> Session:
    """The tape's session with our limits and credentials, which go to this server only."""
    identify(session, options)
    session.mount(f"{options.url}/", PoliteAdapter(options))
    return session
