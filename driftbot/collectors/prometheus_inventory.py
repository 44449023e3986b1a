"""Reading one server: its rules and how it runs, each endpoint on its own, so that one bad answer hides no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.collectors.alert_rule import ALERT, CONDITION
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_alerts import RULE_KEYS, RULE_KINDS, LoadedFacts
from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_clock import CLOCK_OFF, clock_sentence
from driftbot.collectors.prometheus_connection import Connection
from driftbot.collectors.prometheus_firing import FiringAlert, read_alerts_answer, reconcile
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_rules import LoadedRule, LoadedRules, read_rules_answer
from driftbot.collectors.prometheus_server import (
    BUILD,
    FLAGS,
    KIND,
    RUNTIME,
    Endpoint,
    group_facts,
    server_facts,
    stated_by,
)
from driftbot.core.coverage import LABELS, Coverage, Gap
from driftbot.core.fact import Fact, Origin, Value
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import LOADED
from driftbot.core.snapshot import Reading

RULES = "/api/v1/rules"
ALERTS = "/api/v1/alerts"
FIRING_KEYS = frozenset({"firing", "firing_since"})
SHOWN = 5
"""Names that a sentence lists."""
RELOAD_QUERY = "prometheus_config_last_reload_successful"
KINDS_OF_RULES = (*RULE_KINDS, "rule_group")
_OWN = {
    kind: frozenset({LABELS, *(key.name for key in RULE_KEYS if key.subject_kind == kind and key.name != LOADED)})
    for kind in RULE_KINDS
}
"""What a server tells whole of each rule that it names, whatever is wrong with others."""


@dataclass(slots=True)
class Inventory:
    """One reading under way: what was stated so far, and the gaps by kind of subject."""

    connection: Connection
    options: PrometheusOptions
    context: Context
    facts: list[Fact] = field(default_factory=list)
    stated: dict[str, Value] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    firing_gaps: list[Gap] = field(default_factory=list)
    doubted: Mapping[str, Collection[str]] = field(default_factory=dict)
    down: AnswerProblem | None = None
    useful: bool = False
    problem: AnswerProblem | None = None

    def read(self) -> Reading:
        """Ask every endpoint; after the first that shows the server down, nobody waits for the others.

        Where no endpoint answers usefully, as behind a wrong path prefix, the server as a whole is what could not be
        read.
        """
        for endpoint in (BUILD, RUNTIME, FLAGS):
            self._read_endpoint(endpoint)
        if "config.reloaded" not in self.stated:
            self._ask_for_reload()
        if self.options.rules:
            self._read_rules()
        if not self.useful and self.down is None and self.problem is not None:
            self.down = self.problem
            self._gap((KIND,), RUNTIME.path, str(self.problem))
        origin = self._origin(RUNTIME.path)
        self.facts += server_facts(self.stated, self.context.source, self.context.environment, origin)
        return Reading(facts=tuple(self.facts), coverage=tuple(self._coverage()))

    def _coverage(self) -> Iterator[Coverage]:
        """What was looked at: of the server itself only what its endpoints, which differ, can tell at all."""
        source, environment = self.context.source, self.context.environment
        failed = self.down is not None
        for kind in KINDS_OF_RULES if self.options.rules else ():
            gaps = tuple(dict.fromkeys(self.gaps.get(kind, ())))
            settled = _OWN.get(kind, frozenset()) if gaps else frozenset()
            doubted = frozenset(self.doubted.get(kind, ()))
            down = failed and bool(gaps)
            yield Coverage(source, environment, kind, gaps=gaps, failed=down, settled=settled, doubted=doubted)
        if self.firing_gaps:
            yield Coverage(source, environment, ALERT, FIRING_KEYS, tuple(self.firing_gaps))
        gaps = tuple(dict.fromkeys(self.gaps.get(KIND, ())))
        if self.covered or gaps:
            yield Coverage(source, environment, KIND, frozenset(self.covered), gaps, failed and bool(gaps))

    def _read_endpoint(self, endpoint: Endpoint) -> None:
        answer = self._get(endpoint.path, (KIND,), optional=True)
        if answer is not None:
            self.stated |= stated_by(endpoint, answer.data)
            self.covered |= set(endpoint.keys)

    def _ask_for_reload(self) -> None:
        """Where a server has no status page, its own metric may be among its series."""
        if self.down is not None:
            return
        try:
            answer = self.connection.query(RELOAD_QUERY, self.context.as_of.timestamp())
            self.useful = True
            values = [float(entry["value"][1]) for entry in answer.data["result"]]
        except (AnswerProblem, KeyError, TypeError, ValueError, IndexError):
            return
        if values:
            self.stated["config.reloaded"] = min(values) >= 1.0
            self.covered.add("config.reloaded")

    def _read_rules(self) -> None:
        answer = self._get(RULES, KINDS_OF_RULES)
        if answer is None:
            return
        rules, origin = read_rules_answer(answer.data), self._origin(RULES)
        if not rules.groups and "version" not in self.stated:
            reason = (
                f"{origin.locator} knows no rules and does not say what it is, like VictoriaMetrics without vmalert;"
                " name vmalert's URL in a source of its own and write `rules: false` here"
            )
            self._gap(KINDS_OF_RULES, RULES, reason)
        for sentence in (*rules.odd, *answer.warnings):
            self._gap(KINDS_OF_RULES, RULES, f"{origin.locator}: {sentence}")
        self._state(rules, origin)

    def _state(self, rules: LoadedRules, origin: Origin) -> None:
        self.stated["rules.failing"] = Quantity(float(rules.failing), Unit.COUNT)
        self.covered.add("rules.failing")
        self.facts += group_facts(rules.groups, self.context.environment, origin)
        loaded = LoadedFacts(self.context.environment, origin)
        loaded.take(self._with_firing(rules.rules))
        self.facts += loaded.facts
        for kind, gap in loaded.gaps:
            self.gaps.setdefault(kind, []).append(gap)
        self.doubted = loaded.doubted

    def _with_firing(self, rules: tuple[LoadedRule, ...]) -> tuple[LoadedRule, ...]:
        """The rules, with what ``/api/v1/alerts`` adds; where it fails one gap, of what it alone can say."""
        alerts, why = self._firing()
        found = reconcile(rules, alerts)
        url = f"{self.connection.url}{ALERTS}"
        if found.strays:
            reason = f"{url} names alerts that fire and whose rules {RULES} does not list: {_some(found.strays)}"
            self._gap((ALERT, CONDITION), ALERTS, f"{reason}; its answer is not whole, try again")
        if found.unsure:
            apart = "does not tell alerts of rules apart that have the same name and labels"
            why = why or f"{url} {apart if alerts is not None else 'is not there, and the rules do not say it'}"
            why += f"; whether these fire is not known: {_some(found.unsure)}"
        if why:
            self.firing_gaps.append(Gap(self._origin(ALERTS), why))
        return found.rules

    def _firing(self) -> tuple[tuple[FiringAlert, ...] | None, str]:
        """The alerts that fire, or None; and why not all is known, empty where a server does not have the endpoint."""
        if self.down is not None:
            return None, f"not asked after an earlier answer: {self.down}"
        self.context.progress(f"asking {self.connection.url}{ALERTS}")
        try:
            answer = self.connection.get(ALERTS)
        except AnswerProblem as problem:
            return None, "" if problem.trouble is Trouble.MISSING else str(problem)
        alerts = read_alerts_answer(answer.data)
        if alerts is None:
            return None, f"{self.connection.url}{ALERTS} answered with something else than a list of alerts"
        return alerts, "; ".join(f"the answer may be partial: {warning}" for warning in answer.warnings)

    def _get(self, path: str, kinds: Iterable[str], optional: bool = False) -> Answer | None:
        """The answer, or None and a gap; an optional endpoint that a server does not have is no gap."""
        if self.down is not None:
            self._gap(kinds, path, f"not asked after an earlier answer: {self.down}")
            return None
        self.context.progress(f"asking {self.connection.url}{path}")
        try:
            answer = self.connection.get(path)
        except AnswerProblem as problem:
            missing = problem.trouble in {Trouble.REFUSED, Trouble.MISSING}
            if not (optional and missing):
                self._gap(kinds, path, str(problem))
            if problem.trouble in {Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY, Trouble.CLOSED}:
                self.down = problem
            self.problem = problem
            return None
        self.useful = True
        if abs(answer.clock_ahead or 0.0) > CLOCK_OFF:
            self._gap((KIND,), path, clock_sentence(self.connection.url, answer.clock_ahead or 0.0))
        return answer

    def _gap(self, kinds: Iterable[str], path: str, reason: str) -> None:
        for kind in kinds:
            self.gaps.setdefault(kind, []).append(Gap(self._origin(path), reason))

    def _origin(self, path: str) -> Origin:
        return Origin(self.context.source, f"{self.connection.url}{path}")


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
