"""20,000 alert rules parsed, classified and compared on one core, as a ratio to the plain parse of their expressions.

    python -m benchmarks.alerts.bench_alerts [--rules 20000] [--edited 0.05]

The rules are those of a made-up estate, no two expressions alike, so that nothing is read twice; a share of them has
been edited since. The peer is the parser alone, on the same texts, in the same run.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import promql_parser

from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.promql.classification import class_of
from driftbot.promql.reading import read_expression

BUDGET = 10.0
"""Seconds of CPU that 20,000 rules may take."""
SEED = 20260801
SHAPES = (
    'sum by (job) (rate(http_requests_total{{job="{name}",code=~"5.."}}[{window}])) > {number}',
    'sum(rate(errors_total{{job="{name}"}}[{window}])) / sum(rate(requests_total{{job="{name}"}}[{window}])) > {share}',
    'histogram_quantile(0.99, sum by (le) (rate(http_duration_seconds_bucket{{job="{name}"}}[{window}]))) > {share}',
    'up{{job="{name}"}} == 0',
    'absent(up{{job="{name}"}} == 1)',
    'queue_length{{job="{name}"}} > {number} and on (job) consumers{{job="{name}"}} > 0',
    'node_filesystem_avail_bytes{{host="{name}"}} / node_filesystem_size_bytes{{host="{name}"}} * 100 < {number}',
    'predict_linear(node_filesystem_free_bytes{{host="{name}"}}[6h], 4 * 60 * 60) < 0 unless on (host) paused == 1',
    'errors:ratio_rate1h{{slo="{name}"}} > 14.4 * {share} and errors:ratio_rate5m{{slo="{name}"}} > 14.4 * {share}',
    '1 < replicas{{app="{name}"}} < {number}',
    'max_over_time(queue_age_seconds{{job="{name}"}}[{window}]) > on (job) queue_limit_seconds{{job="{name}"}}',
    'time() - last_success_timestamp_seconds{{job="{name}"}} > 60 * 60 * {number}',
)


@dataclass(frozen=True)
class Written:
    """A rule as its file says, durations in seconds."""

    name: str
    expression: str
    hold: float
    severity: str


def estate(count: int) -> list[Written]:
    """Rules of every shape by turns, no two expressions alike."""
    dice = random.Random(SEED)
    return [
        Written(
            f"Alert{number}",
            SHAPES[number % len(SHAPES)].format(
                name=f"service-{number}",
                window=dice.choice(("5m", "10m", "1h")),
                number=dice.randint(2, 900),
                share=dice.randint(1, 99) / 1000,
            ),
            dice.choice((0.0, 300.0, 900.0)),
            dice.choice(("page", "warning", "info")),
        )
        for number in range(count)
    ]


def edited(rules: list[Written], share: float) -> Iterator[Written]:
    """The rules some time later: another number, twice as long a ``for``, or a milder severity in a share of them."""
    dice = random.Random(SEED + 1)
    for rule in rules:
        if dice.random() >= share:
            yield rule
        elif dice.random() < 0.5:
            yield replace(rule, expression=f"{rule.expression}0" if rule.expression[-1].isdigit() else rule.expression)
        else:
            yield replace(rule, hold=2 * rule.hold + 60)


def defined(rules: list[Written]) -> list[AlertDefinition]:
    """Every rule read."""
    return [definition(rule.name, rule.expression, rule.hold, 0.0, rule.severity) for rule in rules]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and the seconds of CPU it takes."""
    gc.collect()
    started = process_time()
    result = work()
    return result, process_time() - started


def main() -> int:
    """Print the table; 1 where 20,000 rules are over their budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=20_000)
    parser.add_argument("--edited", type=float, default=0.05)
    options = parser.parse_args()
    rules = estate(options.rules)
    later = list(edited(rules, options.edited))
    _, plain = timed(lambda: [promql_parser.parse(rule.expression) for rule in rules])
    read_expression.cache_clear()
    old, reading = timed(lambda: defined(rules))
    classes, classifying = timed(lambda: Counter(class_of(one.conditions).alert_class for one in old))
    new, again = timed(lambda: defined(later))
    found, comparing = timed(lambda: [changes(before, after) for before, after in zip(old, new, strict=True)])
    whole = reading + classifying + again + comparing
    differing = sum(map(bool, found))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(rules):,} rules, {len({rule.expression for rule in rules}):,} expressions, {differing:,} changed since"
    )
    print(f"plain parse               {plain:6.2f} s CPU")
    for name, seconds in (
        ("parsed, taken apart", reading),
        ("classified", classifying),
        ("the later rules read", again),
        ("compared", comparing),
        ("all of it", whole),
    ):
        print(f"{name:25} {seconds:6.2f} s CPU  {seconds / plain:5.2f} × plain parse")
    print(
        f"peak memory {memory:.0f} MB; classes: {', '.join(f'{name} {count}' for name, count in classes.most_common())}"
    )
    print(f"budget: {BUDGET:.0f} s for 20,000 rules")
    return int(whole > BUDGET * options.rules / 20_000)


if __name__ == "__main__":
    sys.exit(main())
