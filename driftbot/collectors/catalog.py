"""The service catalog: who owns which service, how much rests on it, and whom it calls with which patience.

Reads a plain YAML of services, and Backstage's ``catalog-info.yaml`` (``driftbot.collectors.backstage``)::

    services:
      - name: checkout
        owner: team-checkout
        tier: 1
        labels: {domain: sales}
        environments: [production, staging]     # default: the source's environment
        kubernetes: {namespace: shop, name: checkout}
        depends_on: [orders-db]                 # a call of which nothing else is known
        calls:
          - {to: payments, timeout: 3s, retries: 3, timeout_includes_retries: false, fallback: true}

A timeout of 0 or ``none`` says that there is no timeout: ``timeout.unlimited`` is then true and ``timeout.request`` has
no fact. Whether a timeout includes its retries is known only where it is written.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import Field

from driftbot.collectors.backstage import is_entity, read_entities
from driftbot.collectors.call import CALL_FIELDS, call_keys, state_call
from driftbot.collectors.collector import Body, Collector, Context, Options
from driftbot.collectors.doubt import doubted, files_in_doubt
from driftbot.collectors.kubernetes.manifest import text
from driftbot.collectors.statement import PLACEHOLDER, Statement
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.key import Key, ValueType
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node, Shape
from driftbot.documents.yaml import read_yaml

KIND = "catalog"
SERVICE, CALL = "service", "call"
_TEXTS = ("owner", "team", "tier", "lifecycle", "criticality", "system")
_SERVICE_FIELDS = frozenset(
    {"name", "description", "labels", "environments", "kubernetes", "depends_on", "calls", "links", *_TEXTS}
)
_LISTS = {
    "calls": "[{to: payments, timeout: 3s}]",
    "depends_on": "[orders-db]",
    "environments": "[production, staging]",
}
_MAPPINGS = {"kubernetes": "{namespace: shop, name: checkout}", "labels": "{domain: sales}"}


class CatalogOptions(Options):
    """Where the catalog is."""

    path: str = Field(description="a catalog file, or a folder of them, relative to driftbot.yaml")
    include: tuple[str, ...] = Field(
        ("catalog*.yaml", "catalog*.yml", "services.yaml", "services.yml"),
        description="patterns of files to read where the path is a folder, as in .gitignore",
    )
    exclude: tuple[str, ...] = Field((), description="patterns of files and folders to leave out, as in .gitignore")


# Whom a service calls may follow from what another entity provides.
_OWN = {SERVICE: frozenset({*_TEXTS, "environments"}), CALL: frozenset(key.name for key in call_keys())}


def keys(_options: CatalogOptions | None = None) -> tuple[Key, ...]:
    """Every key that catalogs provide."""
    found = [Key(SERVICE, name, ValueType.TEXT, f"the service's {name}, as the catalog says") for name in _TEXTS]
    found.append(Key(SERVICE, "calls", ValueType.NAMES, "the services it calls or depends on"))
    found.append(Key(SERVICE, "environments", ValueType.NAMES, "the environments it runs in"))
    return tuple(sorted(replace(key, providers=(KIND,)) for key in (*found, *call_keys())))


@dataclass(slots=True)
class _Catalog:
    """What has been read so far."""

    context: Context
    statements: list[Statement] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(options: CatalogOptions, context: Context) -> Reading:
    """Read every catalog file: services and calls, in each environment that a service names."""
    catalog = _Catalog(context)
    entities: list[Node] = []
    for body in context.files(options.path, options.include, options.exclude):
        for node in _documents(body, catalog):
            if is_entity(node):
                entities.append(node)
            else:
                _take(node, catalog)
    read_entities(entities, context.environment, catalog.statements, catalog.gaps)
    return _reading(catalog)


def _documents(body: Body, catalog: _Catalog) -> tuple[Node, ...]:
    if body.problem:
        catalog.gaps.append(Gap(Origin(catalog.context.source, body.locator), body.problem))
        return ()
    documents = read_yaml(body.content, catalog.context.source, body.locator)
    if documents.complete:
        catalog.notes.extend(str(problem) for problem in documents.problems)
    else:
        catalog.gaps.extend(Gap(problem.origin, problem.message) for problem in documents.problems)
    return documents.nodes


def _take(document: Node, catalog: _Catalog) -> None:
    services = document.get("services")
    if services is None or services.shape is not Shape.SEQUENCE:
        reason = "no catalog: it has neither a list of `services` nor a Backstage entity"
        catalog.gaps.append(Gap(document.origin, reason))
        return
    for node in services.items:
        name = node.get("name")
        if name is None or not name.text or PLACEHOLDER.search(name.text):
            catalog.gaps.append(Gap(node.origin, "a service without a name"))
        else:
            catalog.gaps.extend(unknown_fields(node, _SERVICE_FIELDS, f"service {name.text}"))
            catalog.gaps.extend(_misshapen(node, name.text))
            for environment in _environments(node) or (catalog.context.environment,):
                _state_service(node, name.text, environment, catalog)


def unknown_fields(node: Node, known: Iterable[str], what: str) -> Iterator[Gap]:
    """A gap for every field that nobody reads, with the name that was probably meant."""
    names = sorted(known)
    for entry in node.entries:
        if entry.key.text not in names:
            near = difflib.get_close_matches(entry.key.text, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
            yield Gap(entry.key.origin, f"{what}: unknown field {entry.key.text!r}; {hint}")


def _misshapen(node: Node, name: str) -> Iterator[Gap]:
    """A gap for every list that is written as a mapping and every mapping that is none, and so says nothing."""
    for part, like in {**_LISTS, **_MAPPINGS}.items():
        if _is_misshapen(node, part):
            at = node.members[part].value
            yield Gap(at.origin, f"service {name}: {part} is a {at.shape} and not read; write it like {like}")


def _is_misshapen(node: Node, part: str) -> bool:
    written = node.get(part)
    if written is None or written.is_null:
        return False
    return (written.shape is Shape.MAPPING) != (part in _MAPPINGS)


def _listed(node: Node, field: str) -> tuple[Node, ...]:
    """The items of a list; a single text stands for a list of it."""
    written = node.get(field)
    if written is None or written.is_null:
        return ()
    return (written,) if written.shape is Shape.SCALAR else written.items


def _state_service(node: Node, name: str, environment: str, catalog: _Catalog) -> None:
    say = Statement(Subject(SERVICE, environment, name, labels_of(_labels(node))))
    for name_ in _TEXTS:
        say.text(name_, node, name_)
    callees = [*_callees(node)]
    if not any(_is_misshapen(node, part) for part in ("calls", "depends_on")):
        named = (callee for callee, _ in callees if callee)
        say.names("calls", named, node.get("calls") or node, written=bool(callees))
    say.names("environments", _environments(node) or (environment,), node, written="environments" in node.members)
    catalog.statements.append(say)
    for callee, call in callees:
        if not callee:
            catalog.gaps.append(Gap(call.origin, f"service {name}: a call without `to`"))
            continue
        catalog.gaps.extend(unknown_fields(call, CALL_FIELDS, f"call {name}->{callee}"))
        catalog.statements.append(state_call(call, name, callee, environment))


def _labels(node: Node) -> Mapping[str, str]:
    written = node.get("labels")
    own = {entry.key.text: entry.value.text for entry in written.entries} if written else {}
    own |= {name: text(node, name) for name in _TEXTS}
    own |= {f"kubernetes_{part}": text(node, "kubernetes", part) for part in ("namespace", "name")}
    return {label: value for label, value in own.items() if value and not PLACEHOLDER.search(value)}


def _environments(node: Node) -> tuple[str, ...]:
    return tuple(sorted({item.text for item in _listed(node, "environments")}))


def _callees(node: Node) -> Iterator[tuple[str, Node]]:
    """The services called, each with the node that says so: an entry of ``calls``, or a name in ``depends_on``."""
    calls = _listed(node, "calls")
    for call in calls:
        yield text(call, "to") or call.text, call
    known = {text(call, "to") or call.text for call in calls}
    for item in _listed(node, "depends_on"):
        if item.text not in known:
            yield item.text, item


def _reading(catalog: _Catalog) -> Reading:
    context = catalog.context
    gaps = [*catalog.gaps, *(gap for statement in catalog.statements for gap in statement.gaps)]
    ordered = tuple(sorted(set(gaps), key=lambda gap: (gap.origin, gap.reason)))
    environments = {context.environment, *(statement.subject.environment for statement in catalog.statements)}
    return Reading(
        facts=tuple(sorted((fact for part in catalog.statements for fact in part.facts), key=_order)),
        coverage=tuple(
            Coverage(
                context.source,
                environment,
                kind,
                gaps=ordered,
                settled=_OWN[kind] if ordered else frozenset(),
                doubted=doubted(catalog.statements, kind, files_in_doubt(ordered)),
            )
            for environment in sorted(environments)
            for kind in (CALL, SERVICE)
        ),
        notes=tuple(catalog.notes),
    )


def _order(fact: Fact) -> tuple[object, ...]:
    return fact.subject, fact.key, fact.origin


collector = Collector(kind=KIND, options=CatalogOptions, keys=keys, read=read)
