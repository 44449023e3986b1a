"""Admission webhooks: what happens to the cluster's requests when the webhook does not answer.

Defaults: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ (failurePolicy Fail,
timeout 10 s).
"""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.collectors.kubernetes.manifest import Manifest, items, mapping, nobody_else, text
from driftbot.collectors.statement import Statement
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Unit
from driftbot.core.subject import Subject, labels_of

KIND = "webhook"


givers = nobody_else


def keys() -> Iterator[Key]:
    """What admission webhooks say."""
    policy = "what a webhook that does not answer does to requests: Fail (default) or Ignore"
    yield Key(KIND, "failure_policy", ValueType.TEXT, policy)
    timeout = "how long the API server waits for the webhook (default 10 s)"
    yield Key(KIND, "timeout.request", ValueType.QUANTITY, timeout, Unit.SECONDS)
    yield Key(KIND, "service", ValueType.TEXT, "the Service that answers, as namespace/name")


def state_webhooks(manifest: Manifest, environment: str) -> Iterator[Statement]:
    """What each webhook of a configuration says."""
    for webhook in items(manifest.node, "webhooks"):
        labels = labels_of({"configuration": manifest.name, "configuration_kind": manifest.kind})
        name = f"{manifest.name}/{text(webhook, 'name')}"
        say = Statement(Subject(KIND, environment, name, labels))
        say.text("failure_policy", webhook, "failurePolicy", default="Fail")
        say.quantity("timeout.request", Unit.SECONDS, webhook, "timeoutSeconds", default=10)
        service = mapping(webhook, "clientConfig", "service")
        if service:
            say.state("service", f"{text(service, 'namespace')}/{text(service, 'name')}", service)
        yield say
