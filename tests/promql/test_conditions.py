"""Golden cases: ``fixtures/promql/conditions/<case>.yaml``, one expression a file."""

from pathlib import Path

import pytest
import yaml

from driftbot.promql.condition import Condition, conditions
from driftbot.promql.expression import NotPromQL, canonical, parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "promql" / "conditions"
CASES = sorted(FIXTURES.glob("*.yaml"))


def stated(condition: Condition) -> dict[str, object]:
    optional = {
        "threshold": condition.threshold,
        "against": condition.against,
        "joins": [str(join) for join in condition.joins],
        "windows": list(condition.windows),
        "unit": condition.unit and str(condition.unit),
        "caveat": condition.caveat,
    }
    always = {
        "measured": condition.measured,
        "comparison": str(condition.comparison),
        "metrics": list(condition.metrics),
    }
    return always | {name: value for name, value in optional.items() if value not in (None, "", [])}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_expression_is_taken_apart_as_its_case_says(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "refused" in case:
        with pytest.raises(NotPromQL) as error:
            parse(case["expression"])
        assert str(error.value) == case["refused"]
        return
    assert canonical(case["expression"]) == case["canonical"]
    assert [stated(condition) for condition in conditions(parse(case["expression"]))] == case["conditions"]


def test_the_canonical_form_is_its_own_canonical_form():
    for path in CASES:
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "canonical" in case:
            assert canonical(case["canonical"]) == case["canonical"]
