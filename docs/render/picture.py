"""The picture of a finding in README.md: what the demo prints, cut to one finding."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

RULE = "job-deadline-headroom"
BEGIN, END = "<!-- rendered by `make docs`: begin -->", "<!-- rendered by `make docs`: end -->"
WIDTH = "110"


def render(readme: Path) -> str:
    """The README with the demo's own words between its two marks."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme.name} has no place for the picture: it needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n```text\n{finding(demo())}\n```\n\n{END}{after}"


def demo() -> str:
    """What `driftbot demo` prints to a pipe."""
    command = [sys.executable, "-c", "from driftbot.cli.main import main; main()", "demo"]
    environment = {**os.environ, "COLUMNS": WIDTH, "NO_COLOR": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def finding(output: str) -> str:
    """The entry of one finding in a scan's table: its line and what is indented below it."""
    entry = re.search(rf"^  \w+  {RULE}  .*\n(?:      .*\n)+", output, re.MULTILINE)
    if entry is None:
        raise ValueError(f"the demo shows no finding of {RULE}; name another rule here")
    return "\n".join(line.rstrip()[2:] for line in entry[0].splitlines())
