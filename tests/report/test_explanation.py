"""One finding explained, for each verdict, against golden files."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from driftbot.core.excuse import Waiver
from driftbot.core.fact import Fact, View
from driftbot.core.finding import Recommendation, Verdict
from driftbot.core.history import Interval, Lapse, Life
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import SubjectId
from driftbot.report.console import Terminal
from driftbot.report.explanation import Background, explanation
from driftbot.report.outline import Charset
from driftbot.report.render import present
from driftbot.report.timeline import changes, timeline
from tests.report import charts
from tests.report import conftest as samples

GOLDEN = Path(__file__).parents[2] / "fixtures" / "report"
NOW, BEFORE = samples.NOW, samples.BEFORE


def interval(value: float, first: int, last: int, closed: int | None = None, view: View = View.DECLARED) -> Interval:
    fact = Fact(samples.BILLING, "timeout.deadline", Quantity(value, Unit.SECONDS), view, origin=samples.MANIFEST)
    day = timedelta(days=1)
    return Interval(fact, BEFORE + first * day, BEFORE + last * day, None if closed is None else BEFORE + closed * day)


INTERVALS = (interval(3600, -60, -1, 0), interval(7200, 0, 20), interval(7200, -60, 20, view=View.EFFECTIVE))
BACKGROUND = Background(
    rule=samples.rule(),
    touched={samples.MANIFEST: "Ada Lovelace, 2026-04-13, 1f0c9a72be Raise the deadline until the migration is done"},
    intervals=INTERVALS,
)
WAIVER = Waiver("f" * 12, "job-deadline-headroom", samples.BILLING.id, "ada", "being rebuilt", BEFORE, NOW)

DRIFT = replace(samples.life(Life.REOPENED), times_opened=2, changed=NOW, previous="1h35m", first_seen=BEFORE)
UNKNOWN = samples.life(Life.ONGOING, Verdict.UNKNOWN)
STOOD = replace(
    UNKNOWN, finding=replace(UNKNOWN.finding, observed="1h50m", expected="at most 1h24m = 0.7 × 2h"), last_seen=BEFORE
)
NO_ADVICE = replace(
    UNKNOWN.finding, recommendations=(Recommendation("timeout.deadline", None, "self.duration is not readable"),)
)
CASES = {
    "drift": (DRIFT, BACKGROUND),
    "unknown": (replace(UNKNOWN, finding=NO_ADVICE), BACKGROUND),
    "unknown_stood": (STOOD, Background()),
    "waived": (samples.life(Life.ONGOING, Verdict.WAIVED), replace(BACKGROUND, waiver=WAIVER)),
    "charts": (replace(DRIFT, finding=replace(DRIFT.finding, charts=(charts.breach(), charts.step()))), Background()),
    "resolved": (replace(samples.life(Life.RESOLVED, Verdict.OK), resolved=NOW), BACKGROUND),
}


def same_as_golden(text: str, name: str) -> bool:
    golden = GOLDEN / name
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    return text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_an_explanation_reads_as_its_golden_file(name):
    told = explanation(*CASES[name])
    assert same_as_golden(present(told, None), f"explain_{name}.plain.txt")
    assert same_as_golden(present(told, Terminal(80, colors=False)), f"explain_{name}.table.txt")


def test_a_chart_is_drawn_as_wide_as_the_terminal_and_in_its_characters():
    told = explanation(*CASES["charts"])
    for width in (40, 80, 100, 200):
        lines = present(told, Terminal(width, colors=False)).splitlines()
        assert max(map(cell_len, lines)) <= width
        assert max(cell_len(line) for line in lines if "┤" in line) > min(width, 100) - 12
    assert "⣿" not in present(told, Terminal(80, colors=False, charset=Charset.ASCII))
    assert "⣿" not in present(told, None, Charset.ASCII)


def test_a_finding_that_is_not_readable_shows_its_last_chart_as_such():
    life = replace(STOOD, finding=replace(STOOD.finding, charts=(charts.step(),)))
    assert "The chart, as last readable" in present(explanation(life, Background()), None)


def test_an_explanation_of_unknown_names_what_would_have_to_be_readable():
    text = present(explanation(*CASES["unknown"]), None)
    assert "What would have to be readable" in text
    assert "no sample in the last 30d" in text
    assert "kube_job_duration_seconds" in text


def test_a_timeline_reads_as_its_golden_file():
    assert same_as_golden(present(timeline(samples.BILLING.id, INTERVALS), None), "timeline.plain.txt")


def test_nights_that_could_not_read_a_value_are_told_and_it_is_not_called_still_so():
    day = timedelta(days=1)
    lapses = (
        Lapse(BEFORE + 2 * day, BEFORE + 2 * day, 1),
        Lapse(BEFORE + 4 * day, BEFORE + 6 * day, 3),
        Lapse(BEFORE + 8 * day, BEFORE + 9 * day, 2),
    )
    unread = replace(interval(7200, 0, 7), lapses=lapses)
    text = present(timeline(samples.BILLING.id, [unread]), None)
    assert "not readable on 2026-04-16\n" in text
    assert "not readable from 2026-04-18 to 2026-04-20 (3 nights)\n" in text
    assert "last read 2026-04-21; not readable since 2026-04-22 (2 nights)" in text
    assert "still so" not in text
    gone = present(timeline(samples.BILLING.id, [replace(unread, closed=BEFORE + 10 * day)]), None)
    assert "not readable from 2026-04-22 to 2026-04-23 (2 nights)\n" in gone
    assert "last read 2026-04-21, gone or changed by 2026-04-24" in gone


def test_several_changes_of_one_day_are_told_apart_by_the_hour():
    first = interval(7200, 0, 0)
    later = first.first_seen + timedelta(hours=3)
    second = replace(interval(9000, 0, 0), first_seen=later, last_seen=later)
    text = present(timeline(samples.BILLING.id, [replace(first, closed=later), second]), None)
    assert f"  {first.first_seen:%Y-%m-%d %H:%M}  2h\n" in text
    assert f"gone or changed by {later:%Y-%m-%d %H:%M}" in text
    assert f"  {later:%Y-%m-%d %H:%M}  2h30m\n" in text


def test_changes_are_told_by_view_the_newest_first_and_equal_values_are_none():
    some = (*INTERVALS, interval(9000, 21, 22))
    assert changes(some) == ("2026-05-05: 2h → 2h30m (declared)", "2026-04-14: 1h → 2h (declared)")
    running = [replace(entry, fact=replace(entry.fact, view=View.EFFECTIVE)) for entry in some[:2]]
    assert changes([*some[:2], *running]) == ("2026-04-14: 1h → 2h (declared, effective)",)
    assert changes([interval(7200, 0, 3, 4), interval(7200, 9, 10)]) == ()


def test_a_hostile_finding_is_explained_harmlessly(hostile):
    life = hostile.triage.unread[0]
    text = present(explanation(life, Background(touched={life.finding.evidence[0].origins[0]: samples.HOSTILE})), None)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert present(timeline(SubjectId("job", samples.HOSTILE, samples.HOSTILE), ()), None).isprintable() is False
    assert "\x1b" not in present(timeline(SubjectId("job", samples.HOSTILE, samples.HOSTILE), ()), None)
