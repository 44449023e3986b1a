"""Settings of alerts in rule files: golden diffs, golden refusals, and files that have changed since they were read."""

from __future__ import annotations

import codecs
import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from driftbot.core.fact import View
from driftbot.core.finding import Recommendation
from driftbot.core.quantity import Quantity, Unit
from driftbot.edits.edit import Refused
from driftbot.edits.setting import can_edit, edit_recommended, edit_setting
from driftbot.edits.setting_file import SettingFile
from tests.edits.checker import check_one_line, check_threshold, differences
from tests.edits.material import edited, fact, facts_of

CASES = Path(__file__).parents[2] / "fixtures" / "edits" / "setting"
UNITS = {"threshold": Unit.COUNT, "hold": Unit.SECONDS, "keep_firing": Unit.SECONDS}


def quantity(key: str, value: float) -> Quantity:
    return Quantity(float(value), UNITS[key])


def told(folder: Path) -> str:
    """What becomes of every edit that a case asks for: diffs and refusals, one after the other."""
    content = next(folder.glob("rules.*")).read_bytes()
    path = next(folder.glob("rules.*")).name
    parts = []
    for asked in yaml.safe_load((folder / "case.yaml").read_text())["edits"]:
        alert, key, value = asked["alert"], asked["key"], asked["value"]
        wanted = quantity(key, value) if key in UNITS else value
        parts.append(f"# {alert} {key} {asked.get('condition', '')}".rstrip() + f" → {value}")
        try:
            edit = edited(path, content, alert, key, wanted, asked.get("condition", 1))
        except Refused as refusal:
            parts.append(f"refused: {refusal.reason}\n")
            continue
        after = edit.apply(content)
        check_one_line(content, after)
        if key == "threshold":
            check_threshold(
                content, after, fact(path, content, alert, key, asked.get("condition", 1)).value.value, value
            )
        else:
            assert len(differences(content, after)) == 1
        parts.append(edit.diff)
    return "\n".join(parts)


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_edits_read_as_their_golden_file(folder):
    golden, found = folder / "edits.diff", told(folder)
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


RULES = b"""\
groups:
  - name: g
    rules:
      - alert: Cart
        expr: x > 5 or y > 5  # five
        for: 5m
        labels: {severity: page}
"""


@pytest.mark.parametrize(
    "content",
    [
        RULES.replace(b"\n", b"\r\n"),
        codecs.BOM_UTF8 + RULES,
        RULES.replace(b"groups", "# naïve – ünïcode 🧨\ngroups".encode()),
        RULES.rstrip(),
        b"%YAML 1.1\n---\n" + RULES + b"---\n" + RULES.replace(b"Cart", b"Mail"),
    ],
    ids=["carriage returns", "byte order mark", "beyond ASCII", "no final newline", "two documents"],
)
def test_what_surrounds_the_setting_survives_byte_for_byte(content):
    edit = edited("rules.yaml", content, "Cart", "threshold", quantity("threshold", 7), condition=2)
    assert edit.apply(content) == content.replace(b"y > 5", b"y > 7", 1)
    assert content[edit.start : edit.end] == edit.old == b"5"


def test_a_file_in_utf_16_is_edited_in_it():
    text = RULES.decode()
    content = codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    edit = edited("rules.yaml", content, "Cart", "threshold", quantity("threshold", 7))
    assert edit.apply(content) == codecs.BOM_UTF16_LE + text.replace("x > 5", "x > 7").encode("utf-16-le")
    assert "-        expr: x > 5 or y > 5  # five\n+        expr: x > 7 or y > 5  # five\n" in edit.diff


def recommended(content: bytes, key: str, value: object, stated: bytes = RULES, condition: int = 1) -> str:
    """The new bytes of a recommendation's edit where the file is ``content`` now and was ``stated`` at the scan."""
    subject = fact("rules.yaml", stated, "Cart", key, condition).subject
    facts = [one for one in facts_of("rules.yaml", stated) if one.subject == subject]
    edit, read = edit_recommended(Recommendation(key, value), facts, {"rules.yaml": content}.__getitem__)  # type: ignore[arg-type]
    assert read == content
    return edit.apply(content).decode()


def test_a_recommendation_becomes_the_edit_of_the_file_that_states_the_value():
    assert "x > 0.5 or y > 5 " in recommended(RULES, "threshold", quantity("threshold", 0.5))
    assert "x > 5 or y > 0.5 " in recommended(RULES, "threshold", quantity("threshold", 0.5), condition=2)
    assert "for: 10m\n" in recommended(RULES, "hold", quantity("hold", 600))
    assert "severity: warning}" in recommended(RULES, "severity", "warning")


@pytest.mark.parametrize(
    ("key", "value", "content", "reason"),
    [
        ("threshold", 7, RULES.replace(b"x > 5", b"x > 6"), "it says 6 and the scan read 5; scan again"),
        ("threshold", 7, RULES.replace(b"x > 5", b"x > 7"), "has been changed since the scan, and says 7 already"),
        ("threshold", 7, RULES.replace(b"x > 5 or y", b"y > 5 or x"), "another condition has this number now"),
        ("threshold", 7, RULES.replace(b"x > 5 or y", b"x < 5 or y"), "another condition has this number now"),
        ("threshold", 7, RULES.replace(b"Cart", b"Mail"), "something else stands there now; scan again"),
        ("hold", 600, RULES.replace(b"for: 5m", b"fox: 5m"), "something else stands there now; scan again"),
        ("threshold", 7, b"\n" + RULES, "what was read stands elsewhere now; scan again"),
        ("threshold", 7, RULES + b"{{ if\n", "rules.yaml:8"),
        ("threshold", 7, RULES + b"<% if x\n", "rules.yaml:8"),
        ("threshold", 7, RULES.replace(b"x > 5 or y", b"x > ) or y"), "cannot be taken apart"),
        ("hold", 600, RULES.replace(b"5m", b"6m"), "it says 360 and the scan read 5m"),
        ("hold", 600, RULES.replace(b"5m", b"oo"), "'oo' is not a quantity in seconds"),
        ("hold", 0.0001, RULES, "0.0001 s is no duration"),
        ("hold", "five", RULES, "'five' is no number"),
        ("severity", "warning", RULES.replace(b"page", b"tick"), "it says 'tick' and the scan read 'page'"),
        ("hold", 300, RULES, "it says '5m' already"),
        ("severity", "tick # x", RULES, "cannot be replaced by 'tick # x'"),
        ("severity", "!mine tick", RULES, "cannot be replaced by '!mine tick'"),
        ("severity", "tick}, a: {b: c", RULES, "cannot be replaced by"),
        ("severity", "on", RULES, "cannot be replaced by 'on'"),
        ("severity", "a: b", RULES, "cannot be replaced by 'a: b'"),
        ("severity", "}", RULES, "cannot be replaced by '}'"),
    ],
)
def test_a_file_that_is_not_what_was_read_and_a_value_that_cannot_stand_there_are_refused(key, value, content, reason):
    wanted = value if isinstance(value, str) else quantity(key, value)
    with pytest.raises(Refused) as refusal:
        recommended(content, key, wanted)
    assert reason in refusal.value.reason
    assert "rules.yaml" in refusal.value.reason


def test_no_value_no_file_and_two_files_are_refused():
    threshold = fact("rules.yaml", RULES, "Cart", "threshold")
    seven = Recommendation("threshold", quantity("threshold", 7))
    for advice, facts, reason in (
        (Recommendation("threshold", None, "nothing was measured"), [threshold], "nothing was measured"),
        (seven, [], "no file that driftbot reads states threshold"),
        (seven, [replace(threshold, view=View.EFFECTIVE)], "no file that driftbot reads states threshold"),
        (seven, [threshold, replace(threshold, origin=replace(threshold.origin, locator="b.yaml"))], "several places"),
    ):
        with pytest.raises(Refused, match=reason):
            edit_recommended(advice, facts, lambda path: RULES)  # noqa: ARG005


def test_one_place_that_two_sources_read_is_one_and_its_suffix_is_any():
    facts = [
        replace(one, origin=replace(one.origin, source=source, locator="alerts.conf"))
        for one in facts_of("rules.yaml", RULES)
        for source in ("git", "mirror")
        if one.subject.name.endswith("/1")
    ]
    edit, _ = edit_recommended(Recommendation("threshold", quantity("threshold", 7)), facts, lambda path: RULES)  # noqa: ARG005
    assert edit.apply(RULES) == RULES.replace(b"x > 5", b"x > 7")


def test_what_is_not_a_setting_of_an_alert_is_not_edited():
    runbook = replace(fact("rules.yaml", RULES, "Cart", "hold"), key="runbook")
    with pytest.raises(Refused, match="runbook of a alert is not edited in files"):
        edit_setting(runbook, "https://example.org", SettingFile("rules.yaml", RULES))
    assert can_edit("condition", "threshold")
    assert not can_edit("alert", "threshold")
