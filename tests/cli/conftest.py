"""A folder with a configuration and a store of three nights, and the command line as people run it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from driftbot.cli.main import main
from driftbot.core.coverage import Coverage
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.exit_code import ExitCode
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Severity
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.core.triage import Known, triage
from driftbot.store.store import Store

NIGHTS = tuple(datetime(2026, 5, day, 2, tzinfo=UTC) for day in (1, 2, 3))
CART, MAIL, RANK = (Subject("workload", "production", f"shop/{name}") for name in ("cart", "mail", "rank"))
TIMEOUTS = {NIGHTS[0]: 5.0, NIGHTS[1]: 30.0, NIGHTS[2]: 30.0}


@dataclass(frozen=True)
class Answer:
    """What a run of the command line left: exit code and both outputs."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


def timeout(subject: Subject, seconds: float, line: int = 3, file: str = "cart.yaml") -> Fact:
    return Fact(subject, "timeout.request", Quantity(seconds, Unit.SECONDS), origin=Origin("manifests", file, line, 18))


def finding(subject: Subject, verdict: Verdict, seconds: float, severity: Severity = Severity.HIGH) -> Finding:
    fact = timeout(subject, seconds)
    evidence = Evidence("self.timeout.request", fact.value, fact.view, fact.provenance, (fact.origin,))
    if verdict is Verdict.UNKNOWN:
        evidence = replace(evidence, value=None, note="cart.yaml could not be read")
    # One finding compares with an approved value, the others do not.
    approved = (Evidence("approved.timeout.request", None),) if subject == CART else ()
    return Finding(
        "request-timeout", subject, verdict, severity, "Requests end before callers give up",
        message=f"requests may take {fact.value}", observed=str(fact.value), expected="at most 10s",
        evidence=(evidence, *approved),
        recommendations=(Recommendation("timeout.request", Quantity(10, Unit.SECONDS)),),
        reasons=("self.timeout.request is not readable",) if verdict is Verdict.UNKNOWN else (),
    )  # fmt: skip


def night(store: Store, as_of: datetime) -> None:
    facts = (
        timeout(CART, TIMEOUTS[as_of]),
        timeout(MAIL, 20),
        timeout(RANK, 20),
        timeout(RANK, 25, 9, "rank.yaml"),
    )
    coverage = (Coverage("manifests", "production", "workload"),)
    findings = (
        *((finding(CART, Verdict.DRIFT, TIMEOUTS[as_of]),) if TIMEOUTS[as_of] > 10 else ()),
        finding(MAIL, Verdict.DRIFT, 20, Severity.LOW),
        finding(RANK, Verdict.UNKNOWN, 20),
    )
    evaluation = Evaluation(findings, (Tally("request-timeout", 3, 3, drift=len(findings) - 1, unknown=1),))
    known = Known(store.latest_lives(), store.rule_digests())
    result = triage(evaluation, Snapshot(as_of, facts, coverage=coverage), (), known, every_rule_read=False)
    with (
        store.lease("test", as_of, timedelta(minutes=1)) as lease,
        store.begin_night(lease, as_of) as tonight,
    ):
        tonight.add_facts(facts, coverage)
        tonight.add_evaluation(result.lives, evaluation.tallies, ExitCode.DRIFT, {"request-timeout": "d1"})


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a user has it: configured, scanned on three nights, in git."""
    (tmp_path / "driftbot.yaml").write_text("store: driftbot.db\nrules: {shipped: none}\nsources: []\n")
    (tmp_path / "cart.yaml").write_text("kind: Deployment\nspec:\n  timeout: 30s\n")
    for arguments in (
        ["init", "-q"],
        ["config", "user.name", "Ada"],
        ["config", "user.email", "ada@example.org"],
        ["add", "cart.yaml"],
        ["commit", "-qm", "Wait longer for the warehouse"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        for as_of in NIGHTS:
            night(store, as_of)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def invoke(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["driftbot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return invoke


@pytest.fixture
def store(estate: Path):
    with Store.open(f"sqlite:///{estate / 'driftbot.db'}") as opened:
        yield opened
