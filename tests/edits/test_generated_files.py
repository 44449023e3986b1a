"""Generated rule files, every style of YAML times every notation of a constant: the edit is right, or there is none."""

from __future__ import annotations

import codecs
import json
import os

import pytest
import yaml
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from driftbot.core.quantity import Quantity, Unit
from driftbot.edits.edit import Refused
from driftbot.edits.setting import edit_setting
from driftbot.edits.setting_file import SettingFile
from tests.edits.checker import check_one_line, check_threshold
from tests.edits.expressions import EXPRESSIONS, VALUES
from tests.edits.material import facts_of
from tests.edits.rule_files import STYLES, rule_file

TRIES = [200, pytest.param(10_000, marks=pytest.mark.campaign)]
HONEST = ("already", "computed over several lines")


def rules(draw: st.DrawFn) -> list[dict[str, object]]:
    return [
        {
            "alert": f"A{number}",
            "annotations": {"summary": draw(st.sampled_from(["over 5", "{{ $value }} > 90", 'he said: "5"', "x > 5"]))},
            "expr": draw(EXPRESSIONS),
            "for": draw(st.sampled_from(["5m", "0s", "1h30m"])),
            "labels": {"severity": "page", "limit": "5"},
        }
        for number in range(draw(st.integers(1, 3)))
    ]


@st.composite
def contents(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file's name and content."""
    written = rules(draw)
    if draw(st.integers(0, 9)) == 0:
        text = json.dumps({"groups": [{"name": "g", "rules": written}]}, indent=draw(st.sampled_from([None, 2])))
        return "rules.json", text.encode()
    text = rule_file(written, [draw(st.sampled_from(sorted(STYLES))) for _ in written])
    if draw(st.integers(0, 4)) == 0:
        text = text.replace("expr: ", "expr: &first ", 1)
        if draw(st.booleans()):
            text += "      - {alert: Other, expr: *first}\n"
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    if draw(st.integers(0, 3)) == 0:
        text = text.rstrip("\r\n")
    mark = codecs.BOM_UTF8 if draw(st.integers(0, 3)) == 0 else b""
    return "rules.yaml", mark + text.encode()


@pytest.mark.parametrize("tries", TRIES)
def test_one_number_of_one_expression_changes_or_nothing(tries):
    if tries > 200 and not os.environ.get("DRIFTBOT_CAMPAIGN"):
        pytest.skip("a long run; DRIFTBOT_CAMPAIGN=all runs it")
    patient = [HealthCheck.filter_too_much, HealthCheck.too_slow]
    given(contents(), VALUES, st.data())(
        settings(max_examples=tries, deadline=None, suppress_health_check=patient)(judge)
    )()


def judge(file: tuple[str, bytes], value: float, data: st.DataObject) -> None:
    """Ask for one edit of the file; what comes back is right, or refused for a reason that is true."""
    path, content = file
    try:
        yaml.safe_load(content)
    except yaml.YAMLError:
        assume(False)
    stated = [fact for fact in facts_of(path, content) if fact.key == "threshold"]
    assume(stated)
    fact = data.draw(st.sampled_from(stated))
    try:
        edit = edit_setting(fact, Quantity(value, Unit.COUNT), SettingFile(path, content))
    except Refused as refusal:
        assert is_honest(refusal.reason, content), (refusal.reason, content)
        event("refused")
        return
    event("edited")
    after = edit.apply(content)
    check_threshold(content, after, fact.value.value, value)
    check_one_line(content, after)
    signs = [line[0] for line in edit.diff.split("\n") if line]
    assert signs.count("-") == signs.count("+") == 2, "one line, and the name of the file"


def is_honest(reason: str, content: bytes) -> bool:
    """Whether the reason is true of the file."""
    if "also feeds" in reason:
        return b"*first" in content
    if "this threshold alone" in reason:
        return b"bool" in content
    if "in the bytes of the file" in reason:
        old = reason.split(": ", 1)[1].split(" cannot be replaced")[0].strip("'\"")
        return old.encode() not in content
    return any(honest in reason for honest in HONEST)
