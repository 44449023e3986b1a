"""Liveness, on demand: what alerts do not see any more, and how often what they read is scraped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from driftbot.collectors.alert_rule import ALERT, CONDITION, RECORDING_RULE
from driftbot.collectors.collector import Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_connection import Connection
from driftbot.collectors.prometheus_liveness_estate import Watching
from driftbot.collectors.prometheus_liveness_inquiry import QUERY_RANGE, Inquiry
from driftbot.collectors.prometheus_liveness_interval import INTERVAL_KEYS, intervals
from driftbot.collectors.prometheus_liveness_past import DAY, HOUR
from driftbot.collectors.prometheus_liveness_renamed import renamed
from driftbot.collectors.prometheus_liveness_search import Search
from driftbot.collectors.prometheus_liveness_verdict import (
    LAST_SEEN,
    NEVER_SEEN,
    RECORDING,
    RENAMED,
    SELECTORS,
    Findings,
)
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_scope import Scope, Scoped
from driftbot.collectors.prometheus_server import KIND as SERVER
from driftbot.core.coverage import Coverage
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.key import Delivery, Key, ValueType
from driftbot.core.quantity import Quantity
from driftbot.core.snapshot import Reading

_BY = ("prometheus",)

DEAD_KEYS = tuple(
    Key(ALERT, name, type_, meaning, None, _BY, Delivery.ON_DEMAND)
    for name, type_, meaning in (
        (
            SELECTORS,
            ValueType.NAMES,
            "what it reads and no series matches any more, though some did: the selector, which part of it nothing"
            " matches, when it was last seen; also what the recording rules under it read. Not said where not all of"
            " it could be asked",
        ),
        (
            RENAMED,
            ValueType.NAMES,
            "what the dead selectors were probably renamed to, as old → new: why; only where one name clearly leads",
        ),
        (RECORDING, ValueType.NAMES, "why the recording rules under it do not give what it reads any more"),
        (LAST_SEEN, ValueType.INSTANT, "until when it saw everything that it reads; not said where nothing is dead"),
        (
            NEVER_SEEN,
            ValueType.NAMES,
            "selectors that nothing has matched as long as the server remembers (90d at most): misspelt, or waiting"
            " for the first time that something fails",
        ),
    )
)
LIVENESS_KEYS = (*DEAD_KEYS, *INTERVAL_KEYS)


def ask(
    connection: Connection,
    options: PrometheusOptions,
    context: Context,
    demand: Demand,
    ledger: Ledger,
    spending: Spending,
) -> Reading:
    """The facts of ``LIVENESS_KEYS`` that are demanded, about what the server answers for, within the load budget."""
    scope = Scope(context.source, context.environment, options.rules, demand.mute)
    rules = scope.of_kind(demand.about, RECORDING_RULE)
    readings = []
    if dead := demand.keys_of(ALERT) & {key.name for key in DEAD_KEYS}:
        alerts = scope.of_kind(demand.about, ALERT)
        # What it has never seen tells whether it may speak of what another server saw end.
        dead |= {NEVER_SEEN}
        watching, told = Watching.of(alerts, rules), _told_before(ledger, context)
        readings.append(_dead(connection, context, spending, dead, watching, told, _retention(demand.about, context)))
    if paced := demand.keys_of(CONDITION) & {key.name for key in INTERVAL_KEYS}:
        conditions = scope.of_kind(demand.about, CONDITION)
        readings.append(intervals(connection, context, spending, paced, conditions, rules))
    return Reading.merged(readings)


def _dead(
    connection: Connection,
    context: Context,
    spending: Spending,
    wanted: frozenset[str],
    watching: Watching,
    told: Sequence[str],
    retention: float,
) -> Reading:
    inquiry, aside = (Inquiry(connection, context, spending) for _ in range(2))
    search = Search(inquiry, aside, context.as_of.timestamp(), told)
    selectors = {text: look.selector for text, look in watching.texts().items()}
    search.look(selectors)
    kept = _in_words(min(search.horizon, retention))
    found = Findings(watching, search.now, search.pasts, search.causes, renamed(search, selectors), kept)
    origin = Origin(context.source, f"{connection.url}{QUERY_RANGE}")
    facts = [
        Fact(alert.rule.subject, key, value, View.OBSERVED, Provenance.EXPLICIT, origin)
        for alert in watching.alerts
        for key, value in found.of(alert, _at_home(alert.rule, context))
        if key in wanted
    ]
    covered = Coverage(context.source, context.environment, ALERT, wanted, tuple(inquiry.gaps()))
    notes = tuple(f"{context.source}: {gap.reason}, which would tell more of what is dead" for gap in aside.gaps())
    return Reading(facts=tuple(facts), coverage=(covered,), notes=notes)


def _told_before(ledger: Ledger, context: Context) -> tuple[str, ...]:
    """What this server's dead selectors were said to be when it was last heard."""
    stated = ledger.stated(context.environment, ALERT, {SELECTORS})
    own = (fact.value for fact in stated if fact.origin.source == context.source)
    return tuple(sorted({sentence for value in own if isinstance(value, tuple) for sentence in value}))


def _at_home(rule: Scoped, context: Context) -> bool:
    """Whether the server itself has loaded it."""
    return any(fact.origin.source == context.source for fact in rule.said.values())


def _in_words(seconds: float) -> str:
    return f"{seconds / DAY:.0f} days" if seconds >= 2 * DAY else f"{seconds / HOUR:.0f} hours"


def _retention(about: Iterable[Fact], context: Context) -> float:
    """How long the server keeps samples, in seconds; endless where it does not say."""
    for fact in about:
        if fact.key == "retention" and (fact.subject.kind, fact.subject.name) == (SERVER, context.source):
            return fact.value.value if isinstance(fact.value, Quantity) else math.inf
    return math.inf
