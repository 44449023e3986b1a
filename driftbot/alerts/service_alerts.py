"""Which alerts watch a service of the catalog, and which of the golden signals they cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate, stated
from driftbot.alerts.golden_signals import Signal, signals_of
from driftbot.alerts.service_scope import Directory, Identity, Reach, Scope, scope_of
from driftbot.alerts.standing import StandingAlert, standing_alerts
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.key import Key, ValueType
from driftbot.core.loaded import RULE_GROUP
from driftbot.core.sighting import ALERT, LOADED
from driftbot.core.subject import Subject

SERVICE, RECORDING_RULE = "service", "recording_rule"
BY_ALL = " (on all services)"

MOST_ON_ALL = 20
"""Alerts on all services that are named with each of them; more are counted."""

NAMES = Key(
    SERVICE,
    "alerts.names",
    ValueType.NAMES,
    "the alerts that watch it, by their labels and selectors; those on all services say so. Known only where every"
    " alert and recording rule of its environment was read (of servers asked for theirs, else of files)",
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
    """Alerts and the signals they watch; those of alerts on all services apart."""

    own: set[str] = field(default_factory=set)
    on_all: set[str] = field(default_factory=set)
    signals: set[Signal] = field(default_factory=set)
    signals_by_all: set[Signal] = field(default_factory=set)

    def take(self, alert: StandingAlert, signals: Iterable[Signal]) -> None:
        """Count an alert in."""
        self.own.add(alert.label)
        self.signals.update(signals)

    def include(self, other: _Watched, how: Reach) -> None:
        """Count in what watches all services, or, where it turns out to mean this one, what watches this one."""
        if how is Reach.OWN:
            self.own |= other.own
            self.signals |= other.signals
        else:
            self.on_all |= other.own
            self.signals_by_all |= other.signals

    @property
    def told_names(self) -> tuple[str, ...]:
        """The alerts, of those on all services only the first few."""
        general = sorted(self.on_all - self.own)
        more = [f"{len(general) - MOST_ON_ALL} more{BY_ALL}"] if len(general) > MOST_ON_ALL else []
        return tuple(sorted((*self.own, *(f"{name}{BY_ALL}" for name in general[:MOST_ON_ALL]), *more)))

    @property
    def told_signals(self) -> tuple[str, ...]:
        """The signals, each once."""
        general = (f"{signal}{BY_ALL}" for signal in self.signals_by_all - self.signals)
        return tuple(sorted((*map(str, self.signals), *general)))


def service_alerts(estate: Estate) -> Iterator[tuple[Subject, Origin, _Watched]]:
    """What watches each service of an environment whose alerts are all known."""
    alerts = _by_environment(estate)
    recorded = _recorded(estate)
    services: dict[str, list[tuple[Subject, Origin, Identity]]] = defaultdict(list)
    for subject, origin, identity in _services(estate):
        if all(_all_read(estate, subject.environment, kind) for kind in (ALERT, RECORDING_RULE)):
            services[subject.environment].append((subject, origin, identity))
    for environment, known in sorted(services.items()):
        watched = _watched(alerts[environment], recorded[environment], [identity for _, _, identity in known])
        for subject, origin, identity in known:
            yield subject, origin, watched[identity.service]


def _all_read(estate: Estate, environment: str, kind: str) -> bool:
    """Whether every rule that may run was read: by all servers that are asked for theirs, else by everybody who looked.

    What a server has loaded is what runs: a file that cannot be read hides nothing from it.
    """
    about = [entry for entry in estate.coverage if entry.speaks_of(environment, kind, "expression")]
    asked = {entry.source for entry in estate.coverage if (entry.environment, entry.kind) == (environment, RULE_GROUP)}
    told = [entry for entry in about if entry.source in asked] if asked else about
    return bool(told) and asked <= {entry.source for entry in told} and all(entry.complete for entry in told)


def _watched(
    alerts: Iterable[StandingAlert], recorded: Mapping[str, tuple[str, ...]], identities: list[Identity]
) -> dict[str, _Watched]:
    found = {identity.service: _Watched() for identity in identities}
    directory = Directory(identities)
    on_all: dict[Scope, _Watched] = defaultdict(_Watched)
    for alert in alerts:
        signals = signals_of(alert.definition, recorded)
        scope = scope_of(alert.definition.expression, recorded)
        owner = alert.subject.label(SERVICE) or ""
        if owner in found:
            found[owner].take(alert, signals)
        elif scope.generic:
            on_all[scope].take(alert, signals)
        else:
            for service, _ in directory.meant(scope):
                found[service].take(alert, signals)
    for scope, watched in on_all.items():
        for service, how in directory.meant(scope):
            found[service].include(watched, how)
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
    for subject, facts in estate.told_of_kind(RECORDING_RULE):
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
        for subject_id, facts in estate.told_of_kind(kind):
            service = facts[0].subject.label(SERVICE)
            if service:
                namespace, _, name = subject_id.name.rpartition("/")
                workloads[subject_id.environment, service].add((namespace, name))
    for subject_id, facts in estate.told_of_kind(SERVICE):
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
        yield computed(subject, NAMES.name, watched.told_names, origin)
        yield computed(subject, SIGNALS.name, watched.told_signals, origin)


derivation = Derivation((NAMES, SIGNALS), _derive)
