"""Charts on the command line: explained in the terminal, drawn into files, and what is said when that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from driftbot.cli import terminal_output as output
from driftbot.cli.chart_files import write_charts
from driftbot.core.exit_code import ExitCode
from driftbot.core.failure import Failure
from driftbot.core.finding import Verdict, fingerprint
from driftbot.core.history import FindingLife, Life
from tests.cli.conftest import CART, MAIL, finding
from tests.report import charts

TONIGHT = datetime(2026, 5, 4, 2, tzinfo=UTC)
ID = fingerprint("request-timeout", CART.id)
DRAWN = replace(finding(CART, Verdict.DRIFT, 30), charts=(charts.step(), charts.breach()))


@pytest.fixture
def charted(estate, store):
    """The estate after a night whose finding rests on a series over time."""
    with (
        store.lease("test", TONIGHT, timedelta(minutes=1)) as lease,
        store.begin_night(lease, TONIGHT) as night,
    ):
        life = FindingLife(DRAWN, Life.ONGOING, TONIGHT - timedelta(days=2), TONIGHT)
        night.add_evaluation((life,), (), ExitCode.DRIFT, {"request-timeout": "d1"})
    return estate


@pytest.mark.usefixtures("charted")
def test_explain_draws_the_charts_that_were_kept(run):
    told = run("explain", ID).out
    assert "The charts" in told
    assert "  latency.p99, 2026-01-05 to 2026-04-05, UTC\n" in told
    assert "A  2026-03-09 00:00 UTC  +19 % (17 to 21 %), it lasts" in told
    assert "limit 2h" in told
    assert "The charts" not in run("explain", ID, "--as-of", "2026-05-03").out


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<?xml"), ("b.PNG", b"\x89PNG")])
def test_explain_draws_into_a_file_of_either_kind(charted, run, name, begins):
    assert run("explain", ID, "--chart", name).code == 0
    picture = (charted / name).read_bytes()
    assert picture.startswith(begins)
    assert run("explain", ID, "--chart", name).code == 0, "again over the one that is there"
    assert (charted / name).read_bytes() == picture
    assert list(charted.glob("*.partial")) == []


def test_explain_says_why_it_draws_no_file(charted, run):
    wrong = run("explain", ID, "--chart", "a.gif")
    assert (wrong.code, wrong.out) == (1, "")
    assert "a.gif is no name of a picture" in wrong.err
    assert "Let it end with .svg or .png" in wrong.err
    without = run("explain", "shop/mail", "--chart", "a.svg")
    assert "has no chart" in without.err
    assert str(MAIL) in without.out, "the finding is explained all the same"
    lost = run("explain", ID, "--chart", "nowhere/a.svg")
    assert "nowhere/a.svg cannot be written: No such file or directory" in lost.err
    assert not (charted / "a.svg").exists()


@pytest.mark.usefixtures("charted")
def test_a_terminal_that_is_not_utf_8_gets_ascii(run, monkeypatch):
    assert "⣿" in run("explain", ID).out
    for encoding, expected in (("ISO-8859-1", "ascii"), ("cp437", "ascii"), ("UTF-8", "unicode"), ("utf8", "unicode")):
        with monkeypatch.context() as patch:
            patch.setattr(output.sys, "stdout", _Stream(encoding))
            assert output.charset() == expected
    with monkeypatch.context() as patch:
        patch.setattr(output.sys, "stdout", _Stream("UTF-8", tty=True))
        patch.setenv("TERM", "linux")
        assert output.charset() == "ascii"


class _Stream:
    def __init__(self, encoding: str, *, tty: bool = False) -> None:
        self.encoding, self._tty = encoding, tty

    def isatty(self) -> bool:
        return self._tty


def test_a_scan_draws_each_finding_with_a_chart_into_a_folder(tmp_path):
    folder = tmp_path / "some" / "charts"
    told: list[str] = []
    assert write_charts([DRAWN, finding(MAIL, Verdict.DRIFT, 20)], folder, told.append) == 1
    assert [path.name for path in folder.iterdir()] == [f"{ID}.svg"]
    assert told == [f"drawing {ID}"]
    assert b"Requests end before callers give up" in (folder / f"{ID}.svg").read_bytes()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="is no folder for charts"):
        write_charts([DRAWN], tmp_path / "file", print)


def test_a_picture_that_cannot_be_written_leaves_no_half_of_it(tmp_path, monkeypatch):
    def full(self, content):
        self.open("wb").close()
        assert content
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(Failure, match="No space left on device"):
        write_charts([DRAWN], tmp_path, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_scan_without_a_chart_makes_an_empty_folder_and_keeps_its_report(charted, run):
    answer = run("scan", "--charts", "drawn", "--as-of", "2026-05-05", "--exit-zero")
    assert "driftbot" in answer.out
    assert list((charted / "drawn").iterdir()) == []
