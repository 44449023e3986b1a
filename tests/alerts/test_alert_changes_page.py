"""The page on alert changes says what the code does, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.alerts.severity import LEVELS
from driftbot.core.quantity import Unit, parse_quantity

PAGE = (Path(__file__).parents[2] / "docs" / "alert-changes.md").read_text("utf-8")
ROWS = [
    tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:4])
    for line in PAGE.splitlines()
    if re.match(r"\| (?!old |---)", line)
]
SETTING = re.compile(r"(\w+): (\w+)")


def defined(cell: str) -> AlertDefinition | None:
    if not cell.startswith("`"):
        return definition("HostDown", "up == 0") if cell == "the alert" else None
    text = cell.strip("`").replace("\\|", "|")
    setting = SETTING.fullmatch(text)
    if setting is None:
        return definition("HostDown", text)
    name, value = setting.groups()
    if name == "for":
        return definition("HostDown", "up == 0", hold=parse_quantity(value, Unit.SECONDS).value)
    if name == "keep_firing_for":
        return definition("HostDown", "up == 0", keep_firing=parse_quantity(value, Unit.SECONDS).value)
    if name == "severity":
        return definition("HostDown", "up == 0", severity=value)
    return definition("HostDown", "up == 0", routing=[f"{name}={value}"])


def test_the_page_has_its_tables():
    assert len(ROWS) > 45
    assert {row[2] for row in ROWS} == {"the same", "looser", "stricter", "ambiguous"}


@pytest.mark.parametrize("row", ROWS, ids=[" to ".join(row[:2]) for row in ROWS])
def test_a_row_of_the_page_is_what_the_code_says(row):
    old, new, told = row
    found = {str(change.direction) for change in changes(defined(old), defined(new))}
    assert found == ({told} if told != "the same" else set())


def test_the_page_names_severities_in_their_order():
    paragraph = next(part for part in PAGE.split("\n\n") if part.startswith("Severities are compared"))
    groups = re.split(r"then|P1 to P5", paragraph.partition(":")[2])
    named = [re.findall(r"\w+", group) for group in groups[:5]]
    levels = {name: level for level, names in enumerate(LEVELS) for name in names}
    assert [[levels[word] for word in words] for words in named] == [
        [at] * len(words) for at, words in enumerate(named)
    ]
