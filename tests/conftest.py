"""What holds for every test: the hypothesis profiles, and markers whose tests a run may not skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

SERVERS = Path(__file__).with_name("servers")
pytest_plugins = ["pytester", *(["tests.servers.fixtures"] if SERVERS.is_dir() else [])]

# A busy machine is no counterexample: time is measured in benchmarks/ only.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--unskippable",
        action="append",
        default=[],
        metavar="MARKER",
        help="fail if a test with this marker is skipped, or a whole file (whose markers nobody can know then)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if markers := frozenset(config.getoption("--unskippable")):
        config.pluginmanager.register(Unskippable(markers), "unskippable")


NEEDS = frozenset({"server", "corpus", "campaign"})
"""Markers that name what a test needs beside Python; one that needs two may be skipped for want of either."""


class Unskippable:
    """Turns skips that a complete machine has no excuse for into a failed run."""

    def __init__(self, markers: frozenset[str]) -> None:
        self.markers = markers
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        needs = NEEDS & set(report.keywords)
        if report.skipped and not hasattr(report, "wasxfail") and needs and needs <= self.markers:
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for place in sorted(set(self.skipped)):
            terminalreporter.write_line(f"SKIPPED THOUGH UNSKIPPABLE HERE {place}", red=True)
