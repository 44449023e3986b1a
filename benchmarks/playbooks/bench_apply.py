"""Files of one repository planned for, applied and pushed to a bare remote on the same disk; plain git as the peer.

    python -m benchmarks.playbooks.bench_apply [--files 1000] [--branches 100]

One finding a file. First all of them in one remedy (``together: repository``): planned, kept in a store, held against
the guards again, applied by the runner with its journal: one commit on one branch. Then ``--branches`` of them each on
a branch of its own, one run after another. The peer writes the same bytes into a working tree, then ``git add``,
``commit`` and ``push``. Seconds by the clock, since git's processes and the disk are waited for, and CPU seconds of
driftbot and of git together; the trees of both commits are compared.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from benchmarks.playbooks.bench_git_change import git
from benchmarks.playbooks.bench_plan import NOW, Known, estate, lives, world
from driftbot.actions.action import Tools
from driftbot.actions.branch_intent import branch_of
from driftbot.actions.git_change_options import GitChangeOptions, RepositoryOptions
from driftbot.actions.options import ActionOptions
from driftbot.core.history import FindingLife
from driftbot.core.plan import Plan
from driftbot.core.run import Run, RunState
from driftbot.playbooks.document import PlaybookDocument
from driftbot.playbooks.together import Together
from driftbot.plugins import actions
from driftbot.remedies.acting import perform, ready
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import TERM, Journal
from driftbot.remedies.planning import PlanningWorld
from driftbot.remedies.reach import planned
from driftbot.remedies.runner import Runner
from driftbot.store.store import Store

BUDGET = 30.0
"""Seconds by the clock for 1,000 edits of one repository."""

KEY = "resources.limits.memory"
EXPECTED = frozenset({RunState.WAITING})
"""Where a run stands whose branch was pushed: it waits for people to merge it."""


@dataclass
class Measured:
    """Seconds by the clock and of CPU (git's processes included), by what was done."""

    rows: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def took(self, name: str) -> Iterator[None]:
        """Keep what the block takes."""
        clock, cpu = perf_counter(), sum(os.times()[:4])
        yield
        self.rows[name] = perf_counter() - clock, sum(os.times()[:4]) - cpu


def repository(folder: Path, files: int) -> tuple[Path, Known]:
    """A clone with a remote, and the facts of its manifests."""
    clone = folder / "clone"
    clone.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main", "up.git")
    git(clone, "init", "-q", "-b", "main")
    known = estate(clone, files)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "The shop")
    git(clone, "remote", "add", "origin", str(folder / "up.git"))
    git(clone, "push", "-q", "origin", "main")
    return clone, known


def one_a_file(known: Known) -> tuple[FindingLife, ...]:
    """The first finding of each file about the memory's limit."""
    found: dict[str, FindingLife] = {}
    for life in lives(known):
        (evidence,) = life.finding.evidence
        if evidence.name == KEY:
            found.setdefault(evidence.origins[0].locator, life)
    return tuple(found.values())


def asked(known: Known, found: tuple[FindingLife, ...], together: Together) -> PlanningWorld:
    """A world in which the playbook makes commits."""
    whole = world(known)
    name = KEY.replace(".", "-")
    document = whole.circumstances.playbooks[name].model_dump(by_alias=True, exclude_unset=True)
    document["steps"] = [{**step, "action": "git_change"} for step in document["steps"]]
    playbook = PlaybookDocument.model_validate({**document, "together": together})
    verdicts = {life.finding.fingerprint: life.finding.verdict for life in found}
    circumstances = replace(whole.circumstances, playbooks={name: playbook}, verdicts=verdicts)
    return replace(whole, lives=found, circumstances=circumstances)


def applied(store: Store, plan: Plan, tools: Tools, circumstances: PlanningWorld) -> tuple[Run, ...]:
    """What ``driftbot apply`` does with a plan that is kept."""
    choice = store.plan(plan.digest)
    assert choice is not None
    standing = ready(choice, "sofia", store, circumstances.circumstances)
    with store.acting("benchmark", NOW, TERM) as lease:
        journal = Journal(store, lease, tools.clock, tools.boundary)
        runner = Runner(journal, Effects(actions(), tools), tools.clock, tools.stopped)
        return perform(runner, standing.going, "sofia", lambda _run: None)


def plain(clone: Path, bodies: dict[str, bytes], branch: str) -> str:
    """Plain git does the same; the tree of its commit."""
    git(clone, "checkout", "-q", "-B", branch, "main")
    for path, body in bodies.items():
        (clone / path).write_bytes(body)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "Raise the limits")
    git(clone, "push", "-q", "origin", branch)
    return git(clone, "rev-parse", "HEAD^{tree}")


def bodies_of(clone: Path, plan: Plan) -> list[dict[str, bytes]]:
    """What each remedy of a plan makes of the files."""
    intents = [branch_of(step) for remedy in plan.remedies for step in remedy.steps]
    return [{file.path: file.intent.made((clone / file.path).read_bytes()) for file in one.files} for one in intents]


def main() -> int:
    """Print the table; 1 where the target is missed or the bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--branches", type=int, default=100)
    sizes = parser.parse_args()
    measured = Measured()
    with tempfile.TemporaryDirectory(prefix="driftbot-apply-") as name:
        same = _measure(Path(name), sizes.files, sizes.branches, measured)
    return report(measured, sizes.files, sizes.branches, same)


def _measure(folder: Path, files: int, branches: int, measured: Measured) -> bool:
    clone, known = repository(folder, files)
    found = one_a_file(known)
    reach = ActionOptions(git_change=GitChangeOptions(repositories=(RepositoryOptions(),)))
    tools = Tools(clone, reach, lambda: NOW)
    with Store.open(f"sqlite:///{folder / 'driftbot.db'}") as store:
        together = asked(known, found, Together.REPOSITORY)
        with measured.took("plan, one remedy"):
            plan = planned(together, replace(tools, cache={}))
            store.keep_plan(plan)
        with measured.took("apply, one commit"):
            runs = applied(store, plan, tools, together)
        assert [run.state for run in runs] == [RunState.WAITING], [run.told for run in runs]
        alone = asked(known, found[:branches], Together.FINDING)
        with measured.took("plan, each alone"):
            many = planned(alone, replace(tools, cache={}))
            store.keep_plan(many)
        with measured.took("apply, each its branch"):
            runs = applied(store, many, tools, alone)
        assert {run.state for run in runs} == EXPECTED and len(runs) == branches, [run.told for run in runs]
    (whole,), single = bodies_of(clone, plan), bodies_of(clone, many)
    with measured.took("plain git, one commit"):
        tree = plain(clone, whole, "plain")
    with measured.took("plain git, each its branch"):
        for number, bodies in enumerate(single):
            plain(clone, bodies, f"plain-{number}")
    branch = branch_of(plan.remedies[0].steps[0]).branch
    return tree == git(folder / "up.git", "rev-parse", f"{branch}^{{tree}}") and len(whole) == files


def report(measured: Measured, files: int, branches: int, same: bool) -> int:
    """The table, and 1 where the target is missed."""
    print(f"{files:,} files edited in one commit; {branches:,} on a branch each; bare remote, same disk")
    for name, (clock, cpu) in measured.rows.items():
        print(f"{name:28} {clock:8.2f} s by the clock {cpu:8.2f} s of CPU")
    rows = measured.rows
    one = rows["plan, one remedy"][0] + rows["apply, one commit"][0]
    print(f"one commit, planned and applied: {one:.1f} s, {one / rows['plain git, one commit'][0]:.1f} × plain git")
    alone = rows["apply, each its branch"][0]
    each = f"{alone / branches * 1e3:.0f} ms each, {alone / rows['plain git, each its branch'][0]:.1f} × plain git"
    print(f"branches one after another: {each}")
    late = one > BUDGET
    print(f"within {BUDGET:.0f} s: {'NO' if late else 'yes'}; the same bytes: {'yes' if same else 'NO'}")
    return int(late or not same)


if __name__ == "__main__":
    sys.exit(main())
