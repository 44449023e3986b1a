"""Scenes: remedies and circumstances as a case file writes them, with everything that it leaves out harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from driftbot.core.coverage import AcceptedGap, Coverage, Gap
from driftbot.core.fact import Fact, Origin
from driftbot.core.finding import Verdict
from driftbot.core.history import Interval
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.ladder import Level
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step, ValueChange
from driftbot.core.rule import Severity
from driftbot.core.run import Run, RunState, StepRecord, StepState
from driftbot.core.subject import Subject, SubjectId
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.options import GuardOptions
from driftbot.playbooks.document import PlaybookDocument
from driftbot.playbooks.limits import Limits
from driftbot.playbooks.parameter import Parameter

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
"""A Wednesday."""
LADDER = [{"level": "auto"}]
UNITS = {"timeout.deadline": Unit.SECONDS, "replicas": Unit.COUNT, "limits.memory": Unit.BYTES}
VOCABULARY = Vocabulary(
    Key(kind, name, ValueType.QUANTITY, "A setting.", unit, ("files",))
    for kind in ("job", "workload")
    for name, unit in UNITS.items()
)


@dataclass(frozen=True)
class Scene:
    """The remedies that are asked about, those beside them, and the circumstances."""

    remedies: tuple[Remedy, ...]
    circumstances: Circumstances
    beside: tuple[Remedy, ...] = ()


def read_scene(path: Path) -> tuple[Scene, Mapping[str, Any]]:
    """A case's scene, and what it expects."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    return scene(case), case["expect"]


def scene(case: Mapping[str, Any]) -> Scene:
    remedies = tuple(remedy(one) for one in case.get("remedies", [{}]))
    beside = tuple(remedy(one) for one in case.get("beside", ()))
    return Scene(remedies, circumstances(case, (*remedies, *beside)), beside)


def circumstances(case: Mapping[str, Any], remedies: tuple[Remedy, ...]) -> Circumstances:
    now = moment(case.get("now", NOW))
    known = {covered.fingerprint: Verdict.DRIFT for one in remedies for covered in one.covers}
    verdicts = {**known, **{name: Verdict(word) for name, word in case.get("verdicts", {}).items() if word}}
    gone = {name for name, word in case.get("verdicts", {}).items() if not word}
    population = case.get("population", {})
    nights = case.get("nights", [{"files": 100}])
    return Circumstances(
        now=now,
        options=GuardOptions.model_validate({"ladder": LADDER, **case.get("options", {})}),
        verdicts={name: verdict for name, verdict in verdicts.items() if name not in gone},
        playbooks=playbooks(case.get("playbooks", {}), remedies),
        vocabulary=VOCABULARY,
        population=Population(
            rules=population.get("rules", {}),
            owners=population.get("owners", {}),
            environments=population.get("environments", {}),
        ),
        tonight=FactCounts(now - span(case.get("last_night", "0s")), nights[-1]),
        earlier=tuple(
            FactCounts(now - timedelta(days=len(nights) - 1 - index), counts)
            for index, counts in enumerate(nights[:-1])
        ),
        runs=tuple(run(number, one, now) for number, one in enumerate(case.get("runs", ()), start=1)),
        coverage=tuple(coverage(one) for one in case.get("coverage", ())),
        accepted_gaps=tuple(
            AcceptedGap(one["gap"], "platform", "known", moment(one["expires"])) for one in case.get("accepted", ())
        ),
        histories=histories(case.get("history", ()), now),
        stopped=case.get("stopped", ""),
        telling=frozenset(case.get("telling", ())),
    )


def remedy(said: Mapping[str, Any]) -> Remedy:
    """A remedy; without ``covers`` it is for one finding, which its ``name`` stands for."""
    covers = tuple(covered({**said, **one}) for one in said.get("covers", [{}]))
    changes = said.get("changes", [{}])
    steps = [
        {"changes": changes, **{k: v for k, v in said.items() if k in {"target", "action", "intent", "irreversible"}}}
    ]
    return Remedy(
        playbook=said.get("playbook", "raise-deadline"),
        level=Level(said.get("level", "auto")),
        covers=tuple(sorted(covers, key=lambda one: one.fingerprint)),
        steps=tuple(step(one, covers[0].subject) for one in said.get("steps", steps)),
        approvals=1,
        verify_after=timedelta(minutes=30),
        on_failure=OnFailure.UNDO,
    )


def covered(said: Mapping[str, Any]) -> Covered:
    name = said.get("name", "one")
    return Covered(
        fingerprint=name,
        rule=said.get("rule", "deadline-headroom"),
        subject=SubjectId.parse(said.get("subject", f"job:production/shop/{name}")),
        owner=said.get("owner", "shop"),
        severity=Severity(said.get("severity", "high")),
        message="too close to its deadline",
        incident="billing-2025-03",
        url="https://example.org/reviews/billing-2025-03",
        observed=said.get("observed", "longest = 110m"),
        expected="at most 84m",
        sources=tuple(said.get("sources", ("files",))),
    )


def step(said: Mapping[str, Any], subject: SubjectId) -> Step:
    return Step(
        action=said.get("action", "edit_file"),
        target=said.get("target", f"file:{subject.name}.yaml"),
        precondition="{}",
        intent=said.get("intent", "{}"),
        because="the job has outgrown its deadline",
        irreversible=said.get("irreversible", ""),
        changes=tuple(change(one, subject) for one in said.get("changes", ())),
    )


def change(said: Mapping[str, Any], subject: SubjectId) -> ValueChange:
    """A change of the deadline from 2h to 3h unless said otherwise; its numbers are read from its texts."""
    key = said.get("key", "timeout.deadline")
    before, after = str(said.get("before", "2h")), str(said.get("after", "3h"))
    about = SubjectId.parse(said["subject"]) if "subject" in said else subject
    return ValueChange(about, key, before, after, was=_number(key, before), becomes=_number(key, after))


def run(number: int, said: Mapping[str, Any], now: datetime) -> Run:
    """A run that was begun ``ago`` (a duration); its steps are all done unless ``steps_are`` says otherwise."""
    started = now - span(said.get("ago", "2h"))
    state = RunState(said.get("state", "resolved"))
    done = remedy(said)
    at = None if said.get("steps_are") == "planned" else started + span(said.get("took", "0s"))
    step_state = StepState(said.get("steps_are", "undone" if state is RunState.UNDONE else "done"))
    return Run(
        number=number,
        plan="f" * 64,
        remedy=done,
        started=started,
        by="ada",
        state=state,
        steps=tuple(
            StepRecord(index, f"key-{number}-{index}", step_state, intended=at, concluded=at)
            for index, _ in enumerate(done.steps)
        ),
        ended=at if state.ended else None,
        undone_by=said.get("undone_by", ""),
    )


def coverage(said: Mapping[str, Any]) -> Coverage:
    gaps = tuple(Gap(Origin(said.get("source", "files"), place), "it is no YAML") for place in said.get("gaps", ()))
    kind, source = said.get("kind", "job"), said.get("source", "files")
    return Coverage(source, said.get("environment", "production"), kind, gaps=gaps, failed=said.get("failed", False))


def histories(said: Any, now: datetime) -> dict[tuple[SubjectId, str], tuple[Interval, ...]]:
    """Per setting the values it had: each with the days ago on which it was first and last seen."""
    found = {}
    for one in said:
        about, key = SubjectId.parse(one.get("subject", "job:production/shop/one")), one.get("key", "timeout.deadline")
        subject = Subject(about.kind, about.environment, about.name)
        values = one["values"]
        found[about, key] = tuple(
            Interval(
                Fact(subject, key, parse_quantity(value, UNITS[key]), origin=Origin("files", "jobs.yaml", 7)),
                first_seen=now - span(ago),
                last_seen=now if index == len(values) - 1 else now - span(values[index + 1][1]),
                closed=None if index == len(values) - 1 else now - span(values[index + 1][1]),
            )
            for index, (value, ago) in enumerate(values)
        )
    return found


def playbooks(said: Mapping[str, Any], remedies: tuple[Remedy, ...]) -> dict[str, PlaybookDocument]:
    """Every playbook that a remedy names, with the limits that the case says."""
    names = sorted({one.playbook for one in remedies} | set(said))
    return {name: playbook(name, said.get(name, {})) for name in names}


def playbook(name: str, limits: Mapping[str, Any]) -> PlaybookDocument:
    """What guards read of a playbook: its limits, and the units of its parameters."""
    parameters = {
        key.replace(".", "_"): Parameter(unit=unit, meaning="The new value.", recommended=key)
        for key, unit in UNITS.items()
    }
    return PlaybookDocument.model_construct(id=name, parameters=parameters, limits=Limits.model_validate(limits))


def moment(said: str | datetime) -> datetime:
    found = datetime.fromisoformat(said) if isinstance(said, str) else said
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def span(said: str) -> timedelta:
    return timedelta(seconds=parse_quantity(said, Unit.SECONDS).value)


def _number(key: str, text: str) -> float | None:
    try:
        return parse_quantity(text, UNITS[key]).value
    except (KeyError, ValueError):
        return None
