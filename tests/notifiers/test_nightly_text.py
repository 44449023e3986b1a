"""A night in a few lines: golden texts, and bounds that hold for any findings."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.digest import Standing
from driftbot.core.exit_code import ExitCode
from driftbot.core.rule import Severity
from driftbot.core.run import Run, RunState
from driftbot.notifiers.nightly_text import News, is_urgent, nightly_text
from tests.notices import digest_scene as scene

GOLDEN = Path(__file__).parents[2] / "fixtures" / "notifiers" / "nightly_text"
RUN = Run(4, scene.PLAN, None, scene.NOW, "Ann", RunState.VERIFYING, ())  # type: ignore[arg-type]
SCENES = {
    "ordinary": scene.digest(
        scene.entry(Standing.NEW, offer=scene.offer()),
        scene.entry(Standing.NEW, "shop/mild", of_finding={"severity": Severity.LOW}),
        scene.entry(Standing.WORSE, "shop/cart", run=RUN),
        scene.entry(Standing.STANDING, "shop/late", escalated=scene.NOW),
        scene.entry(Standing.UNREAD, "shop/unread"),
        scene.entry(Standing.FIXED, "shop/mended"),
        notices=(scene.notice(),),
        silences=(scene.silence(),),
    ),
    "clean": scene.digest(),
    "known": scene.digest(*(scene.entry(Standing.STANDING, f"shop/job-{number}") for number in range(40))),
    "blind": scene.digest(exit_code=ExitCode.BLIND, blind=tuple(f"source-{n}: no answer" for n in range(9))),
}


def told(digest, most=10, longest=1_500, gone=0):
    return nightly_text(digest, News(digest.entries, gone, digest.notices), most, longest)


@pytest.mark.parametrize("name", SCENES)
def test_a_night_reads_as_its_golden_file(name):
    text = told(SCENES[name])
    shown = f"{text.tone}\n{text.title}\n\n{text.body}\n"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@given(
    st.lists(
        st.tuples(st.sampled_from(Standing), st.text(min_size=1), st.text()), max_size=30, unique_by=lambda one: one[1]
    ),
    st.integers(0, 30),
    st.integers(200, 3_000),
)
def test_a_text_is_bounded_harmless_and_counts_what_it_leaves_out(found, most, longest):
    entries = [scene.entry(where, name, of_finding={"message": message}) for where, name, message in found]
    text = told(scene.digest(*entries), most, longest)
    assert len(text.body) <= longest and "\n" not in text.title
    assert re.search(r"[<>\x00-\x09\x0b-\x1f\u2028-\u202e\ud800-\udfff]", text.body + text.title) is None
    named = len(
        re.findall(r"^(?:new|worse|changed|stands|not readable|snoozed|waived|fixed): \w+ job", text.body, re.MULTILINE)
    )
    more = re.search(r"^and ([\d,]+) more$", text.body, re.MULTILINE)
    assert named + (int(more[1]) if more else 0) == len(entries)


def test_the_worst_new_finding_comes_first():
    mild = scene.entry(Standing.NEW, "shop/mild", of_finding={"severity": Severity.LOW})
    bad = scene.entry(Standing.NEW, "shop/bad", of_finding={"severity": Severity.CRITICAL})
    body = told(scene.digest(scene.entry(Standing.FIXED, "shop/mended"), mild, bad), most=1).body
    assert "shop/bad" in body and "and 2 more" in body


def test_of_ever_so_many_notices_those_without_room_are_counted():
    body = nightly_text(scene.digest(), News(notices=(scene.notice(),) * 20_000), 10, 1_000).body
    shown = len(re.findall("^notice: ", body, re.MULTILINE))
    assert len(body) <= 1_000 and shown >= 1
    assert body.endswith(f"\nand {20_000 - shown:,} more")


def test_what_is_gone_is_counted():
    assert told(scene.digest(), gone=3).title == "driftbot: 3 gone"


@pytest.mark.parametrize(
    ("standing", "severity", "urgent"),
    [
        (Standing.NEW, Severity.HIGH, True),
        (Standing.WORSE, Severity.CRITICAL, True),
        (Standing.NEW, Severity.MEDIUM, False),
        (Standing.STANDING, Severity.CRITICAL, False),
    ],
)
def test_only_new_or_worse_drift_of_high_severity_is_urgent(standing, severity, urgent):
    assert is_urgent(scene.entry(standing, of_finding={"severity": severity})) is urgent


def test_a_run_that_ended_is_not_told_to_go_on():
    entry = scene.entry(Standing.NEW, run=replace(RUN, ended=scene.NOW))
    assert "run 4" not in told(scene.digest(entry)).body
