"""The engine: 100 rules with one series measure each over 10,000 subjects, findings built; and cost against size.

The peer is CEL itself, evaluated subject by subject on the very same columns, in the same run.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter, process_time

import numpy as np
from cel_expr_python import cel

from driftbot.core.body import Body
from driftbot.core.coverage import Coverage
from driftbot.core.evaluation import Evaluation
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Rule
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.compute import Computation
from driftbot.engine.evaluate import evaluate
from driftbot.engine.table import tables
from driftbot.rules.expression import Measure
from driftbot.rules.program import compile_rule
from driftbot.rules.reading import read_rules

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86400.0
RULES, SUBJECTS, SERIES_KEYS, SAMPLES = 100, 10_000, 4, 720
DRIFT, UNREAD = 0.01, 0.01
MEASURES = ("max", "min", "mean", "median", "stddev", "last", "quantile(0.5,", "quantile(0.9,", "quantile(0.99,")
WINDOWS = ("7d", "14d", "30d")

RULE = """
id: {name}
title: Jobs finish well inside their deadline ({name})
reference: {{url: "https://example.org/deadlines", summary: Deadlines leave room.}}
why: A job that is killed at its deadline has usually grown for months in plain sight.
numbers: {{0.7: ours}}
severity: high
owner: data-platform
for_each: job
where: self.labels.tier == "1"
let:
  deadline: self.timeout.deadline
  worst: self.duration{key}.{measure}
expect: worst <= 0.7 * deadline
message: "{{worst}} of {{deadline}} used"
recommend:
  timeout.deadline: 1.5 * worst
cases:
  - {{name: nothing measured, labels: {{tier: "1"}}, verdict: unknown}}
"""


def vocabulary(fact_keys: int = 0) -> Vocabulary:
    """The deadline, the measured durations, and as many plain facts as asked for."""
    seconds = [Key("job", "timeout.deadline", ValueType.QUANTITY, "when a job is killed", Unit.SECONDS)]
    measured = [
        Key("job", f"duration{n}", ValueType.SERIES, "how long a run takes", Unit.SECONDS) for n in range(SERIES_KEYS)
    ]
    plain = [Key("job", f"setting{n}", ValueType.QUANTITY, "a setting", Unit.COUNT) for n in range(fact_keys)]
    return Vocabulary([*seconds, *measured, *plain])


def rules(words: Vocabulary) -> tuple[Rule, ...]:
    """A hundred rules of the design's shape, no two with the same measure."""
    pairs = [(key, measure, window) for key in range(SERIES_KEYS) for measure in MEASURES for window in WINDOWS]
    bodies = []
    for number, (key, measure, window) in enumerate(pairs[:RULES]):
        name = f"deadline-{number}"
        call = f'{measure} "{window}")' if "(" in measure else f'{measure}("{window}")'
        bodies.append(Body(f"{name}.yaml", RULE.format(name=name, key=key, measure=call).encode()))
    book = read_rules(bodies, words)
    assert not book.problems, book.problems[0]
    return book.rules


def estate() -> Snapshot:
    """Jobs with a deadline and hourly samples of thirty days each; some drift, some were not measured."""
    random = np.random.default_rng(20260101)
    times = AS_OF.timestamp() - 3600.0 * np.arange(SAMPLES - 1, -1, -1, dtype=np.float64)
    subjects = [Subject("job", "production", f"shop/job-{n:05}", (("tier", "1"),)) for n in range(SUBJECTS)]
    facts = tuple(
        Fact(
            subject,
            "timeout.deadline",
            Quantity(7200.0, Unit.SECONDS),
            View.DECLARED,
            origin=Origin("files", "a.yaml", 1),
        )
        for subject in subjects
    )
    series = []
    for subject in subjects:
        fate = random.random()
        if fate < UNREAD:
            continue
        level = 6000.0 if fate < UNREAD + DRIFT else 2400.0
        for key in range(SERIES_KEYS):
            values = level + random.normal(0.0, 60.0, SAMPLES)
            series.append(Series(subject, f"duration{key}", times.copy(), values))
    return Snapshot(AS_OF, facts, tuple(series), (Coverage("files", "production", "job"),))


def peer(judged: Sequence[Rule], snapshot: Snapshot) -> float:
    """CPU seconds for CEL alone to judge the same subjects with everything measured beforehand, no finding built."""
    environment = cel.NewEnv(variables={"tier": cel.Type.STRING, "worst": cel.Type.DOUBLE, "deadline": cel.Type.DOUBLE})
    programs = [environment.compile('tier == "1" ? worst <= 0.7 * deadline : true') for _ in judged]
    names = len({fact.subject for fact in snapshot.facts})
    data = [{"tier": "1", "worst": 2400.0 + number, "deadline": 7200.0} for number in range(names)]
    before = process_time()
    for values in data:
        activation = environment.Activation(values)
        for program in programs:
            program.eval(activation).value()
    return process_time() - before


def judging(judged: Sequence[Rule], words: Vocabulary, snapshot: Snapshot) -> float:
    """CPU seconds for driftbot to judge alone: everything measured beforehand, no finding built, as for the peer."""
    table = tables(snapshot, frozenset({"job"}))["job"]
    programs = [program for program, _ in (compile_rule(rule, words) for rule in judged) if program]
    nodes = [node for program in programs for node in program.nodes()]
    table.statistics.prepare(node for node in nodes if isinstance(node, Measure))
    before = process_time()
    for program in programs:
        computation = Computation(table, dict(program.lets))
        assert program.where is not None
        computation.column(program.where)
        computation.column(program.expect)
    return process_time() - before


def fact_estate(facts: int, keys: int) -> tuple[tuple[Rule, ...], Vocabulary, Snapshot]:
    """Ten settings for each of many jobs, and ten rules about them."""
    words = vocabulary(keys)
    text = RULE.replace("worst: self.duration{key}.{measure}", "worst: self.setting{key}").replace(
        "worst <= 0.7 * deadline", "worst < 1000"
    )
    text = text.replace("numbers: {{0.7: ours}}\n", "").replace("recommend:\n  timeout.deadline: 1.5 * worst\n", "")
    text = text.replace("  deadline: self.timeout.deadline\n", "").replace(" of {{deadline}}", "")
    bodies = [Body(f"setting-{n}.yaml", text.format(name=f"setting-{n}", key=n).encode()) for n in range(keys)]
    book = read_rules(bodies, words)
    assert not book.problems, book.problems[0]
    return book.rules, words, Snapshot(AS_OF, tuple(_settings(facts, keys)), (), (Coverage("files", "p", "job"),))


def _settings(facts: int, keys: int) -> Iterator[Fact]:
    for number in range(facts // keys):
        subject = Subject("job", "p", f"shop/job-{number:06}", (("tier", "1"),))
        for key in range(keys):
            value = Quantity(float(number % 1010), Unit.COUNT)
            yield Fact(subject, f"setting{key}", value, origin=Origin("files", "a.yaml", number))


def judged(label: str, rules: Sequence[Rule], words: Vocabulary, snapshot: Snapshot) -> tuple[float, Evaluation]:
    """Evaluate once and print what it took."""
    before, processor = perf_counter(), process_time()
    evaluation = evaluate(rules, words, snapshot)
    seconds, processor = perf_counter() - before, process_time() - processor
    verdicts = {name: sum(getattr(tally, name) for tally in evaluation.tallies) for name in ("ok", "drift", "unknown")}
    stopped = [tally for tally in evaluation.tallies if tally.stopped]
    assert not stopped, stopped[0].stopped
    found = f"{evaluation.checks:,} judgements {verdicts}, {len(evaluation.findings):,} findings"
    print(f"{label}: {seconds:.2f} s ({processor:.2f} s of CPU); {found}")
    return seconds, evaluation


def peak() -> float:
    """Peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print sizes, times, memory and ratios; exit 1 when the targets of issue 2 are missed."""
    print(f"{RULES} rules × {SUBJECTS:,} subjects, {SERIES_KEYS} series keys × {SAMPLES} samples")
    before = perf_counter()
    words = vocabulary()
    book = rules(words)
    print(f"reading and checking {len(book)} rules: {perf_counter() - before:.2f} s")
    snapshot = estate()
    print(f"{len(snapshot.series):,} series, {sum(len(s.times) for s in snapshot.series):,} samples; {peak():.0f} MB")
    seconds, _ = judged("driftbot, measures and findings included", book, words, snapshot)
    memory = peak()
    print(f"peak memory {memory:.0f} MB")
    alone = peer(book, snapshot)
    print(f"CEL alone, subject by subject, measures given, no findings: {alone:.2f} s of CPU")
    same = judging(book, words, snapshot)
    print(f"driftbot alone, the same work as CEL alone: {same:.3f} s of CPU; ratio {same / alone:.3f}")
    del snapshot
    costs = {}
    for size in (10_000, 100_000, 1_000_000):
        small, words, facts = fact_estate(size, 10)
        costs[size], _ = judged(f"{size:>9,} facts", small, words, facts)
        print(f"           {costs[size] / size * 1e6:.2f} µs a fact, peak {peak():.0f} MB")
        del facts
    print(f"cost a fact, 1,000,000 against 100,000: {costs[1_000_000] / costs[100_000] / 10:.2f} (1 is linear)")
    sys.exit(0 if seconds <= 15 and memory <= 1024 else 1)


if __name__ == "__main__":
    main()
