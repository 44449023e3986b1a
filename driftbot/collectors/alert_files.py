"""Alert files: what rule files and PrometheusRule resources declare about alerts and their conditions.

Reads rule files (``groups:``), PrometheusRule and VMRule resources and lists of them, several documents a file, YAML
and JSON. Documents of other kinds (a Deployment, a test for promtool) are passed over. A file that cannot be parsed,
and a template that is not YAML, are gaps with their line; the other files are read.

Subjects
    ``alert`` and ``recording_rule`` are ``group/name``, with ``#2``, ``#3`` … where the source has several of one name;
    ``condition`` (one comparison inside an alert) is ``alert/1``, ``alert/2`` … in the order of the expression. They
    carry the rule's own labels (``severity``, ``team``, …) and ``alertname``, ``group`` and ``file``.

Where the files are in a git repository, its checked-out branch tells how each alert came to be what it is: every commit
that changed it (``history``: how far back, ``none`` for not at all). A shallow clone is named in a note.

Keys
    Declared in ``driftbot.collectors.alert_rule``. A ``for`` that nobody wrote is 0 s with provenance ``default``; an
    interval that a group does not name is the server's, ``inherited`` if the option ``evaluation_interval`` says it and
    else Prometheus' default of 1m.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator

from driftbot.alerts.step import steps
from driftbot.alerts.written import WrittenAlert
from driftbot.collectors.alert_history import pasts
from driftbot.collectors.alert_rule import (
    ALERT,
    CONDITION,
    DEFAULT_INTERVAL,
    RECORDING_RULE,
    RuleStatement,
    condition_statements,
    keys,
    labels_in,
)
from driftbot.collectors.collector import Body, Collector, Context, Options
from driftbot.collectors.doubt import doubted, files_in_doubt
from driftbot.collectors.rule_file import WrittenRule
from driftbot.collectors.statement import Statement
from driftbot.collectors.written_alert import read_rules, written_alert
from driftbot.core.commit import FileHistory
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.past import GIT_CHANGES, Past
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of

KIND = "alert_files"
NO_HISTORY = "none"
PATTERNS = ("*.yaml", "*.yml", "*.rules")
"""Names of rule files, unless somebody says otherwise."""
_KINDS = (ALERT, CONDITION, RECORDING_RULE)


class AlertFileOptions(Options):
    """Where the rule files are, and how often the server evaluates what they hold."""

    path: str = Field(description="the folder (or file) of rules, relative to driftbot.yaml")
    include: tuple[str, ...] = Field(PATTERNS, description="patterns of files to read, as in .gitignore")
    exclude: tuple[str, ...] = Field((), description="patterns of files and folders to leave out, as in .gitignore")
    evaluation_interval: str = Field("", description="the server's evaluation_interval, e.g. 30s; 1m if not said")
    history: str = Field("365d", description="how far back the files' git history is read, or none")

    @field_validator("evaluation_interval", "history")
    @classmethod
    def _is_duration(cls, text: str, info: ValidationInfo) -> str:
        if text and (info.field_name, text) != ("history", NO_HISTORY):
            parse_quantity(text, Unit.SECONDS)
        return text

    @property
    def reach(self) -> timedelta:
        """How far back git is asked; zero for not at all."""
        if self.history in ("", NO_HISTORY):
            return timedelta()
        return timedelta(seconds=parse_quantity(self.history, Unit.SECONDS).value)

    @property
    def interval(self) -> tuple[float, Provenance]:
        """Seconds between evaluations of a group that does not say so itself, and who says it."""
        if not self.evaluation_interval:
            return DEFAULT_INTERVAL, Provenance.DEFAULT
        return parse_quantity(self.evaluation_interval, Unit.SECONDS).value, Provenance.INHERITED


@dataclass(slots=True)
class _Night:
    """One reading under way: statements, gaps a kind, and how often a name was given."""

    options: AlertFileOptions
    context: Context
    statements: list[Statement] = field(default_factory=list)
    alerts: list[tuple[Subject, WrittenAlert]] = field(default_factory=list)
    gaps: dict[str, list[Gap]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    files: int = 0
    read: int = 0
    rules: int = 0

    def doubt(self, gap: Gap, *kinds: str) -> None:
        """A gap in what is known of these kinds; of all without one."""
        for kind in kinds or _KINDS:
            self.gaps[kind].append(gap)

    def take(self, body: Body) -> None:
        """Read one file."""
        self.files += 1
        if body.problem:
            self.doubt(Gap(Origin(self.context.source, body.locator), body.problem))
            return
        self.read += 1
        written = read_rules(body, self.context.source)
        for gap in written.gaps:
            self.doubt(gap)
        for rule in written.rules:
            self._state(rule, body.locator)

    def _state(self, rule: WrittenRule, path: str) -> None:
        self.rules += 1
        kind = RECORDING_RULE if rule.recording else ALERT
        subject = Subject(
            kind, self.context.environment, self._name(kind, rule), labels_of(dict(labels_in(rule, path)))
        )
        statement = RuleStatement(subject, rule, self.options.interval)
        statement.state_all()
        about_the_rule = len(statement.gaps)
        found = statement.state_expression()
        self.statements += [statement, *condition_statements(subject, found, rule.expression)]
        if not rule.recording:
            self.alerts.append((subject, written_alert(rule, self.context.source, path)))
        for number, gap in enumerate(statement.gaps):
            conditions_too = number >= about_the_rule and not rule.recording
            self.doubt(gap, kind, *((CONDITION,) if conditions_too else ()))

    def _name(self, kind: str, rule: WrittenRule) -> str:
        name = f"{rule.group_name}/{rule.name.text}"
        count = self.names[kind, name] = self.names.get((kind, name), 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def coverage(self) -> Iterator[Coverage]:
        """What was looked at, a kind."""
        files = files_in_doubt(gap for gaps in self.gaps.values() for gap in gaps)
        for kind in _KINDS:
            own = frozenset(key.name for key in keys(KIND) if key.subject_kind == kind)
            yield Coverage(
                self.context.source,
                self.context.environment,
                kind,
                gaps=tuple(dict.fromkeys(self.gaps[kind])),
                failed=self.files > self.read == 0,
                settled=own if self.gaps[kind] else frozenset(),
                doubted=doubted(self.statements, kind, files),
            )

    def notes(self) -> Iterator[str]:
        """What is worth a sentence though nothing is missing."""
        if self.read and not self.rules and not self.gaps[ALERT]:
            yield f"{self.context.source}: {self.read} files below {self.options.path} hold no rule group"


def read(options: AlertFileOptions, context: Context) -> Reading:
    """Read the files: facts about every rule, and for each kind of subject whether everything was seen."""
    night = _Night(options, context)
    for body in context.files(options.path, options.include, options.exclude):
        night.take(body)
    if not night.files:
        patterns = ", ".join(options.include)
        night.doubt(Gap(Origin(context.source, options.path), f"no file below {options.path} matches {patterns}"))
    facts = sorted(
        (fact for statement in night.statements for fact in statement.facts),
        key=lambda fact: (fact.subject, fact.key, fact.origin),
    )
    history = _history(night) if options.reach else FileHistory()
    past = pasts(night.alerts, history, context.source, context.as_of)
    return Reading(
        facts=(*facts, *_changes(facts, past)),
        coverage=tuple(night.coverage()),
        notes=(*night.notes(), *(f"{context.source}: {note}" for note in history.notes)),
        pasts=past,
    )


def _changes(facts: Iterable[Fact], past: Iterable[Past]) -> Iterator[Fact]:
    """What git tells of alerts that changed in meaning, stated where they stand."""
    stands = {fact.subject: fact.origin for fact in facts if fact.key == "rule.name"}
    for one in past:
        if told := tuple(step.told() for step in steps(one)):
            yield Fact(one.subject, GIT_CHANGES, told, origin=stands[one.subject])


def _history(night: _Night) -> FileHistory:
    """What git tells of the files."""
    options, context = night.options, night.context
    context.progress(f"reading the history of {options.path}")
    return context.history(options.path, context.as_of - options.reach, options.include, options.exclude)


_CHANGES = Key(
    ALERT,
    GIT_CHANGES,
    ValueType.NAMES,
    "every change of its meaning that git tells of: date, old → new, commit and author; not stated where there is none",
    None,
    (KIND,),
)


def _keys(_options: AlertFileOptions | None = None) -> tuple[Key, ...]:
    return tuple(sorted((*keys(KIND), _CHANGES)))


collector = Collector(kind=KIND, options=AlertFileOptions, keys=_keys, read=read)
