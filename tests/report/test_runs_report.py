"""Runs in words: sorted by what a person has to do, whole in the audit, and harmless whatever is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.finding import Verdict
from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held
from driftbot.core.remedy import Remedy
from driftbot.core.run import Check, Run, RunState, StepRecord, StepState
from driftbot.report.outline import Charset, Outline, Tone
from driftbot.report.render import present
from driftbot.report.runs_report import SHOWN, refusal_outline, run_line, run_outline, runs_outline
from tests.store.run_scene import approval, covered, plan, remedy, step
from tests.store.scene import CART, night_of

HOSTILE = "\x1b[31mred\x1b[0m\u202e\r\n[bold]"
NOW = night_of(0)


def told(outline: Outline) -> str:
    return present(outline, None, Charset.UNICODE)


def run_of(state: RunState, number: int = 1, of: Remedy | None = None) -> Run:
    wanted = of or remedy()
    records = tuple(
        StepRecord(index, "ab" * 32, StepState.DONE, "{}", "cart.yaml was changed", NOW, NOW + timedelta(seconds=1))
        for index in range(1, len(wanted.steps) + 1)
    )
    ended = NOW if state.ended else None
    return Run(number, plan(wanted).digest, wanted, NOW, "ann", state, records, ended=ended, told="as it stands")


def test_what_waits_for_a_person_comes_first_and_the_newest_of_each_kind():
    states = [RunState.RESOLVED, RunState.VERIFYING, RunState.UNCERTAIN, RunState.ESCALATED, RunState.WAITING]
    outline = runs_outline([run_of(state, number) for number, state in enumerate(states, start=1)])
    assert outline.summary == "5 runs · 2 under way · 1 wait for a person"
    assert [(section.title, [item.mark for item in section.items]) for section in outline.sections] == [
        ("Waits for a person: 1", ["3"]),
        ("Under way: 2", ["5", "2"]),
        ("Ended: 2", ["4", "1"]),
    ]
    assert outline.tone is Tone.ALARM


def test_no_run_is_said_in_a_line():
    assert told(runs_outline([])) == "runs\n0 runs · 0 under way · 0 wait for a person\n"


def test_many_runs_are_counted():
    outline = runs_outline([run_of(RunState.RESOLVED, number) for number in range(SHOWN + 5)])
    assert outline.sections[0].closing == ("and 5 more",)


def test_the_audit_is_whole():
    wanted = remedy()
    run = replace(
        run_of(RunState.VERIFYING, of=wanted),
        approvals=(approval(wanted.digest), approval(plan(wanted).digest, "bob")),
        checks=(Check("3f9c2a000000", NOW, Verdict.OK, "5s of 9s"),),
        due=NOW + timedelta(hours=1),
    )
    text = told(run_outline(run))
    for part in (
        "run 1: verifying",
        "due 2026-01-01 03:00:00 UTC",
        "ann approved this remedy 2026-01-01 02:05:00 UTC",
        "bob approved the plan",
        "risk: restarts",
        "workload:production/shop/cart timeout.request: 5s → 9s",
        "intent on disk 2026-01-01 02:00:00 UTC",
        "concluded 2026-01-01 02:00:01 UTC: cart.yaml was changed",
        f"key {'ab' * 32}",
        "-5s",
        "+9s",
        "ok",
        "as it stands",
    ):
        assert part in text, part


@pytest.mark.parametrize("state", RunState)
def test_whatever_is_in_a_run_is_harmless(state: RunState):
    change = replace(step().changes[0], key=HOSTILE, before=HOSTILE, after=HOSTILE)
    bad = replace(step(), action=HOSTILE, target=HOSTILE, preview=f"+{HOSTILE}", because=HOSTILE, changes=(change,))
    about = replace(covered(), rule=HOSTILE, message=HOSTILE, incident=HOSTILE, subject=replace(CART.id, name=HOSTILE))
    of = replace(remedy(bad, covers=(about,)), playbook=HOSTILE, risk=HOSTILE)
    run = replace(run_of(state, of=of), by=HOSTILE, told=HOSTILE, approvals=(approval("d", HOSTILE),))
    run = replace(run, checks=(Check("f", NOW, Verdict.DRIFT, HOSTILE),))
    run = replace(run, steps=tuple(replace(one, detail=HOSTILE) for one in run.steps))
    held = Held(HOSTILE, (about,), (Hold(Guard.FREEZE, HOSTILE),), of)
    texts = (
        told(runs_outline([run])),
        told(run_outline(run)),
        run_line(run),
        told(refusal_outline([held], [(of, 1)], of.digest)),
    )
    for text in texts:
        assert not {"\x1b", "\u202e", "\r"} & set(text)


def test_a_refusal_tells_every_reason_and_how_many_people_are_missing():
    wanted = remedy()
    holds = (Hold(Guard.FREEZE, "frozen until Monday"), Hold(Guard.COOLDOWN, "run 3 changed it"))
    text = told(refusal_outline([Held("set-timeout", wanted.covers, holds, wanted)], [(wanted, 2)], wanted.digest))
    for part in ("frozen until Monday", "run 3 changed it", "2 more approvals needed", wanted.digest[:12]):
        assert part in text
