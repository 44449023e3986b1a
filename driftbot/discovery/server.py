"""What a Prometheus, or something that answers like one, offers: every endpoint tried, none taken for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError
from requests import Session

from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_connection import Connection, connect
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.discovery.folder import OWNER_LABELS, is_name

TIMEOUT_SECONDS = 5.0
_QUERY, _RULES = "/api/v1/query", "/api/v1/rules"
_ENDPOINTS = (
    _RULES,
    "/api/v1/alerts",
    "/api/v1/status/buildinfo",
    "/api/v1/status/runtimeinfo",
    "/api/v1/status/flags",
)
_PAGES = ("/graph", "/query", "/alerts", "/targets", "/rules", "/config", "/vmui", "/api/v1", "/api")
"""Ends of addresses that people copy from a browser."""
_PREFIXES = ("", "/prometheus", "/select/0/prometheus", "/api/prom")
"""Where servers of the kind have their API: plain; Mimir or behind a proxy; VictoriaMetrics' cluster; Cortex."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One endpoint: what it was good for, or why it was not (``problem``).

    ``heard`` says that something answered: where nothing does, no other path of that host will. ``locked`` says that it
    asked who we are (401 or 403).
    """

    url: str
    told: str = ""
    problem: str = ""
    heard: bool = True
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """What was found at an address (named without credentials); ``url`` is its API's, empty where nothing answered.

    ``likely`` is the URL that was tried first, of which a source can be made all the same; empty where it is none.
    """

    asked: str
    url: str
    tried: tuple[Tried, ...]
    rules: int | None = None
    teams: tuple[tuple[str, int], ...] = ()
    likely: str = ""

    @property
    def locked(self) -> bool:
        """Whether it wants credentials."""
        return not self.answers and any(attempt.locked for attempt in self.tried)

    @property
    def answers(self) -> bool:
        """Whether it can be a source."""
        return bool(self.url)


def look_at(address: str, session: Callable[[], Session]) -> Server:
    """Try every endpoint under every place where such an API may be; one bad answer ends nothing.

    The first place at which any endpoint answers is the server. A host that nothing is heard from is asked no further.
    """
    tried: list[Tried] = []
    likely = ""
    for url in _places(address):
        try:
            options = PrometheusOptions(url=url, timeout=TIMEOUT_SECONDS, retries=0)
        except ValidationError as error:
            reason = "; ".join(item["msg"] for item in error.errors())
            return Server(shown(address), "", (Tried(shown(url), problem=reason),))
        likely = likely or options.url
        connection = connect(session(), options)
        answers = {path: _try(connection, path, tried) for path in (_QUERY, *_ENDPOINTS)}
        if any(answer is not None for answer in answers.values()):
            listed = answers[_RULES]
            rules = None if listed is None else list(_rules(listed.data))
            count = None if rules is None else len(rules)
            return Server(shown(address), url, tuple(tried), count, tuple(_teams(rules or ())), likely)
        if not any(attempt.heard for attempt in tried):
            break
    return Server(shown(address), "", tuple(tried), likely=likely)


def shown(address: str) -> str:
    """The address without a name, a password and a query in it: it is printed and written down."""
    scheme, separator, rest = address.partition("://")
    host = (rest if separator else scheme).partition("?")[0].rpartition("@")[2]
    return f"{scheme}{separator}{host}" if separator else host


def _places(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
    except ValueError:
        yield address
        return
    path = parts.path.rstrip("/")
    page = next((page for page in _PAGES if path.endswith(page)), "")
    base = urlunsplit((parts.scheme, parts.netloc, path.removesuffix(page), "", "")).rstrip("/")
    yield from (f"{base}{prefix}" for prefix in _PREFIXES if not prefix or not base.endswith(prefix))


def _try(connection: Connection, path: str, tried: list[Tried]) -> Answer | None:
    url = connection.url + path
    try:
        answer = connection.get(path, {"query": "vector(1)"} if path == _QUERY else None)
    except AnswerProblem as problem:
        heard = problem.trouble not in (Trouble.UNREACHABLE, Trouble.SLOW)
        locked = problem.trouble is Trouble.CLOSED
        tried.append(Tried(url, problem=f"{problem.came}; {problem.next_step}", heard=heard, locked=locked))
        return None
    tried.append(Tried(url, told=_told(path, answer.data)))
    return answer


def _told(path: str, data: Any) -> str:
    if path == _QUERY:
        return "series can be measured"
    if path == _RULES:
        return f"{len(_list(data, 'groups'))} rule groups"
    if isinstance(data, dict) and data.get("version"):
        return f"version {data['version']}"
    return "answers"


def _list(data: Any, name: str) -> list[Any]:
    """A list in a foreign answer; empty where there is something else."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _rules(data: Any) -> Iterator[dict[str, Any]]:
    for group in _list(data, "groups"):
        yield from (rule for rule in _list(group, "rules") if isinstance(rule, dict))


def _teams(rules: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """Owners named by labels of rules, the most frequent first."""
    labels = [rule["labels"] for rule in rules if isinstance(rule.get("labels"), dict)]
    named = (str(each[label]) for each in labels for label in OWNER_LABELS if each.get(label))
    return Counter(filter(is_name, named)).most_common()
