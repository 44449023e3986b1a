"""Reading one Alertmanager's API: its running configuration, its silences and alerts, each endpoint on its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from requests import Session

from driftbot.collectors.alertmanager_configuration import (
    CONFIGURED,
    INHIBITION,
    RECEIVER,
    WrittenConfiguration,
    read_configuration,
)
from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.alertmanager_routing import KEYS, state_configuration
from driftbot.collectors.alertmanager_silences import (
    FIRING_KEYS,
    SILENCE,
    SILENCE_KEYS,
    Silence,
    firing_facts,
    muting_facts,
    read_alerts,
    read_silences,
    silence_facts,
    text,
)
from driftbot.collectors.collector import Context
from driftbot.collectors.identified_session import identify
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble, explained, quoted, refusal
from driftbot.collectors.prometheus_connection import PoliteAdapter
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.key import Key
from driftbot.core.snapshot import Reading
from driftbot.documents.yaml import read_yaml

STATUS, SILENCES, ALERTS = "/api/v2/status", "/api/v2/silences", "/api/v2/alerts"
FORMER_STATUS = "/api/v1/status"
SHOWN = 3
"""Odd entries of one answer that are named one by one."""

_ENDS = {Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY, Trouble.CLOSED}


@dataclass(slots=True)
class ServerReading:
    """One reading under way: facts, and the gaps of each endpoint."""

    options: AlertmanagerOptions
    context: Context
    session: Session
    facts: list[Fact] = field(default_factory=list)
    gaps: dict[str, list[Gap]] = field(default_factory=lambda: {path: [] for path in (STATUS, SILENCES, ALERTS)})
    doubts: dict[str, list[Gap]] = field(default_factory=dict)
    down: AnswerProblem | None = None
    useful: bool = False

    def read(self) -> Reading:
        """Ask every endpoint; after the first that shows the server down, nobody waits for the others."""
        found = self._configuration()
        silences = self._silences()
        self._alerts(found, silences)
        return Reading(facts=tuple(self.facts), coverage=tuple(self._coverage()))

    def _coverage(self) -> Iterator[Coverage]:
        source, environment = self.context.source, self.context.environment
        told: tuple[tuple[str, tuple[str, ...], tuple[Key, ...]], ...] = (
            (STATUS, CONFIGURED, KEYS),
            (SILENCES, (SILENCE,), SILENCE_KEYS),
            (ALERTS, (INHIBITION, RECEIVER, SILENCE), FIRING_KEYS),
        )
        for path, kinds, keys in told:
            for kind in kinds:
                doubts = self.doubts.get(kind, ()) if path == STATUS else ()
                gaps = tuple(dict.fromkeys((*self.gaps[path], *doubts)))
                yield Coverage(source, environment, kind, names(keys, kind), gaps, bool(gaps) and not self.useful)

    def _configuration(self) -> WrittenConfiguration | None:
        answer = self._get(STATUS, dict)
        if answer is None:
            return None
        config = answer.get("config")
        written = text(config.get("original")) if isinstance(config, dict) else ""
        if not written:
            self._gap(STATUS, "it does not tell its configuration (`config.original`)")
            return None
        documents = read_yaml(written.encode(), self.context.source, self._url(STATUS))
        self.gaps[STATUS] += [Gap(problem.origin, problem.message) for problem in documents.problems]
        if not documents.nodes:
            return None
        found = read_configuration(documents.nodes[0])
        facts, self.doubts = state_configuration(found, *self._here)
        self.facts += [replace(fact, view=View.EFFECTIVE) for fact in facts]
        return found

    def _silences(self) -> tuple[Silence, ...] | None:
        answer = self._get(SILENCES, list)
        if answer is None:
            return None
        found = read_silences(answer)
        self._odd(SILENCES, found.odd)
        self.facts += silence_facts(found.silences, *self._here, self._origin(SILENCES))
        return tuple(found.silences)

    def _alerts(self, configuration: WrittenConfiguration | None, silences: Iterable[Silence] | None) -> None:
        answer = self._get(ALERTS, list)
        if answer is None:
            return
        found = read_alerts(answer)
        self._odd(ALERTS, found.odd)
        origin = self._origin(ALERTS)
        self.facts += muting_facts(silences or (), found.alerts, *self._here, origin)
        if configuration is not None:
            self.facts += firing_facts(configuration, found.alerts, *self._here, origin)

    @property
    def _here(self) -> tuple[str, str]:
        return self.context.environment, self.options.cluster

    def _odd(self, path: str, sentences: list[str]) -> None:
        for sentence in sentences[:SHOWN]:
            self._gap(path, sentence)
        if len(sentences) > SHOWN:
            self._gap(path, f"{len(sentences) - SHOWN:,} more entries could not be understood")

    def _get(self, path: str, shape: type) -> Any:
        """The answer of that shape, or None and a gap."""
        if self.down is not None:
            self.gaps[path].append(Gap(self._origin(path), f"not asked after an earlier answer: {self.down}"))
            return None
        self.context.progress(f"asking {self._url(path)}")
        try:
            answer = ask(self.session, self.options, path, shape)
        except AnswerProblem as problem:
            if problem.trouble in _ENDS:
                self.down = problem
            self.gaps[path].append(Gap(self._origin(path), str(problem)))
            return None
        self.useful = True
        return answer

    def _gap(self, path: str, reason: str) -> None:
        self.gaps[path].append(Gap(self._origin(path), f"{self._url(path)}: {reason}"))

    def _url(self, path: str) -> str:
        return f"{self.options.url}{path}"

    def _origin(self, path: str) -> Origin:
        return Origin(self.context.source, self._url(path))


def connect(session: Session, options: AlertmanagerOptions) -> Session:
    """The tape's session with our limits and credentials, which go to this server only."""
    identify(session, options)
    session.mount(f"{options.url}/", PoliteAdapter(options))
    return session


def ask(session: Session, options: AlertmanagerOptions, path: str, shape: type) -> Any:
    """The JSON that an endpoint answers with.

    Raises:
        AnswerProblem: nothing came, or nothing of that shape; the sentence says what and the next step.
    """
    try:
        return _asked(session, options, path, shape)
    except AnswerProblem as problem:
        if problem.trouble is not Trouble.MISSING:
            raise
        raise _without_this_api(session, options, problem) from None


def _asked(session: Session, options: AlertmanagerOptions, path: str, shape: type) -> Any:
    url = options.url + path
    with explained(url):
        response = session.get(url, timeout=options.timeout)
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError) as error:
        if not response.ok:
            raise refusal(response, url, {"error": quoted(response.content)}) from None
        came = f"answered with {len(response.content):,} bytes that are no JSON ({error}): {quoted(response.content)}"
        step = "check what listens there, whether a login page stands in front, and whether the answer was cut off"
        raise AnswerProblem(Trouble.UNREADABLE, url, came, step) from None
    if not response.ok:
        told = body if isinstance(body, dict) else {"error": quoted(response.content)}
        raise refusal(response, url, told)
    if not isinstance(body, shape):
        came = f"answered with something else than Alertmanager's API v2 gives: {quoted(response.content)}"
        raise AnswerProblem(Trouble.UNREADABLE, url, came, "check the URL: is this an Alertmanager?")
    return body


def _without_this_api(session: Session, options: AlertmanagerOptions, problem: AnswerProblem) -> AnswerProblem:
    """Why the API is not there: a release before 0.16 has only v1, Mimir and Cortex have it below a prefix."""
    try:
        _asked(session, options, FORMER_STATUS, dict)
    except AnswerProblem:
        step = "check the URL and its path prefix (Mimir and Cortex: /alertmanager, and the tenant in `headers`)"
    else:
        step = "it has only API v1; upgrade it to 0.16 or newer, or read its file (`path`)"
    return AnswerProblem(problem.trouble, problem.url, problem.came, step)


def names(keys: Iterable[Key], kind: str) -> frozenset[str]:
    """The names of the keys of one kind of subject."""
    return frozenset(key.name for key in keys if key.subject_kind == kind)
