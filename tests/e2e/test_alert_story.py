"""An alert's story against real git, a real Prometheus and the real commands: approved, loosened in steps, put back."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.e2e.estate import Estate
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample

pytestmark = pytest.mark.server

DAY = 86400.0
STEPS = (("Ada", "0.02", 40), ("Grace", "0.025", 30), ("Edsger", "0.03", 20), ("Barbara", "0.04", 10))
"""Author, threshold and days ago."""

RULES = """\
groups:
  - name: cart
    rules:
      # Agreed with the shop's owners.
      - alert: CartErrors
        expr: job:request_errors:ratio{job="cart"} > 0.02
        for: 5m
        labels: {severity: page, team: basket}
        annotations:
          summary: "the cart fails"
          runbook_url: https://runbooks.example.org/cart
"""

AGREED = ("--subject", "alert:*", "--key", "expression", "--key", "hold", "--key", "severity")

CONFIG = """\
rules:
  shipped:
    - alert-not-loosened
    - alert-not-ratcheted
    - alert-runs-as-declared
    - alert-still-sees-data
    - merged-alert-is-loaded
    - threshold-as-approved
    - threshold-fits-its-data
sources:
  - {{name: prometheus, kind: prometheus, environment: production, url: "{url}"}}
  - {{name: alerts, kind: alert_files, environment: production, path: rules}}
"""


def git(estate: Estate, *arguments: str, author: str = "Ada", at: datetime | None = None) -> None:
    when = f"{(at or datetime.now(UTC)):%Y-%m-%dT%H:%M:%S+0000}"
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author), ("EMAIL", f"{author.lower()}@example.org"), ("DATE", when))
    }
    subprocess.run(
        ["git", *arguments],
        cwd=estate.folder,
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(estate.folder), **names},
    )


def commit(estate: Estate, threshold: str, author: str, days_ago: float) -> None:
    estate.write("rules/cart.yaml", RULES.replace("0.02", threshold))
    git(estate, "add", "rules")
    git(
        estate,
        "commit",
        "-m",
        f"Less noise: {threshold}",
        author=author,
        at=datetime.now(UTC) - timedelta(days=days_ago),
    )


def errors(now: float, level: Callable[[np.ndarray], np.ndarray]) -> Samples:
    times = np.arange(now - 30 * DAY, now, 60.0)
    return sample("job:request_errors:ratio", times, level(times), job="cart")


def quiet(times: np.ndarray) -> np.ndarray:
    """Around one in a hundred, with a busy hour each day."""
    noise = np.random.default_rng(7).normal(0, 0.001, len(times))
    return 0.01 + 0.004 * np.sin(times / DAY * 2 * np.pi) + noise


def test_an_alert_that_was_loosened_in_steps_is_found_told_and_put_back(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time()
    git(estate, "init", "-q", "-b", "main")
    commit(estate, *_step(STEPS[0]))
    server = prometheus_server(rules={"cart.yaml": RULES}, series=[errors(now, quiet)])
    estate.write("driftbot.yaml", CONFIG.format(url=server.url))
    assert estate.driftbot("scan").code == 0, estate.driftbot("scan").out
    approved = estate.driftbot("approve", *AGREED, "--reason", "agreed with the owners", "--yes")
    assert approved.code == 0, approved.out + approved.err
    _dated(estate, datetime.now(UTC) - timedelta(days=35))

    for step in STEPS[1:]:
        commit(estate, *_step(step))
    server.use_rules({"cart.yaml": RULES.replace("0.02", "0.04")})
    server.wait_for_rules()
    found = estate.driftbot("scan")
    assert found.code == 2, found.out + found.err
    assert "alert-not-loosened" in found.out
    assert "0.02 → 0.04" in found.out

    steps = estate.driftbot("explain", "alert-not-ratcheted", "CartErrors").out
    for author, threshold, _ in STEPS[1:]:
        assert re.search(rf"→ {re.escape(threshold)}[^\n]*{author}", steps), (author, steps)
    assert "Ada" not in steps.partition("last touched")[0], "the approved value is no step"
    whole = estate.driftbot("explain", "alert-not-loosened", "CartErrors").out
    assert "0.02" in whole, whole

    estate.write("rules/cart.yaml", RULES)
    server.use_rules({"cart.yaml": RULES})
    server.wait_for_rules()
    clean = estate.driftbot("scan")
    assert clean.code == 0, clean.out + clean.err


def _dated(estate: Estate, at: datetime) -> None:
    """The approvals as if they had been given then."""
    decisions = estate.folder / "driftbot.approvals.yaml"
    decisions.write_text(re.sub(r"(?m)at: '.*'$", f"at: '{at.isoformat()}'", decisions.read_text()))


def _step(step: tuple[str, str, int]) -> tuple[str, str, float]:
    author, threshold, days_ago = step
    return threshold, author, days_ago
