"""Trials: the cases of a playbook, played with real files and the collectors, actions and guards of every night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from driftbot.actions.action import Action, Tools
from driftbot.actions.options import ActionOptions
from driftbot.collectors.collector import Collector, Options
from driftbot.config import Source
from driftbot.core.fact import Fact, Origin, Value
from driftbot.core.failure import Failure
from driftbot.core.finding import Finding, Recommendation, Verdict
from driftbot.core.hold import Hold
from driftbot.core.identity import assign_alerts
from driftbot.core.key import Vocabulary
from driftbot.core.ladder import Level
from driftbot.core.lookup import find_subject
from driftbot.core.quantity import NotAQuantity, parse_quantity
from driftbot.core.remedy import Remedy, Step
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, SubjectId, distinct
from driftbot.git import NotAnswered, ask
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.holds import hold
from driftbot.guards.options import GuardOptions, Rung
from driftbot.inventory import take_inventory, vocabulary
from driftbot.playbooks.case import CaseStep, PlaybookCase
from driftbot.playbooks.document import PlaybookDocument
from driftbot.plugins import collectors
from driftbot.remedies.candidate import Candidate, covered
from driftbot.remedies.look import LiveLook
from driftbot.remedies.proposing import Workshop, proposed
from driftbot.tape.live import LiveTape

AS_OF = datetime(2026, 1, 7, 12, tzinfo=UTC)
"""When cases play: a Wednesday at noon."""
ENVIRONMENT = "default"
_SOURCE = "case"
_CROWD = 1000
"""How many subjects the rule of a case judges: shares of them are no matter of a case."""


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What came of a case: the steps, or why nothing is done; and what of it is not as the case says."""

    playbook: str
    case: PlaybookCase
    steps: tuple[Step, ...] = ()
    refused: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def diff(self) -> tuple[str, ...]:
        """The changed lines of all steps, in order."""
        lines = (line for step in self.steps for line in step.preview.splitlines())
        return tuple(line for line in lines if line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")))


def tried(playbook: PlaybookDocument, case: PlaybookCase, folder: Path, actions: Mapping[str, Action]) -> CaseOutcome:
    """Play a case in an empty folder, up to the plan; nothing is performed."""
    try:
        stage = _staged(case, folder)
        candidate = _candidate(playbook, case, stage)
    except (Failure, NotAnswered, ValidationError, _BadCase) as error:
        return CaseOutcome(playbook.id, case, wrong=(str(error),))
    remedy, reasons = _proposal(playbook, candidate, stage, actions)
    steps = remedy.steps if remedy else ()
    outcome = CaseOutcome(playbook.id, case, steps, reasons)
    return CaseOutcome(playbook.id, case, steps, reasons, tuple(_differences(outcome)))


class _BadCase(Exception):
    """The case says something that cannot be played."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """The files of a case as a scan would have read them, and what its actions may reach."""

    reading: Reading
    words: Vocabulary
    tools: Tools

    @property
    def facts(self) -> Mapping[SubjectId, tuple[Fact, ...]]:
        found: dict[SubjectId, list[Fact]] = {}
        for fact in self.reading.facts:
            found.setdefault(fact.subject.id, []).append(fact)
        return {about: tuple(facts) for about, facts in found.items()}


def _staged(case: PlaybookCase, folder: Path) -> _Stage:
    for name, text in case.files.items():
        file = _inside(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    collector, options = _source(case.source, {"path": "."})
    source = Source(_SOURCE, ENVIRONMENT, collector, options)
    reading = take_inventory([source], LiveTape(folder), AS_OF, lambda _message: None)
    return _Stage(assign_alerts(reading, (), ()), vocabulary([source]), _tools(case, folder))


def _inside(folder: Path, name: str) -> Path:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise _BadCase(f"what a case names stands in the case's own folder, and {name!r} does not")
    return folder / name


def _source(written: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Collector, Options]:
    """A source as a case writes it, with the settings that are given where it has none."""
    settings = {**given, **written}
    kind = settings.pop("kind", None)
    collector = collectors().get(str(kind))
    if collector is None:
        raise _BadCase(f"there is no source kind {kind!r}; known: {', '.join(collectors())}")
    return collector, collector.options.model_validate(settings)


def _tools(case: PlaybookCase, folder: Path) -> Tools:
    """What actions look with: nothing answers, and the folders that branches are made of are repositories."""
    reach = ActionOptions.model_validate(case.reach)
    servers = {name: _source(written, {})[1] for name, written in case.servers.items()}
    for one in reach.git_change.repositories:
        ask(folder, "init", "--quiet", str(_inside(folder, one.folder)))
    return Tools(folder, reach, lambda: AS_OF, sources=servers)


def _candidate(playbook: PlaybookDocument, case: PlaybookCase, stage: _Stage) -> Candidate:
    known = sorted(distinct(fact.subject for fact in stage.reading.facts))
    subject = find_subject(set(known), case.subject)
    if subject is None:
        told = ", ".join(str(one) for one in dict.fromkeys(known)) or "none"
        raise _BadCase(f"the files declare no subject {case.subject!r}; those they do: {told}")
    rule = _rule(playbook, subject)
    finding = Finding(
        rule.id,
        subject,
        Verdict.DRIFT,
        Severity.MEDIUM,
        rule.title,
        message=case.name,
        recommendations=tuple(_recommended(case, subject, stage.words)),
    )
    return Candidate(finding, rule, playbook.id, Level.PROPOSE, covered(finding, rule))


def _rule(playbook: PlaybookDocument, subject: Subject) -> Rule:
    """A rule that finds whatever the case says."""
    nothing = Expression("true", Origin("case"))
    return Rule(
        "case", "A case", Lesson("", ""), "", Severity.MEDIUM, "", subject.kind, nothing, nothing, nothing.origin, "",
        playbook=playbook.id,
    )  # fmt: skip


def _recommended(case: PlaybookCase, subject: Subject, words: Vocabulary) -> Iterator[Recommendation]:
    for name, written in case.recommended.items():
        key = words.find(subject.kind, name)
        if key is None:
            near = " or ".join(words.nearest(subject.kind, name))
            hint = f"; did you mean {near}?" if near else ""
            raise _BadCase(f"recommended: nobody provides {name!r} for a {subject.kind}{hint}")
        value: Value = tuple(sorted(written)) if isinstance(written, list) else written  # type: ignore[assignment]
        if key.unit is not None:
            try:
                value = parse_quantity(written, key.unit)  # type: ignore[arg-type]
            except (NotAQuantity, AttributeError) as error:
                raise _BadCase(f"recommended.{name}: {error}") from None
        yield Recommendation(name, value)


def _proposal(
    playbook: PlaybookDocument, candidate: Candidate, stage: _Stage, actions: Mapping[str, Action]
) -> tuple[Remedy | None, tuple[str, ...]]:
    """What would be done, or every reason why not."""
    workshop = Workshop(actions, stage.facts, LiveLook(stage.tools), AS_OF)
    remedy, held = proposed(playbook, [candidate], workshop)
    if remedy is None:
        return None, _reasons(one for entry in held for one in entry.holds)
    free, held = hold([remedy], _circumstances(playbook, candidate, stage))
    return (free[0] if free else None), _reasons(one for entry in held for one in entry.holds)


def _reasons(holds: Iterable[Hold]) -> tuple[str, ...]:
    return tuple(one.reason for one in holds)


def _circumstances(playbook: PlaybookDocument, candidate: Candidate, stage: _Stage) -> Circumstances:
    return Circumstances(
        now=AS_OF,
        options=GuardOptions(ladder=(Rung(level=Level.PROPOSE),)),
        verdicts={candidate.finding.fingerprint: Verdict.DRIFT},
        playbooks={playbook.id: playbook},
        vocabulary=stage.words,
        population=Population({candidate.rule.id: _CROWD}, {}, {ENVIRONMENT: _CROWD}),
        tonight=FactCounts(AS_OF, {}),
        coverage=stage.reading.coverage,
    )


def _differences(outcome: CaseOutcome) -> Iterator[str]:
    case = outcome.case
    if case.refused is not None:
        if not outcome.refused:
            yield f"is to be refused ({case.refused}), but is done"
        elif not any(case.refused in reason for reason in outcome.refused):
            yield f"is to be refused because of “{case.refused}”, but is because: {'; '.join(outcome.refused)}"
        return
    if outcome.refused:
        yield f"is to be done, but is refused: {'; '.join(outcome.refused)}"
        return
    if case.diff is not None and tuple(case.diff.rstrip("\n").split("\n")) != outcome.diff:
        yield "changes other lines than it says: " + " ⏎ ".join(outcome.diff)
    if case.steps:
        yield from _other_steps(case.steps, outcome.steps)


def _other_steps(expected: Sequence[CaseStep], steps: Sequence[Step]) -> Iterator[str]:
    if [one.action for one in expected] != [step.action for step in steps]:
        yield f"takes the steps {', '.join(step.action for step in steps)}"
        return
    for one, step in zip(expected, steps, strict=True):
        if one.target is not None and one.target != step.target:
            yield f"{step.action} is to act on {one.target}, but acts on {step.target}"
        if one.shows is not None and one.shows not in step.preview:
            yield f"{step.action} is to show “{one.shows}”, but shows: {step.preview}"
