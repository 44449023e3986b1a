"""A trial: a rule file and its tests as they are and as they would be."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from driftbot.promtool.bench import Bench, NotAsked
from driftbot.promtool.rule_tests import RuleTest, tests_of

MOST_TESTS = 20
"""Test files that are run for one change; the rest is counted."""


class Answer(StrEnum):
    """How a change fares with promtool."""

    PASSES = "passes"
    NO_TESTS = "no tests"
    BREAKS = "breaks"
    BROKEN_BEFORE = "broken before"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Trial:
    """The answer, and a sentence that says what was run and what came of it."""

    answer: Answer
    sentence: str


def try_change(root: Path, path: str, before: bytes, after: bytes, executable: str = "promtool") -> Trial:
    """Ask promtool about a rule file below ``root`` as it is and as it would be. Never raises, writes nothing there.

    Tests are the documents below ``root`` whose ``rule_files`` name the file. Resources of kind PrometheusRule are
    checked by the groups that they hold.
    """
    program = shutil.which(executable)
    if program is None:
        return Trial(Answer.NOT_ASKED, "promtool is not installed; it comes with Prometheus")
    try:
        return _tried(program, root.resolve(), _inside(path), before, after)
    except (NotAsked, OSError, ValueError) as error:
        return Trial(Answer.NOT_ASKED, f"promtool was not asked: {error}")


def _inside(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise NotAsked(f"{path} does not lie below the folder of driftbot.yaml")
    return str(parts)


def _tried(program: str, root: Path, path: str, before: bytes, after: bytes) -> Trial:
    with tempfile.TemporaryDirectory(prefix="driftbot-promtool-") as folder:
        bench = Bench(program, Path(folder), root, path)
        was, now = bench.check(before), bench.check(after)
        if was:
            still = f"and still does: {now}" if now else "and accepts it with the edit"
            return Trial(Answer.BROKEN_BEFORE, f"promtool refused the file before the edit ({was}), {still}")
        if now:
            return Trial(Answer.BREAKS, f"promtool refuses the file with the edit: {now}")
        tests = sorted(tests_of(root, path), key=lambda test: test.path)
        if not tests:
            return Trial(Answer.NO_TESTS, "promtool accepts the file; no rule test here names it")
        return _tested(bench, tests, before, after)


def _tested(bench: Bench, tests: list[RuleTest], before: bytes, after: bytes) -> Trial:
    taken = tests[:MOST_TESTS]
    left = f"; {len(tests) - len(taken)} more were not run" if len(tests) > len(taken) else ""
    results = [(test.path, bench.test(test, before), bench.test(test, after)) for test in taken]
    breaks = [f"{path} ({now})" for path, was, now in results if now and not was]
    if breaks:
        return Trial(Answer.BREAKS, f"the edit breaks {_counted(breaks, 'rule test')}{left}")
    broken = [f"{path} ({f'still: {now}' if now else 'passes with the edit'})" for path, was, now in results if was]
    if broken:
        return Trial(Answer.BROKEN_BEFORE, f"broken before the edit: {_counted(broken, 'rule test')}{left}")
    named = _counted([test.path for test in taken], "rule test")
    return Trial(Answer.PASSES, f"promtool accepts the file; before and after the edit it passes {named}{left}")


def _counted(names: list[str], noun: str) -> str:
    return f"the {noun} {names[0]}" if len(names) == 1 else f"{len(names)} {noun}s: {', '.join(names)}"
