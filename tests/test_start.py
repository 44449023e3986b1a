"""The command line starts without what it does not need: `--version` and `--help` stay quick on any machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sklearn", "scipy", "pandas", "sqlalchemy", "slack_sdk")
ASK = """
import sys
from driftbot.cli.main import main
try:
    main()
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["scan", "--help"], ["rules", "--help"]], ids=" ".join
)
def test_nothing_heavy_is_imported(arguments):
    done = subprocess.run([sys.executable, "-c", ASK, *arguments], capture_output=True, text=True, check=True)
    shown, _, loaded = done.stdout.partition("loaded:")
    assert "driftbot" in shown
    assert "click" in loaded.split()
    assert sorted(set(HEAVY) & set(loaded.split())) == []
