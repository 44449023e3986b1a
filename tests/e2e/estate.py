"""An estate in a folder, and the command line run on it as a user runs it: as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How a command ended. No command may ever show a traceback."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """What ``--format json`` printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class Estate:
    """A folder with ``driftbot.yaml`` and files beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the estate."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "driftbot", *arguments],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def driftbot(self, *arguments: str, **environment: str) -> Ended:
        """Run a command to its end."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=300)
        assert "Traceback" not in out + err, err
        return Ended(process.returncode, out, err)


MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop, labels: {app.kubernetes.io/name: cart, team: basket}}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
        - name: cart
          image: registry.example.org/cart:1.4.2
          resources:
            limits:
              memory: 512Mi
"""

RULES = """\
groups:
  - name: shop
    rules:
      - alert: CartSlow
        expr: job:latency:p99{job="cart"} > 0.5
        for: 5m
        labels: {severity: page, team: basket}
"""
