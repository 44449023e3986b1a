"""Which alerts watch a service of the catalog, and which of the golden signals they cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate, stated
from driftbot.alerts.golden_signals import Signal, signals_of
from driftbot.alerts.service_scope import Identity, Reach, by_name, possible, reach, scope_of
from driftbot.alerts.standing import ALERT, StandingAlert, standing_alerts
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.key import Key, ValueType
from driftbot.core.sighting import LOADED
from driftbot.core.subject import Subject

SERVICE, RECORDING_RULE = "service", "recording_rule"
BY_ALL = " (by an alert on all services)"

NAMES = Key(
    SERVICE,
    "alerts.names",
    ValueType.NAMES,
    "the alerts that watch it, by their labels and selectors; those on all services say so. Known only where every"
    " alert and recording rule of its environment was read",
    None,
    PROVIDERS,
)
SIGNALS = Key(
    SERVICE,
    "alerts.signals",
    ValueType.NAMES,
    "the golden signals (traffic, errors, latency, saturation) that some alert watches, by metric names, matchers and"
    " functions; whether an alert on all services has series of this one is not known, and said",
    None,
    PROVIDERS,
)


@dataclass(slots=True)
class _Watched:
    """What watches one service."""

    names: set[str] = field(default_factory=set)
    own: set[Signal] = field(default_factory=set)
    by_all: set[Signal] = field(default_factory=set)

    def take(self, alert: StandingAlert, how: Reach, signals: Iterable[Signal]) -> None:
        """Count an alert in."""
        self.names.add(alert.label + (BY_ALL if how is Reach.ALL else ""))
        (self.by_all if how is Reach.ALL else self.own).update(signals)

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals, each once."""
        return tuple(sorted({*map(str, self.own), *(f"{signal}{BY_ALL}" for signal in self.by_all - self.own)}))


def service_alerts(estate: Estate) -> Iterator[tuple[Subject, Origin, _Watched]]:
    """What watches each service of an environment whose alerts are all known."""
    alerts = _by_environment(estate)
    recorded = _recorded(estate)
    services: dict[str, list[tuple[Subject, Origin, Identity]]] = defaultdict(list)
    for subject, origin, identity in _services(estate):
        if all(estate.complete(subject.environment, kind) for kind in (ALERT, RECORDING_RULE)):
            services[subject.environment].append((subject, origin, identity))
    for environment, known in sorted(services.items()):
        watched = _watched(alerts[environment], recorded[environment], [identity for _, _, identity in known])
        for subject, origin, identity in known:
            yield subject, origin, watched[identity.service]


def _watched(
    alerts: Iterable[StandingAlert], recorded: Mapping[str, tuple[str, ...]], identities: list[Identity]
) -> dict[str, _Watched]:
    found = {identity.service: _Watched() for identity in identities}
    named = by_name(identities)
    for alert in alerts:
        signals = signals_of(alert.definition, recorded)
        owner = found.get(alert.subject.label(SERVICE) or "")
        if owner is not None:
            owner.take(alert, Reach.OWN, signals)
        scope = scope_of(alert.definition.expression, recorded)
        for identity in possible(scope, named, identities):
            how = reach(scope, identity)
            if how is not Reach.NONE and found[identity.service] is not owner:
                found[identity.service].take(alert, how, signals)
    return found


def _by_environment(estate: Estate) -> dict[str, list[StandingAlert]]:
    """The alerts that run, or would run where their file is loaded."""
    idle = {
        subject
        for subject, facts in estate.of_kind(ALERT)
        if (loaded := stated(facts, View.EFFECTIVE, LOADED)) is not None and loaded.value is False
    }
    found: dict[str, list[StandingAlert]] = defaultdict(list)
    for alert in standing_alerts(estate):
        if alert.subject.id not in idle:
            found[alert.subject.environment].append(alert)
    return found


def _recorded(estate: Estate) -> dict[str, dict[str, tuple[str, ...]]]:
    """The expressions of recording rules, by environment and the metric they write."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for subject, facts in estate.of_kind(RECORDING_RULE):
        written = {str(fact.value) for fact in facts if fact.key == "expression"}
        for fact in facts:
            if fact.key == "rule.name":
                found[subject.environment][str(fact.value)] |= written
    return defaultdict(
        dict,
        {
            environment: {metric: tuple(sorted(texts)) for metric, texts in metrics.items()}
            for environment, metrics in found.items()
        },
    )


def _services(estate: Estate) -> Iterator[tuple[Subject, Origin, Identity]]:
    workloads: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for kind in ("workload", "job"):
        for subject_id, facts in estate.of_kind(kind):
            service = facts[0].subject.label(SERVICE)
            if service:
                namespace, _, name = subject_id.name.rpartition("/")
                workloads[subject_id.environment, service].add((namespace, name))
    for subject_id, facts in estate.of_kind(SERVICE):
        subject = facts[0].subject
        ours = workloads[subject_id.environment, subject_id.name]
        namespace, name = subject.label("kubernetes_namespace") or "", subject.label("kubernetes_name") or ""
        placed = {namespace, *(each for each, _ in ours)} - {""}
        running = {name, *(each for _, each in ours)} - {""}
        names = {subject_id.name, subject_id.name.rpartition("/")[2]}
        identity = Identity(subject_id.name, frozenset(names), frozenset(placed), frozenset(running))
        yield subject, facts[0].origin, identity


def _derive(estate: Estate) -> Iterator[Fact]:
    for subject, origin, watched in service_alerts(estate):
        yield computed(subject, NAMES.name, tuple(sorted(watched.names)), origin)
        yield computed(subject, SIGNALS.name, watched.signals, origin)


derivation = Derivation((NAMES, SIGNALS), _derive)
