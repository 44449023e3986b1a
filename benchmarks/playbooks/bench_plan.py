"""A plan of many findings over many files: parameters, edits proved, guards, digest; PyYAML as the peer.

    python -m benchmarks.playbooks.bench_plan [--full]

``--full`` plans for 5,000 findings over 500 manifests of 60 to 150 lines (ten a file: limits and probes of containers).
The facts are at hand, as the store gives them; files are read from disk. The peer is PyYAML's C loader composing each
file once, which nobody who edits YAML can do without. CPU seconds: other people's work on the machine counts less so.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import yaml

from benchmarks.edits.bench_edits import manifest
from driftbot.actions.action import Tools
from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Context
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.ladder import Level
from driftbot.core.quantity import Quantity
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.subject import SubjectId
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.options import ChangeLimits, GuardOptions, Limit, Rung
from driftbot.inventory import vocabulary
from driftbot.playbooks.document import PlaybookDocument
from driftbot.plugins import actions, collectors
from driftbot.remedies.planning import PlanningWorld
from driftbot.remedies.reach import planned
from driftbot.tape.live import LiveTape

SEED = 5
A_FILE = 10
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
KEYS = {"resources.limits.memory": "bytes", "probe.liveness.timeout": "seconds", "resources.requests.memory": "bytes"}
ALL = Limit(most=10**9)
Known = Mapping[SubjectId, tuple[Fact, ...]]


def playbook(key: str, unit: str) -> PlaybookDocument:
    """A playbook that sets the key to what is recommended."""
    return PlaybookDocument.model_validate(
        {
            "id": key.replace(".", "-"),
            "summary": f"Set {key}.",
            "parameters": {"value": {"unit": unit, "meaning": "The new value.", "recommended": key}},
            "steps": [{"action": "edit_file", "settings": {"set": key, "to": "{value}"}}],
            "limits": {"most": 10**9, "share": 1},
            "cases": [{"name": "none", "subject": "none", "refused": "none"}],
        }
    )


def rule(key: str) -> Rule:
    """A rule that recommends the key and names its playbook."""
    nothing = Expression("true", Origin("rules"))
    lesson = Lesson("https://example.org/reviews/1", "It happened.", "review-1")
    return Rule(
        key.replace(".", "-"), "A setting", lesson, "", Severity.MEDIUM, "team", "container", nothing, nothing,
        nothing.origin, "", playbook=key.replace(".", "-"),
    )  # fmt: skip


def estate(folder: Path, files: int) -> Known:
    """The files on disk, and the facts of every container in them by subject."""
    chosen = random.Random(SEED)
    for number in range(files):
        text = manifest(chosen).decode().replace("name: web", f"name: web-{number}")
        (folder / f"deploy-{number}.yaml").write_text(text)
    collector = collectors()["kubernetes_manifests"]
    options = collector.options.model_validate({"path": "."})
    found: dict[SubjectId, list[Fact]] = {}
    for fact in collector.read(options, Context("manifests", "production", NOW, LiveTape(folder))).facts:
        if fact.subject.kind == "container":
            found.setdefault(fact.subject.id, []).append(fact)
    return {about: tuple(facts) for about, facts in found.items()}


def lives(known: Known) -> Iterator[FindingLife]:
    """Ten findings a file: a value that is to be half as much again."""
    left: dict[str, int] = {}
    for facts in known.values():
        for fact in facts:
            place = fact.origin.locator
            if fact.key in KEYS and left.setdefault(place, A_FILE) and isinstance(fact.value, Quantity):
                left[place] -= 1
                wanted = Quantity(1.5 * fact.value.value, fact.value.unit)
                finding = Finding(
                    fact.key.replace(".", "-"), fact.subject, Verdict.DRIFT, Severity.MEDIUM, "A setting",
                    message=f"{fact.value} is too little", observed=str(fact.value), expected=str(wanted),
                    evidence=(Evidence(fact.key, fact.value, View.DECLARED, fact.provenance, (fact.origin,)),),
                    recommendations=(Recommendation(fact.key, wanted),),
                )  # fmt: skip
                yield FindingLife(finding, Life.NEW, NOW, NOW)


def world(known: Known) -> PlanningWorld:
    """What is planned for, with every limit out of the way."""
    found = tuple(lives(known))
    playbooks = [playbook(key, unit) for key, unit in KEYS.items()]
    limits = ChangeLimits(run=ALL, rule=ALL, owner=ALL, environment=ALL)
    circumstances = Circumstances(
        NOW,
        GuardOptions(ladder=(Rung(level=Level.PROPOSE),), limits=limits),
        {one.finding.fingerprint: one.finding.verdict for one in found},
        {one.id: one for one in playbooks},
        vocabulary(()),
        Population(),
        FactCounts(NOW, {}),
    )
    return PlanningWorld(NOW, found, known, {one.id: one for one in map(rule, KEYS)}, actions(), circumstances)


def composed(folder: Path) -> float:
    """CPU seconds that PyYAML's C loader takes to compose every file once."""
    files = [path.read_bytes() for path in sorted(folder.iterdir())]
    began = process_time()
    for content in files:
        list(yaml.compose_all(content, yaml.CSafeLoader))
    return process_time() - began


def main() -> None:
    """Plan once and print sizes, times and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="5,000 findings over 500 files")
    files = 500 if parser.parse_args().full else 50
    with tempfile.TemporaryDirectory(prefix="driftbot-plan-") as name:
        folder = Path(name)
        known = estate(folder, files)
        asked = world(known)
        lines = sum(path.read_bytes().count(b"\n") for path in folder.iterdir())
        peer = composed(folder)
        cpu, wall = process_time(), perf_counter()
        made = planned(asked, Tools(folder, ActionOptions(), lambda: NOW))
        digest = made.digest
        cpu, wall = process_time() - cpu, perf_counter() - wall
    print(f"{len(asked.lives):,} findings, {files:,} files of {lines / files:.0f} lines on average, plan {digest[:12]}")
    print(f"  {len(made.remedies):,} remedies, {len(made.held):,} held back")
    print(f"  plan     {cpu:.2f} s of CPU, {wall:.2f} s by the clock")
    print(f"  PyYAML   {peer:.2f} s of CPU to compose each file once; ratio {cpu / peer:.1f}")
    for held in made.held[:3]:
        print(f"  held: {'; '.join(hold.reason for hold in held.holds)}")


if __name__ == "__main__":
    main()
