"""Alert files: golden cases, real monthly trees against promtool, and places that re-parse."""

import os
import re
import shutil
import subprocess
import tarfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors.alert_files import AlertFileOptions, collector
from driftbot.collectors.collector import Context
from driftbot.core.coverage import is_absent
from driftbot.core.fact import show
from driftbot.core.key import Vocabulary
from driftbot.core.snapshot import Reading
from driftbot.promql.reading import read_expression
from driftbot.tape.live import LiveTape
from tests.collectors.collector_case import read, stated

FIXTURES = Path(__file__).parents[2] / "fixtures" / "alert_files"
CASES = sorted(FIXTURES.glob("*.yaml"))
MONTHS = "alerts/wikimedia-operations-alerts-monthly.tar.xz"
NEWEST = "2026-08"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_files_say_what_their_case_says(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    reading = read(collector, case["options"], case["files"])
    assert stated(reading) == case["reading"]
    assert_declared(reading)


def assert_declared(reading: Reading) -> None:
    """Every fact has a key of its type and unit, and every kind its coverage."""
    vocabulary = Vocabulary(collector.keys(None))
    for fact in reading.facts:
        key = vocabulary.get(fact.subject.kind, fact.key)
        assert getattr(fact.value, "unit", None) == key.unit
    assert {entry.kind for entry in reading.coverage} == {"alert", "condition", "recording_rule"}


def test_no_key_is_a_dotted_prefix_of_another():
    keys = collector.keys(None)
    for kind in {key.subject_kind for key in keys}:
        names = {key.name for key in keys if key.subject_kind == kind}
        assert [name for name in names if any(other.startswith(f"{name}.") for other in names)] == []


def test_an_absent_runbook_is_known_to_be_absent_only_if_every_file_was_read():
    good = {"a.yaml": "groups: [{name: g, rules: [{alert: A, expr: a > 1}]}]"}
    for files, absent in ((good, True), (good | {"b.yaml": "a: b: c"}, False)):
        coverage = read(collector, {"path": "rules"}, files).coverage
        assert is_absent(coverage, "production", "alert", "runbook") is absent


def test_an_interval_that_is_no_duration_is_a_load_error():
    with pytest.raises(ValueError, match="'often' is not a quantity in seconds"):
        AlertFileOptions(path="rules", evaluation_interval="often")


NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=6)
HOLDS = st.sampled_from(["1m", "1h30m", "90s", "2d"])


@given(
    rules=st.lists(st.tuples(NAMES, st.integers(-50, 50), HOLDS), min_size=1, max_size=5),
    flow=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_bytes_of_a_fact_are_its_value(rules, flow, line_end):
    entries = [
        {"alert": name, "expr": f'x{{label="{name}"}} > {threshold}', "for": hold} for name, threshold, hold in rules
    ]
    group = {"groups": [{"name": "größe", "rules": entries}]}
    text = yaml.safe_dump(group, default_flow_style=flow, allow_unicode=True).replace("\n", line_end)
    reading = read(collector, {"path": "rules"}, {"a.yaml": text})
    held = [fact for fact in reading.facts if fact.key in {"hold", "expression"}]
    assert len(held) == 2 * len(rules)
    for fact in held:
        written = yaml.safe_load(text.encode()[fact.origin.start : fact.origin.end])
        assert (
            read_expression(written).canonical == fact.value
            if fact.key == "expression"
            else written in {h for _, _, h in rules}
        )


@pytest.fixture(scope="module")
def newest_month(tmp_path_factory) -> Path:
    corpus = os.environ.get("DRIFTBOT_CORPUS")
    if not corpus:
        pytest.skip("DRIFTBOT_CORPUS does not name the folder of public material")
    folder = tmp_path_factory.mktemp("months")
    with tarfile.open(Path(corpus, MONTHS)) as archive:
        wanted = [member for member in archive if member.name.removeprefix("./").startswith(NEWEST)]
        archive.extractall(folder, members=wanted, filter="data")
    return folder


@pytest.mark.corpus
def test_the_newest_month_is_read_whole(newest_month):
    reading = scan(newest_month)
    subjects = {fact.subject for fact in reading.facts}
    assert Counter(subject.kind for subject in subjects)["alert"] == 669
    assert all(entry.complete for entry in reading.coverage)
    assert_declared(reading)
    for fact in reading.facts:
        if fact.key == "expression":
            content = (newest_month / fact.origin.locator).read_bytes()
            written = str(yaml.safe_load(content[fact.origin.start : fact.origin.end]))
            assert read_expression(written).canonical == show(fact.value)


@pytest.mark.corpus
@pytest.mark.server
def test_promtool_counts_as_many_rules(newest_month):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (package prometheus) is not installed")
    files = sorted(map(str, newest_month.glob(f"{NEWEST}/team-*/*.yaml")))
    done = subprocess.run(
        [promtool, "check", "rules", "--lint=none", *files], capture_output=True, text=True, check=True
    )
    counted = sum(int(number) for number in re.findall(r"SUCCESS: (\d+) rules found", done.stdout))
    subjects = {fact.subject for fact in scan(newest_month).facts if fact.subject.kind != "condition"}
    assert len(subjects) == counted > 600


def scan(folder: Path) -> Reading:
    context = Context("wikimedia", "production", datetime(2026, 9, 1, tzinfo=UTC), LiveTape(folder))
    return collector.read(AlertFileOptions(path=NEWEST), context)


RULES = """
groups:
  - name: web
    rules:
      - {alert: SLOW, expr: latency > 1}
"""


@pytest.mark.parametrize(
    ("files", "absent"),
    [
        pytest.param({}, True, id="everything was read"),
        pytest.param({"b.yaml": "groups:\n\t- x\n"}, True, id="another file broke"),
        pytest.param({"a.yaml": RULES.replace("SLOW", "Slow") + "---\na: {{ b }}\n"}, False, id="its own file broke"),
    ],
)
def test_an_alert_that_was_read_has_no_runbook_whatever_another_file_holds(files, absent):
    reading = read(collector, {"path": "."}, {"a.yaml": RULES.replace("SLOW", "Slow"), **files})
    told = {fact.origin.source for fact in reading.facts}
    (name,) = {fact.subject.name for fact in reading.facts if fact.subject.kind == "alert"}
    (environment,) = {fact.subject.environment for fact in reading.facts}
    assert is_absent(reading.coverage, environment, "alert", "runbook", name, told) is absent
    assert is_absent(reading.coverage, environment, "alert", "runbook", "other", set()) is (not files)
