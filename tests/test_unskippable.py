"""A run that may not skip fails when it did: the check behind .ci/run is itself checked."""

from __future__ import annotations

from pathlib import Path

import pytest

SUITE = """
import pytest

@pytest.mark.server
@pytest.mark.skipif({missing}, reason="prometheus is not installed")
def test_against_a_server(): pass

@pytest.mark.skip(reason="needs another operating system")
def test_elsewhere(): pass

@pytest.mark.server
@pytest.mark.corpus
@pytest.mark.skip(reason="there is a server and no corpus")
def test_of_two_needs(): pass

@pytest.mark.server
@pytest.mark.xfail(reason="a known bug", strict=True)
def test_known_bug(): assert False
"""


@pytest.fixture(params=[(), ("--numprocesses=1",)], ids=["in one process", "distributed"])
def run(request: pytest.FixtureRequest, pytester: pytest.Pytester):
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    pytester.makeini("[pytest]\nmarkers =\n  server\n  corpus\n")
    return lambda *arguments: pytester.runpytest_subprocess(*request.param, *arguments)


def test_a_skipped_test_with_the_marker_fails_the_run_and_is_named(run, pytester):
    pytester.makepyfile(SUITE.format(missing=True))
    result = run("--unskippable=server")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["SKIPPED THOUGH UNSKIPPABLE HERE *::test_against_a_server"])
    result.stdout.no_fnmatch_line("*UNSKIPPABLE*::test_elsewhere")
    result.stdout.no_fnmatch_line("*UNSKIPPABLE*::test_known_bug")
    result.stdout.no_fnmatch_line("*UNSKIPPABLE*::test_of_two_needs")


def test_a_test_with_two_needs_may_not_be_skipped_where_both_are_met(run, pytester):
    pytester.makepyfile(SUITE.format(missing=False))
    result = run("--unskippable=server", "--unskippable=corpus")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["SKIPPED THOUGH UNSKIPPABLE HERE *::test_of_two_needs"])


def test_a_whole_file_skipped_fails_the_run(run, pytester):
    pytester.makepyfile("import pytest; pytest.skip('no server', allow_module_level=True)")
    assert run("--unskippable=server").ret != pytest.ExitCode.OK


@pytest.mark.parametrize(("missing", "arguments"), [(False, ["--unskippable=server"]), (True, [])])
def test_otherwise_a_skip_stays_a_skip(run, pytester, missing, arguments):
    pytester.makepyfile(SUITE.format(missing=missing))
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*UNSKIPPABLE*")
