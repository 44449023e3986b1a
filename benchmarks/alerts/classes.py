"""The table of classes in docs/alert-classes.md, counted over the alert rules of the public collections.

    DRIFTBOT_CORPUS=<folder> python -m benchmarks.alerts.classes [--check]

Nothing on the page is typed by hand. `--check` writes nothing and fails where the page is out of date.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.alerts.corpus import COLLECTIONS, PublicRule, corpus, public_rules
from docs.render.markdown import table
from driftbot.promql.classification import MEANINGS, AlertClass, Classification, classify
from driftbot.promql.condition import Comparison, Condition, Nature
from driftbot.promql.reading import read_expression
from driftbot.promql.spelling import NotPromQL

PAGE = Path(__file__).parents[2] / "docs" / "alert-classes.md"
MARK = "<!-- Rendered by `python -m benchmarks.alerts.classes` from public rules: change the code, not this page. -->"
INTRODUCTION = """\
driftbot takes every alert expression apart into its conditions and gives it one class: what kind of question it asks,
and so what a change of its number can mean. An expression that cannot be taken apart has a class as well, and is named
with its place and the reason."""
ILLUSTRATIONS = {
    AlertClass.UNREADABLE: 'rate({app="shop"} |= "error" [5m]) > 1',
    AlertClass.CONSTANT: "vector(1)",
    AlertClass.BOOLEAN: "queue_length > bool 100",
    AlertClass.NESTED: "sum by (job) (queue_length > 100)",
    AlertClass.THRESHOLD: "queue_length > 100",
    AlertClass.EQUALITY: "up == 0",
    AlertClass.AGAINST_METRIC: "queue_length > queue_limit * 0.8",
    AlertClass.ABSENT: 'absent(up{job="shop"})',
    AlertClass.PRESENT: 'ALERTS{alertname="Paused"}',
    AlertClass.BURN_RATE: "errors:ratio_rate1h > 14.4 * 0.001 and errors:ratio_rate5m > 14.4 * 0.001",
    AlertClass.BAND: "1 < replicas < 3",
    AlertClass.EXCEPTION: "queue_length > 100 unless on (job) paused == 1",
    AlertClass.ALTERNATIVES: "queue_length > 100 or queue_age_seconds > 60",
    AlertClass.GUARDED: "errors / requests > 0.01 and requests > 0",
    AlertClass.CONJUNCTION: "queue_length > 100 and queue_age_seconds > 60",
    AlertClass.MIXED: "queue_length > 100 and queue_age_seconds > 60 or up == 0",
}
SCALABLE = frozenset({Comparison.ABOVE, Comparison.AT_LEAST, Comparison.BELOW, Comparison.AT_MOST})


def page(rules: Iterable[PublicRule]) -> str:
    """The whole page."""
    classified = [(rule, classify(rule.expression)) for rule in rules]
    read = [rule for rule, found in classified if found.alert_class is not AlertClass.UNREADABLE]
    return "\n\n".join(
        (
            "# Classes of alert expressions",
            MARK,
            INTRODUCTION,
            table(("Class", "Meaning", "For instance"), _illustrated()),
            f"{len(read):,} of {len(classified):,} rules of {len(COLLECTIONS)} public collections are taken apart:",
            _counts(classified),
            "## Numbers that can be tuned",
            _tunable(read),
        )
    ) + "\n"  # fmt: skip


Classified = list[tuple[PublicRule, Classification]]


def _counts(classified: Classified) -> str:
    of_collection = Counter((found.alert_class, rule.collection) for rule, found in classified)
    of_class = Counter(found.alert_class for _, found in classified)
    rows = [
        (name, *(_number(of_collection[name, one]) for one in COLLECTIONS), _number(of_class[name]), _share(count))
        for name in AlertClass
        for count in [of_class[name] / max(len(classified), 1)]
    ]
    sizes = Counter(rule.collection for rule, _ in classified)
    total = ("**all**", *(f"{sizes[one]:,}" for one in COLLECTIONS), f"{len(classified):,}", "")
    return table(("Class", *COLLECTIONS, "All", "Share"), [*rows, total])


def _illustrated() -> list[tuple[str, str, str]]:
    for name, text in ILLUSTRATIONS.items():
        if (found := classify(text)).alert_class is not name:
            raise SystemExit(f"{text} illustrates {name}, but it is {found.alert_class}: {found.because}")
    return [(name, meaning, f"`{ILLUSTRATIONS[name]}`") for name, meaning in MEANINGS.items()]


def _tunable(rules: Iterable[PublicRule]) -> str:
    found = [condition for rule in rules for condition in conditions_of(rule)]
    kinds = Counter(
        "no number: present, absent, against another side"
        if condition.threshold is None
        else "equal, not equal: a state"
        if condition.comparison not in SCALABLE
        else "0: any at all"
        if condition.threshold == 0
        else "a number to tune"
        for condition in found
        if condition.nature is not Nature.CONSTANT
    )
    rows = [(kind, f"{count:,}") for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]
    return f"{len(found):,} conditions; what they are compared with:\n\n" + table(("Compared with", "Conditions"), rows)


def conditions_of(rule: PublicRule) -> tuple[Condition, ...]:
    """The conditions of a rule, none where it cannot be read."""
    try:
        return read_expression(rule.expression).conditions
    except NotPromQL:
        return ()


def _number(count: int) -> str:
    return f"{count:,}" if count else "–"


def _share(part: float) -> str:
    return f"{part:.1%}" if part else "–"


def main() -> int:
    """Write the page, or with ``--check`` compare it; 1 where it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check, text = parser.parse_args().check, page(public_rules(corpus()))
    present = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name} {'is up to date' if present == text else 'is out of date' if check else 'written'}")
    return int(check and present != text)


if __name__ == "__main__":
    sys.exit(main())
