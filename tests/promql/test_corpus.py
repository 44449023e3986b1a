"""All 1,887 alert rules of the public collections are taken apart, or named with the reason."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.alerts.classes import PAGE, page
from benchmarks.alerts.corpus import public_rules
from driftbot.promql.condition import conditions
from driftbot.promql.expression import NotPromQL, canonical, parse

pytestmark = pytest.mark.corpus


def test_all_rules_of_the_corpus_are_taken_apart(capsys):
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    refused: list[str] = []
    comparisons: Counter[str] = Counter()
    rules = 0
    for path in sorted(Path(folder, "alerts").glob("*.rules.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            rules += 1
            text = str(json.loads(line)["expr"])
            try:
                found = conditions(parse(text))
            except NotPromQL as error:
                refused.append(f"{path.stem}: {text}: {error}")
                continue
            assert canonical(canonical(text)) == canonical(text)
            comparisons.update(each.comparison + (" constant" if each.threshold is not None else "") for each in found)
    with capsys.disabled():
        print(f"\n{rules} rules, {len(refused)} refused, {comparisons.total()} conditions: {dict(comparisons)}")
    assert rules == 1887
    assert refused == []


def test_the_table_of_classes_is_up_to_date():
    folder = os.environ.get("DRIFTBOT_CORPUS")
    if not folder:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    assert PAGE.read_text(encoding="utf-8") == page(public_rules(Path(folder))), (
        "run python -m benchmarks.alerts.classes"
    )
