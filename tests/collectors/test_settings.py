"""Settings: golden cases, and everything wrong with a declaration said when it is loaded."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from driftbot.collectors.settings import SettingsOptions, collector
from driftbot.core.coverage import is_absent
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Unit
from tests.collectors.collector_case import read, stated

FIXTURES = Path(__file__).parents[2] / "fixtures" / "settings"
CASES = sorted(FIXTURES.glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_files_say_what_their_case_says(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    reading = read(collector, case["options"], case["files"])
    assert stated(reading) == case["reading"]
    vocabulary = Vocabulary(collector.keys(SettingsOptions.model_validate(case["options"])))
    for fact in reading.facts:
        assert getattr(fact.value, "unit", None) == vocabulary.get(fact.subject.kind, fact.key).unit


def options(**changes):
    value = {"key": "timeout.request", "at": "$.timeout", "unit": "seconds"}
    extraction = {"files": ["a.yaml"], "subject": "service", "name": "{file.stem}", "values": [value | changes]}
    return {"path": "config", "extract": [extraction]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "Timeout"}, "'Timeout' is no key"),
        ({"at": "timeout"}, r"'timeout' is no JSONPath: .*; a path begins with \$"),
        ({"at": "$.a["}, "is no JSONPath"),
        ({"unit": None}, "a quantity needs a unit"),
        ({"type": "text"}, "a quantity needs a unit"),
        ({"type": "series"}, "not series"),
        ({"default": "soon"}, "'soon' is not a quantity in seconds"),
        ({"zero": "default"}, "there is no default"),
        ({"zero": "infinite"}, "unlimited"),
        ({"unti": "seconds"}, "unti"),
    ],
)
def test_a_wrong_value_is_a_load_error(changes, message):
    with pytest.raises(ValidationError, match=message):
        SettingsOptions.model_validate(options(**changes))


@pytest.mark.parametrize("name", ["{nmae}", "{file.suffix}", "{$.[}"])
def test_a_wrong_placeholder_is_a_load_error(name):
    wrong = options()
    wrong["extract"][0]["name"] = name
    with pytest.raises(ValidationError, match=r"is no placeholder; write \{key\}, \{file\.path\}"):
        SettingsOptions.model_validate(wrong)


def test_the_declaration_is_the_vocabulary():
    declared = options(meaning="how long a caller waits", default="5s", zero="unlimited")
    (key,) = collector.keys(SettingsOptions.model_validate(declared))
    assert (key.subject_kind, key.name, key.unit) == ("service", "timeout.request", Unit.SECONDS)
    assert key.meaning == "how long a caller waits; 5s where nothing is written; 0 means unlimited"
    assert collector.keys(None) == ()


def test_a_dead_query_leaves_only_its_own_key_in_doubt():
    both = options()
    both["extract"][0]["values"].append({"key": "retries", "at": "$.tpyo", "unit": "count"})
    coverage = read(collector, both, {"a.yaml": "timeout: 5s"}).coverage
    assert is_absent(coverage, "production", "service", "timeout.request")
    assert not is_absent(coverage, "production", "service", "retries")
