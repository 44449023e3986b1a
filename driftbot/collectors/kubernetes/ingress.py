"""Ingresses: hosts, the Services behind them, and the timeouts that their controllers take from annotations.

ingress-nginx: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/ (numbers without a
unit are seconds; ``proxy-body-size`` 0 means no limit); AWS load balancer controller:
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/. Defaults are the
controller's own configuration, which is not in the manifest: what nobody wrote has no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import Manifest, items, nobody_else, text
from driftbot.collectors.statement import Statement, part
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Labels, Subject
from driftbot.documents.node import Node

KIND = "ingress"
_NGINX = "nginx.ingress.kubernetes.io/"
_AWS = "alb.ingress.kubernetes.io/"

# annotation, attribute inside it (AWS packs several into one), key, unit, meaning
_SETTINGS = (
    (f"{_NGINX}proxy-connect-timeout", "", "timeout.connect", Unit.SECONDS, "to connect to the pod"),
    (f"{_NGINX}proxy-read-timeout", "", "timeout.read", Unit.SECONDS, "between two reads of the pod's answer"),
    (f"{_NGINX}proxy-send-timeout", "", "timeout.send", Unit.SECONDS, "between two writes of the request"),
    (f"{_NGINX}proxy-next-upstream-timeout", "", "retries.timeout", Unit.SECONDS, "for all tries (0: no limit)"),
    (f"{_NGINX}proxy-next-upstream-tries", "", "retries.tries", Unit.COUNT, "tries in all, the first one included"
     " (0: no limit)"),
    (f"{_NGINX}proxy-body-size", "", "body.max_size", Unit.BYTES, "largest request body (0: no limit)"),
    (f"{_NGINX}limit-rps", "", "limit.requests", Unit.PER_SECOND, "requests a client may send"),
    (f"{_AWS}load-balancer-attributes", "idle_timeout.timeout_seconds", "timeout.idle", Unit.SECONDS,
     "after which an idle connection is closed"),
    (f"{_AWS}target-group-attributes", "deregistration_delay.timeout_seconds", "timeout.deregistration", Unit.SECONDS,
     "for requests in flight when a pod is taken out"),
    (f"{_AWS}healthcheck-interval-seconds", "", "health_check.interval", Unit.SECONDS, "time between two checks"),
    (f"{_AWS}healthcheck-timeout-seconds", "", "health_check.timeout", Unit.SECONDS, "for one health check"),
    (f"{_AWS}unhealthy-threshold-count", "", "health_check.unhealthy_threshold", Unit.COUNT,
     "failed checks in a row that take a pod out"),
)  # fmt: skip


givers = nobody_else


def keys() -> Iterator[Key]:
    """What Ingresses say."""
    for annotation, attribute, name, unit, meaning in _SETTINGS:
        where = f"{annotation}, {attribute}" if attribute else annotation
        yield Key(KIND, name, ValueType.QUANTITY, f"{meaning} ({where})", unit)
    yield Key(KIND, "health_check.path", ValueType.TEXT, f"the path of the health check ({_AWS}healthcheck-path)")
    yield Key(KIND, "class", ValueType.TEXT, "the ingress class")
    yield Key(KIND, "hosts", ValueType.NAMES, "the hosts it answers for")
    yield Key(KIND, "tls.hosts", ValueType.NAMES, "the hosts it holds a certificate for")
    yield Key(KIND, "services", ValueType.NAMES, "the Services it sends to, as namespace/name")


def state_ingress(manifest: Manifest, environment: str, labels: Labels) -> Statement:
    """All that an Ingress says."""
    say = Statement(Subject(KIND, environment, manifest.full_name, labels))
    annotations = manifest.node.get("metadata", "annotations")
    if annotations:
        _state_annotations(annotations, say)
    spec = manifest.spec
    if spec is None:
        say.doubt(manifest.node, "has no spec")
        return say
    say.text("class", spec, "ingressClassName")
    rules = items(spec, "rules")
    hosts = {text(rule, "host") for rule in rules} - {""}
    if hosts:
        say.names("hosts", hosts, spec.members["rules"].value)
    secured = {host.text for entry in items(spec, "tls") for host in (entry.get("hosts") or entry).items}
    if secured:
        say.names("tls.hosts", secured, spec.members["tls"].value)
    say.names("services", _services(manifest, rules), spec.get("rules") or spec)
    return say


def _state_annotations(annotations: Node, say: Statement) -> None:
    for annotation, attribute, key, unit, _ in _SETTINGS:
        node = annotations.get(annotation)
        if node is not None:
            _state(key, unit, node, attribute, say)
    say.text("health_check.path", annotations, f"{_AWS}healthcheck-path")
    if "ingressClassName" not in annotations.members:
        say.text("class", annotations, "kubernetes.io/ingress.class")


def _state(key: str, unit: Unit, node: Node, attribute: str, say: Statement) -> None:
    match = re.search(rf"(?:^|,)\s*{re.escape(attribute)}=([^,]+)" if attribute else "(.*)", node.text)
    if match is None:
        return
    try:
        say.state(key, _parse(match[1], unit), part(node, *match.span(1)) if attribute else node)
    except NotAQuantity as error:
        say.doubt(node, f"{key}: {error}")


def _parse(written: str, unit: Unit) -> Quantity:
    # nginx' sizes are k, m and g in powers of 1024.
    size = re.fullmatch(r"(\d+)([kmgKMG])", written.strip()) if unit is Unit.BYTES else None
    return parse_quantity(f"{size[1]}{size[2].upper()}i" if size else written, unit)


def _services(manifest: Manifest, rules: tuple[Node, ...]) -> Iterator[str]:
    spec = manifest.spec
    paths = [path.get("backend") for rule in rules for path in items(rule, "http", "paths")]
    default = (spec.get("defaultBackend") or spec.get("backend")) if spec else None
    for backend in (*paths, default):
        name = text(backend, "service", "name") or text(backend, "serviceName")
        if name:
            yield f"{manifest.namespace}/{name}"
