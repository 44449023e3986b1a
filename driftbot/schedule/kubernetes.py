"""Manifests for Kubernetes 1.27 and newer: a CronJob, or a Deployment of ``driftbot serve``, and what they need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from driftbot.schedule.crontab_words import kubernetes_words
from driftbot.schedule.installation import Installation
from driftbot.schedule.kubernetes_pod import CONFIG, GRACE, KubernetesHost, pod_spec
from driftbot.schedule.night_schedule import NightSchedule, Running, UnitFile, Units, clock_remarks
from driftbot.schedule.occurrences import next_after

Document = dict[str, Any]

_MOST_MISSED = 100
"""The CronJob controller gives up where it counts more missed beginnings than these within the deadline."""
_SHORTEST_DEADLINE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Remarked:
    """A manifest and why it is as it is."""

    why: str
    document: Document


def kubernetes_manifests(
    schedule: NightSchedule, installation: Installation, host: KubernetesHost, running: Running, now: datetime
) -> Units:
    """One file of manifests, to be applied.

    Raises:
        NotExpressible: Kubernetes cannot say the schedule.
    """
    shared = list(_shared(installation, host))
    if running is Running.SERVE:
        own = list(_serving(installation, host))
        lost: tuple[str, ...] = ()
    else:
        own = [_cron_job(schedule, installation, host, now)]
        lost = (*clock_remarks(schedule, "a CronJob", True, now), *_jitter_remark(schedule))
    file = f"{installation.name}.k8s.yaml"
    text = "---\n".join(_text(one) for one in (*shared, *own))
    return Units(
        (UnitFile(file, text),), (*lost, *_remarks(installation, host)), tuple(_steps(installation, host, file))
    )


def _shared(installation: Installation, host: KubernetesHost) -> Iterator[_Remarked]:
    account = {"automountServiceAccountToken": False}
    yield _Remarked(
        "It asks nothing of the Kubernetes API, so it gets no token.",
        _object("v1", "ServiceAccount", installation, host, account),
    )
    yield _Remarked(
        "The configuration. What it names by a relative path lies in /etc/driftbot as well: in the image, or mounted.",
        _object("v1", "ConfigMap", installation, host, {"data": {"driftbot.yaml": host.configuration}}),
    )
    if not installation.store:
        claim: Document = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": host.volume}},
        }
        if host.storage_class:
            claim["storageClassName"] = host.storage_class
        yield _Remarked(
            "The store outlives every pod. SQLite needs a volume with working locks: block storage, not NFS.",
            _object("v1", "PersistentVolumeClaim", installation, host, {"spec": claim}),
        )


def _cron_job(schedule: NightSchedule, installation: Installation, host: KubernetesHost, now: datetime) -> _Remarked:
    pod = pod_spec(installation, host, ("run", "--exit-zero"))
    job: Document = {
        "activeDeadlineSeconds": _seconds(schedule.longest + GRACE),
        "backoffLimit": 0,
        "podFailurePolicy": {
            "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]
        },
        "template": {"metadata": {"labels": _labels(installation)}, "spec": {**pod, "restartPolicy": "Never"}},
    }
    spec: Document = {
        "schedule": kubernetes_words(schedule.cron),
        "timeZone": schedule.zone,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": _seconds(_starting_deadline(schedule, now)),
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"metadata": {"labels": _labels(installation)}, "spec": job},
    }
    return _Remarked(
        "The nights. Drift is a finding and no failed Job (--exit-zero); a blind night ends with 1, fails, and is not\n"
        "tried again. A pod whose node is drained is no failure: the night begins anew, and no half one is kept.",
        _object("batch/v1", "CronJob", installation, host, {"spec": spec}),
    )


def _serving(installation: Installation, host: KubernetesHost) -> Iterator[_Remarked]:
    probes = {
        "startupProbe": {**_probe(installation, "alive"), "periodSeconds": 10, "failureThreshold": 30},
        "livenessProbe": {**_probe(installation, "alive"), "periodSeconds": 60, "failureThreshold": 5},
        "readinessProbe": {**_probe(installation, "ready"), "periodSeconds": 60, "failureThreshold": 3},
    }
    pod = pod_spec(installation, host, ("serve",), probes)
    labels = _labels(installation)
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels, "annotations": _configured(host)}, "spec": pod},
    }
    yield _Remarked(
        "One process that begins the nights and listens to chat. Recreate: the old one ends before the new one begins.",
        _object("apps/v1", "Deployment", installation, host, {"spec": spec}),
    )
    if host.port is not None:
        ports = [{"name": "http", "port": host.port, "targetPort": "http", "protocol": "TCP"}]
        service = {"selector": labels, "publishNotReadyAddresses": True, "ports": ports}
        yield _Remarked(
            "Metrics and Slack's requests; each needs the token of serve.token, or Slack's signature. Metrics are\n"
            "wanted most of one that is not ready.",
            _object("v1", "Service", installation, host, {"spec": service}),
        )


def _probe(installation: Installation, question: str) -> Document:
    """Asked inside the pod, so that serve may listen on loopback, and with its own token."""
    command = [installation.program, "serve", f"--check={question}", "--config", CONFIG]
    return {"exec": {"command": command}, "timeoutSeconds": 20}


def _starting_deadline(schedule: NightSchedule, now: datetime) -> timedelta:
    """How late a night may begin, but never so late that the controller counts too many missed ones and gives up."""
    first = moment = next_after(schedule.cron, ZoneInfo(schedule.zone), now)
    for _ in range(_MOST_MISSED - 1):
        if moment - first > schedule.catch_up:
            break
        moment = next_after(schedule.cron, ZoneInfo(schedule.zone), moment)
    return max(_SHORTEST_DEADLINE, min(schedule.catch_up, moment - first))


def _object(version: str, kind: str, installation: Installation, host: KubernetesHost, rest: Document) -> Document:
    metadata = {"name": installation.name, "namespace": host.namespace, "labels": _labels(installation)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _labels(installation: Installation) -> Mapping[str, str]:
    return {"app.kubernetes.io/name": "driftbot", "app.kubernetes.io/instance": installation.name}


def _configured(host: KubernetesHost) -> Mapping[str, str]:
    """A new configuration is a new pod: a file that is mounted by subPath does not follow its ConfigMap."""
    return {"checksum/config": hashlib.sha256(host.configuration.encode()).hexdigest()}


def _jitter_remark(schedule: NightSchedule) -> Iterator[str]:
    if schedule.jitter:
        yield "a CronJob knows no jitter: nights begin on the minute; choose one that others do not choose"


def _remarks(installation: Installation, host: KubernetesHost) -> Iterator[str]:
    if host.port is None and host.serving:
        yield (
            "there is no Service, because serve.listen is an address of loopback; for metrics from outside set "
            "serve.listen: 0.0.0.0:9464 and serve.token, and print this anew"
        )
    for path in installation.secret_files:
        yield f"the secret's file {path} has to be mounted into the pod; a variable needs no mount: {{env: NAME}}"


def _steps(installation: Installation, host: KubernetesHost, file: str) -> Iterator[str]:
    create = f"kubectl --namespace {host.namespace} create secret generic {installation.name}"
    if names := installation.secret_variables:
        yield f"{create} --from-env-file=secrets.env  # lines NAME=value: {', '.join(names)}"
    yield f"kubectl apply --filename {file}"


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


class _Dumper(yaml.SafeDumper):
    """Text of several lines is a block, and nothing is an anchor."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Manifests are read by people."""
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _text(one: _Remarked) -> str:
    why = "".join(f"# {line}\n" for line in one.why.splitlines())
    return why + yaml.dump(one.document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
