"""Alertmanager: who is told of which alert, what mutes what, and which silences stand.

Reads its configuration file (``path``, declared), its API (``url``, effective: the running configuration, silences, and
the alerts that fire), or both. Mimir's and Cortex' Alertmanager answer alike, below their prefix.

Subjects
    ``route`` is named by its matchers and those above it (``severity="page" > team="db"``), the root ``root``, with
    ``#2`` … where one parent has several with the same matchers; ``receiver`` by its name; ``inhibition`` by its name,
    else by both sides (``severity="page" mutes severity="warning"``); ``silence`` by its id. The option ``cluster`` is
    put before them where an environment has several Alertmanagers that route otherwise.

Keys
    Declared in ``alertmanager_routing`` and ``alertmanager_silences``; what also needs alerts of other sources is
    derived in ``driftbot.alerts``. Of a receiver only its name and the kinds of its integrations are read: the rest
    holds secrets.
"""

from __future__ import annotations

from driftbot.collectors.alertmanager_configuration import CONFIGURED, INHIBITION, RECEIVER, read_configuration
from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.alertmanager_routing import KEYS, KIND, state_configuration
from driftbot.collectors.alertmanager_server import ServerReading, connect, names
from driftbot.collectors.alertmanager_silences import FIRING_KEYS, SILENCE_KEYS
from driftbot.collectors.collector import Collector, Context
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.key import Key
from driftbot.core.snapshot import Reading
from driftbot.documents.node import Node
from driftbot.documents.yaml import read_yaml

_PATTERNS = ("alertmanager*.yml", "alertmanager*.yaml")
"""Of a folder; a file is read whatever it is called."""


def keys(_options: AlertmanagerOptions | None = None) -> tuple[Key, ...]:
    """Every key of routes, receivers, inhibitions and silences that one source can tell."""
    return tuple(sorted((*KEYS, *SILENCE_KEYS, *FIRING_KEYS)))


def read(options: AlertmanagerOptions, context: Context) -> Reading:
    """What the file declares and what the server runs."""
    readings = [_read_file(options, context)] if options.path else []
    if not options.url:
        readings.append(_nothing_fires(context))
    else:
        session = connect(context.tape.session(context.source), options)
        readings.append(ServerReading(options, context, session).read())
    together = Reading.merged(readings)
    facts = sorted(together.facts, key=lambda fact: (fact.subject, fact.key, fact.view, fact.origin))
    return Reading(facts=tuple(facts), coverage=together.coverage)


def _read_file(options: AlertmanagerOptions, context: Context) -> Reading:
    gaps: dict[str, list[Gap]] = {kind: [] for kind in CONFIGURED}
    facts: list[Fact] = []
    node, problems = _document(options, context)
    if node is not None:
        facts, gaps = state_configuration(read_configuration(node), context.environment, options.cluster)
    coverage = []
    for kind in CONFIGURED:
        told = tuple(dict.fromkeys((*problems, *gaps[kind])))
        failed = bool(told) and not facts
        coverage.append(Coverage(context.source, context.environment, kind, names(KEYS, kind), told, failed))
    return Reading(facts=tuple(facts), coverage=tuple(coverage))


def _nothing_fires(context: Context) -> Reading:
    """A file alone knows no alerts: what they would show is absent and not merely unread."""
    source, environment = context.source, context.environment
    return Reading(
        coverage=tuple(Coverage(source, environment, kind, names(FIRING_KEYS, kind)) for kind in (INHIBITION, RECEIVER))
    )


def _document(options: AlertmanagerOptions, context: Context) -> tuple[Node | None, list[Gap]]:
    """The one document of the one file, and what could not be read of it; None where there is not exactly one."""
    bodies = list(context.files(options.path, _PATTERNS))
    if len(bodies) != 1:
        held = f"{options.path} holds {len(bodies)} files named like {_PATTERNS[0]}; name the one"
        return None, [Gap(Origin(context.source, options.path), held)]
    (body,) = bodies
    if body.problem:
        return None, [Gap(Origin(context.source, body.locator), body.problem)]
    documents = read_yaml(body.content, context.source, body.locator)
    gaps = [
        Gap(problem.origin, problem.message + (f" ({problem.hint})" if problem.hint else ""))
        for problem in documents.problems
    ]
    if len(documents.nodes) != 1 and not gaps:
        held = f"the file holds {len(documents.nodes)} documents; a configuration is one"
        gaps.append(Gap(Origin(context.source, body.locator), held))
    return (documents.nodes[0] if len(documents.nodes) == 1 else None), gaps


collector = Collector(kind=KIND, options=AlertmanagerOptions, keys=keys, read=read)
