"""Holds: the documentation says of every guard whether what it holds passes by itself."""

from __future__ import annotations

import re
from pathlib import Path

from driftbot.core.hold import PASSING, Guard

PAGE = Path(__file__).parents[2] / "docs" / "guards.md"


def test_the_page_says_which_holds_pass_by_themselves():
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == {guard.value for guard in Guard} - {"refused"}
    assert {name for name, passes in rows if passes == "yes"} == {guard.value for guard in PASSING}
