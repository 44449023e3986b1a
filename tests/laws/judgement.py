"""Rules and estates made up for the laws about judging: flags and counts of workloads, some of them not readable."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from driftbot.core.body import Body
from driftbot.core.coverage import Coverage
from driftbot.core.evaluation import Evaluation
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Fact, Value
from driftbot.core.finding import Verdict, fingerprint
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Rule
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.evaluate import evaluate
from driftbot.rules.reading import read_rules
from tests.laws.estate import HALF_LOOKED, night

FLAGS = ("a", "b", "c")
COUNTS = ("x", "y")
VOCABULARY = Vocabulary(
    [
        *(Key("workload", name, ValueType.FLAG, "a flag", providers=("manifests",)) for name in FLAGS),
        *(Key("workload", name, ValueType.QUANTITY, "a count", Unit.COUNT, ("manifests",)) for name in COUNTS),
        Key("workload", "latency", ValueType.SERIES, "a series", Unit.SECONDS, ("manifests",)),
    ]
)

Known = Mapping[str, bool | float]
"""What is known of one workload; everything else could not be read."""


def rule(expect: str, identifier: str = "made-up", **more: object) -> Rule:
    """A rule with that expectation, read as any rule file is."""
    document = {
        "id": identifier,
        "title": "Made up",
        "reference": {"url": "https://example.org/book", "summary": "A page of a book."},
        "why": "It is made up.",
        "severity": "medium",
        "owner": "web",
        "for_each": "workload",
        "expect": expect,
        "message": "It is made up.",
        "cases": [{"name": "nothing known", "verdict": "unknown"}],
        **more,
    }
    book = read_rules([Body(f"laws/{identifier}.yaml", json.dumps(document).encode())], VOCABULARY)
    assert [str(problem) for problem in book.problems] == []
    (read,) = book.rules
    return read


def workload(number: int) -> Subject:
    """The n-th workload."""
    return Subject("workload", "production", f"shop/w{number:04}")


def snapshot(estate: Iterable[Known], coverage: Coverage = HALF_LOOKED) -> Snapshot:
    """A workload for each entry; each is seen (it has a label), whatever is known of it."""
    facts = [
        Fact(workload(number), key, as_value(value))
        for number, known in enumerate(estate)
        for key, value in known.items()
    ]
    lingering = tuple(workload(number) for number, known in enumerate(estate) if not known)
    return Snapshot(night(0), tuple(facts), coverage=(coverage,), lingering=lingering)


def as_value(value: bool | float) -> Value:
    """A flag, or a count."""
    return value if isinstance(value, bool) else Quantity(value, Unit.COUNT)


def judged(rules: Collection[Rule], seen: Snapshot, waivers: Mapping[str, Waiver] | None = None) -> Evaluation:
    """The engine's word, with every ``ok`` as a finding of its own."""
    watched = frozenset(fingerprint(rule.id, subject.id) for rule in rules for subject in seen.subjects())
    return evaluate(tuple(rules), VOCABULARY, seen, waivers or {}, watched)


def verdicts(rule: Rule, estate: Collection[Known], coverage: Coverage = HALF_LOOKED) -> list[Verdict]:
    """The verdict of each workload, in the order given."""
    found = {finding.subject: finding.verdict for finding in judged([rule], snapshot(estate, coverage)).findings}
    return [found[workload(number)] for number in range(len(estate))]
