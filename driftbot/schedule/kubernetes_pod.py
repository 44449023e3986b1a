"""The pod that both a CronJob and a Deployment run: as little right as a pod can have (Pod Security: restricted)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from driftbot.schedule.installation import PASSWORD_VARIABLE, Installation

GRACE = timedelta(minutes=5)
"""How long what is under way may take to end when it is told to (ours: a step of a playbook, a night being kept)."""
CONFIG = "/etc/driftbot/driftbot.yaml"
"""Where the configuration is in the pod."""
_USER = 65532
"""The numeric user of most images that name one which is not root."""
_STATE = "/var/lib/driftbot"


@dataclass(frozen=True, slots=True)
class KubernetesHost:
    """Where it runs: image and namespace, the text of ``driftbot.yaml``, and how large its volume is (of which class).

    ``port`` is where ``driftbot serve`` listens for others, None where it listens on loopback only.
    """

    image: str
    namespace: str
    configuration: str
    volume: str = "5Gi"
    storage_class: str = ""
    port: int | None = None
    serving: bool = False

    @property
    def store_path(self) -> str:
        """The URL of the store on the volume."""
        return f"sqlite:///{_STATE}/driftbot.db"


def pod_spec(
    installation: Installation, host: KubernetesHost, command: Sequence[str], probes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The pod's spec; ``command`` is the subcommand with its own options."""
    security = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    container: dict[str, Any] = {
        "name": "driftbot",
        "image": host.image,
        "command": [installation.program],
        "args": [*command, "--config", CONFIG, "--store", _store(installation, host)],
        "env": _environment(installation),
    }
    if host.port is not None:
        container["ports"] = [{"name": "http", "containerPort": host.port, "protocol": "TCP"}]
    container |= {
        **(probes or {}),
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "2Gi"}},
        "securityContext": security,
        "volumeMounts": _mounts(installation),
    }
    return {
        "serviceAccountName": installation.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": int(GRACE.total_seconds()),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": _volumes(installation),
    }


def _store(installation: Installation, host: KubernetesHost) -> str:
    """The URL as an argument, in which Kubernetes would replace ``$(NAME)``."""
    return (installation.store or host.store_path).replace("$", "$$")


def _environment(installation: Installation) -> list[dict[str, Any]]:
    secret = [_from_secret(installation.name, name) for name in installation.secret_variables]
    return [{"name": "HOME", "value": "/tmp"}, {"name": "PYTHONUNBUFFERED", "value": "1"}, *secret]


def _from_secret(secret: str, name: str) -> dict[str, Any]:
    optional = {"optional": True} if name == PASSWORD_VARIABLE else {}
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": name, **optional}}}


def _mounts(installation: Installation) -> list[dict[str, Any]]:
    # By subPath the file is none of a ConfigMap's links: what the configuration names lies relative to it.
    config = {"name": "config", "mountPath": CONFIG, "subPath": "driftbot.yaml", "readOnly": True}
    state = [] if installation.store else [{"name": "state", "mountPath": _STATE}]
    return [config, *state, {"name": "tmp", "mountPath": "/tmp"}]


def _volumes(installation: Installation) -> list[dict[str, Any]]:
    state = {"name": "state", "persistentVolumeClaim": {"claimName": installation.name}}
    return [
        {"name": "config", "configMap": {"name": installation.name}},
        *([] if installation.store else [state]),
        {"name": "tmp", "emptyDir": {}},
    ]
