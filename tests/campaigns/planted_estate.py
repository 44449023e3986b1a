"""A planted estate that is drifted, misread, planned for, acted on, crashed in and undone, scenario by scenario.

The planner, the guards, the runner, the store and the files are the real ones. What is read and judged is planted, with
faults: stale, wrong, missing and flapping facts, files that people move and edit, options that change between plan and
apply, two who act, processes that end anywhere.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from driftbot.actions.action import Tools
from driftbot.actions.edit_file import action as edit_file
from driftbot.actions.options import ActionOptions
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.failure import Failure
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Interval, Life
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.plan import Plan
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.run import RunState
from driftbot.core.subject import Subject, SubjectId
from driftbot.documents.yaml import read_yaml
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.options import GuardOptions
from driftbot.playbooks.document import PlaybookDocument
from driftbot.remedies.acting import perform, ready, ready_tonight
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import TERM, Journal
from driftbot.remedies.look import LiveLook
from driftbot.remedies.planning import PlanningWorld, plan
from driftbot.remedies.recovery import go_on, put_back, recover
from driftbot.remedies.runner import Runner
from driftbot.remedies.verifying import exhausted_by, verify
from driftbot.store.errors import LeaseHeld
from driftbot.store.store import Store
from tests.campaigns.effects_checker import Checker, Planted, Setting, Settings, Tree, Truth

BEGIN = datetime(2026, 6, 8, 9, tzinfo=UTC)
SOURCE = "files"
KEYS = {"deadline": ("timeout.deadline", Unit.SECONDS), "replicas": ("replicas", Unit.COUNT)}
RULES = {"headroom": "deadline", "spread": "replicas", "strict": "deadline"}
FILE = """\
# {name}: ask its owner before you change it
name: {name}
spec:
  deadline: {deadline}   # agreed with finance
  schedule: "0 3 * * *"
  replicas: {replicas}
  images: [main, sidecar]   # deadline: 9h is what it says elsewhere
"""
DEADLINES = ("30m", "90m", "2h", "150m", "3h", "4h", "7200s", "9h", "1h30m")
COUNTS = ("1", "2", "3", "4", "6", "9")
_NOWHERE = Expression("true", Origin("rules", "rules/planted.yaml", 1))
VOCABULARY = Vocabulary(
    Key("job", key, ValueType.QUANTITY, "A setting.", unit, (SOURCE,)) for key, unit in KEYS.values()
)

_LEFT = (RunState.STOPPED, RunState.ESCALATED)
"""How a run ended that may have left something, and said why."""


class Killed(BaseException):
    """The process ends here; nothing after it happens, not even what ``finally`` would do to the world."""


def rule(name: str) -> Rule:
    lesson = Lesson("https://example.org/reviews/1", "It was killed.", "billing-2025")
    return Rule(
        name, "Jobs end in time", lesson, "It grew.", Severity.HIGH, "shop", "job", _NOWHERE, _NOWHERE,
        _NOWHERE.origin, "digest", playbook=f"set-{name}",
    )  # fmt: skip


def playbook(name: str) -> PlaybookDocument:
    key, unit = KEYS[RULES[name]]
    return PlaybookDocument.model_validate(
        {
            "id": f"set-{name}",
            "summary": "Set it.",
            "parameters": {
                "value": {"unit": unit, "meaning": "New.", "recommended": key, "rounding": "exact"},
            },
            "steps": [{"action": "edit_file", "settings": {"set": key, "to": "{value}"}}],
            "limits": {"most": 1000, "share": 1, "factor": 99, "cooldown": "0s", "attempts": 99},
            "cases": [{"name": "none", "subject": "x", "refused": "x"}],
        }
    )


RULEBOOK = {name: rule(name) for name in RULES}
PLAYBOOKS = {f"set-{name}": playbook(name) for name in RULES}


@dataclass
class Estate:
    """One scenario: the files, beside them those that only people touch, the store, the clock, and the checker."""

    root: Path
    random: Random
    store: Store
    checker: Checker = field(default_factory=Checker)
    now: datetime = BEGIN
    stopped: str = ""
    environments: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    untouched: dict[str, bytes] = field(default_factory=dict)
    needs: dict[tuple[str, str], float] = field(default_factory=dict)
    read_before: dict[str, bytes] = field(default_factory=dict)
    histories: dict[tuple[SubjectId, str], list[Interval]] = field(default_factory=dict)
    counts: list[FactCounts] = field(default_factory=list)
    facts: dict[SubjectId, tuple[Fact, ...]] = field(default_factory=dict)
    lives: tuple[FindingLife, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    told: dict[Setting, float] = field(default_factory=dict)
    settings: Settings = None  # type: ignore[assignment]
    tally: Counter[str] = field(default_factory=Counter)

    # -- what people do

    def plant(self) -> None:
        (self.root / "jobs").mkdir()
        for number in range(self.random.randint(2, 6)):
            name = f"job{number}"
            self.environments[name] = self.random.choice(("production", "production", "staging"))
            self.paths[name] = f"jobs/{name}.yaml"
            text = FILE.format(
                name=name, deadline=self.random.choice(DEADLINES), replicas=self.random.choice(COUNTS)
            ).encode()
            if self.random.random() < 0.2:
                text = text.replace(b"\n", b"\r\n")
            self.write(name, text)
        self.settings = self.allowed()

    def write(self, name: str, text: bytes) -> None:
        (self.root / self.paths[name]).write_bytes(text)
        self.untouched[self.paths[name]] = text

    def edit(
        self, name: str, change: Callable[[bytes], bytes], elsewhere: Callable[[bytes], bytes] | None = None
    ) -> None:
        """A person's edit, in the estate and (``elsewhere``, or the same) in the one that driftbot never sees."""
        path = self.paths[name]
        if (self.root / path).exists():
            place = self.root / path
            text = place.read_bytes()
            if change(text) != text:
                place.write_bytes(change(text))
                self.untouched[path] = (elsewhere or change)(self.untouched[path])

    def put(self, name: str, setting: str, value: str) -> None:
        """A person sets a value; who goes back to one that driftbot wrote leaves no value of their own."""
        left = self.checker.without_ours((name, setting), value.encode()).decode()
        self.edit(name, _setter(setting, value), _setter(setting, left))

    def meddle(self) -> None:
        name = self.random.choice(sorted(self.paths))
        match self.random.choice(
            ("above", "below", "value", "value", "back", "back", "back", "ours", "move", "delete", "template")
        ):
            case "above":
                self.edit(name, lambda text: b"# checked\n" + text)
            case "below":
                self.edit(name, lambda text: text + b"# checked\n")
            case "value":
                key, values = self.random.choice((("deadline", DEADLINES), ("replicas", COUNTS)))
                self.put(name, key, self.random.choice(values))
            case "back":
                ours = [one for one in self.checker.changes if one.undone is None]
                if ours:
                    one = self.random.choice(ours)
                    self.put(*one.setting, one.old.decode())
            case "ours":
                for one in self.checker.changes[-1:]:
                    self.put(*one.setting, self.random.choice(("5", "7")))
            case "move":
                self.move(name)
            case "delete":
                if self.random.random() < 0.3 and (self.root / self.paths[name]).exists():
                    (self.root / self.paths[name]).unlink()
                    self.untouched.pop(self.paths[name])
            case "template":
                if self.random.random() < 0.3:
                    self.edit(name, lambda text: b"{{ if .on }}\n" + text)

    def move(self, name: str) -> None:
        old, new = self.paths[name], f"jobs/{name}-moved.yaml"
        if old != new and (self.root / old).exists():
            (self.root / old).rename(self.root / new)
            self.untouched[new] = self.untouched.pop(old)
            self.paths[name] = new

    def allowed(self) -> Settings:
        """What a person allows from now on."""
        pick = self.random.choice
        freeze = hours = None
        if self.random.random() < 0.15:
            begin = self.now + timedelta(hours=pick((-5, -1, 1, 30)))
            freeze = (pick(("production", "staging")), begin, begin + timedelta(hours=pick((2, 24, 100))))
        if self.random.random() < 0.15:
            first = pick((0, 8, 12))
            hours = (pick(("production", "staging")), first, first + pick((3, 9, 12)))
        return Settings(
            levels={
                "production": pick(("observe", "propose", "approve", *["auto"] * 5)),
                "staging": pick(("observe", "propose", *["auto"] * 4)),
            },
            run_most=pick((1, 2, 20, 20, 20, 20)),
            environment_most=pick((1, 2, 20, 20, 20)),
            rule_share=pick((0.2, 1.0, 1.0, 1.0)),
            few=pick((0, 1, 3, 3)),
            within=timedelta(hours=pick((6, 24))),
            factor=pick((1.4, 2.0, 2.0, 3.0)),
            together=timedelta(days=pick((1, 7))),
            most_deadline=pick((3 * 3600.0, 30 * 3600.0, 30 * 3600.0)),
            cooldown=timedelta(hours=pick((0, 1, 24))),
            attempts=pick((1, 2, 3)),
            remember=timedelta(days=30),
            facts_share=0.8,
            freeze=freeze,
            hours=hours,
        )

    # -- what a scan would have told

    def scan(self) -> None:
        """Read the files, with faults, and judge what was read."""
        self.facts, self.told = {}, {}
        gaps: set[str] = set()
        for name in sorted(self.paths):
            place = self.root / self.paths[name]
            content = place.read_bytes() if place.exists() else b""
            fault = self.random.choice((*[""] * 26, "stale", "stale", "wrong", "missing", "gap"))
            if fault == "stale":
                content = self.read_before.get(name, content)
            facts = () if fault in ("missing", "gap") else self._facts(name, content)
            if fault == "wrong":
                facts = tuple(replace(one, value=Quantity(one.value.value * 2, one.value.unit)) for one in facts)
            if fault == "gap":
                gaps.add(self.environments[name])
            self.read_before[name] = place.read_bytes() if place.exists() else b""
            if facts:
                self.facts[facts[0].subject.id] = facts
        gap = Gap(Origin(SOURCE, "jobs/x.yaml"), "it is a template")
        self.coverage = tuple(
            Coverage(SOURCE, one, "job", gaps=(gap,) if one in gaps else ()) for one in ("production", "staging")
        )
        counted = sum(map(len, self.facts.values()))
        self.counts.append(FactCounts(self.now, {SOURCE: counted} if counted else {}))
        for facts in self.facts.values():
            for fact in facts:
                self._remember(fact)
        self.checker.saw(self.now, self.told)
        self.lives = tuple(self._judged())

    def _facts(self, name: str, content: bytes) -> tuple[Fact, ...]:
        documents = read_yaml(content, SOURCE, self.paths[name])
        if documents.problems or not documents.nodes:
            return ()
        subject = Subject("job", self.environments[name], name)
        found = []
        for setting, (key, unit) in KEYS.items():
            node = documents.nodes[0].get("spec", setting)
            if node is not None:
                try:
                    value = parse_quantity(node.text, unit)
                except NotAQuantity:
                    continue
                found.append(Fact(subject, key, value, View.DECLARED, Provenance.EXPLICIT, node.origin))
        return tuple(found)

    def _remember(self, fact: Fact) -> None:
        setting = next(name for name, (key, _) in KEYS.items() if key == fact.key)
        assert isinstance(fact.value, Quantity)
        self.told[fact.subject.name, setting] = fact.value.value
        past = self.histories.setdefault((fact.subject.id, fact.key), [])
        if past and past[-1].fact.value == fact.value:
            past[-1] = replace(past[-1], last_seen=self.now)
            return
        if past:
            past[-1] = replace(past[-1], closed=self.now)
        # One place a setting: a move is told by its new name, and is no other history.
        place = replace(fact, origin=replace(fact.origin, locator="jobs"))
        past.append(Interval(place, self.now, self.now))

    def _judged(self) -> Iterator[FindingLife]:
        for name in sorted(self.paths):
            for rule_name, setting in RULES.items():
                if rule_name == "strict" and self.random.random() < 0.85:
                    continue
                yield self._life(name, rule_name, setting)

    def _life(self, name: str, rule_name: str, setting: str) -> FindingLife:
        """What a rule says about a job: from what was told of it, and what it needs; waived or unknown at times."""
        key, unit = KEYS[setting]
        subject = Subject("job", self.environments[name], name)
        told, wanted = self.told.get((name, setting)), Quantity(self._need(rule_name, name, setting), unit)
        if told is None or self.random.random() < 0.1:
            verdict = Verdict.UNKNOWN
        elif told == wanted.value or (told > wanted.value) != (rule_name == "strict"):
            verdict = Verdict.OK
        else:
            verdict = Verdict.WAIVED if self.random.random() < 0.1 else Verdict.DRIFT
        evidence = () if told is None else (
            Evidence(f"self.{key}", Quantity(told, unit), View.DECLARED, Provenance.EXPLICIT,
                     (Origin(SOURCE, self.paths[name]),)),
        )  # fmt: skip
        finding = Finding(
            rule_name, subject, verdict, Severity.HIGH, "Jobs end in time", "too close", f"{told}", f"{wanted}",
            evidence or (Evidence(f"self.{key}", None, origins=(Origin(SOURCE, self.paths[name]),)),),
            (Recommendation(key, wanted),),
        )  # fmt: skip
        return FindingLife(finding, Life.ONGOING, self.now, self.now)

    def _need(self, rule_name: str, name: str, setting: str) -> float:
        """What a rule wants of a job until its needs change: mostly a little more than is told, at times anything."""
        if (rule_name, name) not in self.needs:
            told = self.told.get((name, setting), 0.0)
            if told and self.random.random() < 0.9:
                parts = (0.5, 0.75) if rule_name == "strict" else (1.0, 1.25, 1.25, 1.35, 1.5, 2.0)
                need = float(round(told * self.random.choice(parts)))
            else:
                need = self.random.choice({"replicas": (0.0, 1.0, 6.0), "deadline": (0.0, 1800.0, 32400.0)}[setting])
            self.needs[rule_name, name] = need
        return self.needs[rule_name, name]

    # -- what driftbot knows, and what is so

    def circumstances(self) -> Circumstances:
        return Circumstances(
            now=self.now,
            options=options(self.settings),
            verdicts={one.finding.fingerprint: one.finding.verdict for one in self.lives},
            playbooks=PLAYBOOKS,
            vocabulary=VOCABULARY,
            population=Population(rules=dict.fromkeys(RULES, len(self.paths))),
            tonight=self.counts[-1],
            runs=self.store.runs(),
            earlier=tuple(self.counts[:-1]),
            coverage=self.coverage,
            histories={setting: tuple(past) for setting, past in self.histories.items()},
            stopped=self.stopped,
        )

    def planned(self) -> Plan:
        world = PlanningWorld(
            self.counts[-1].night, self.lives, self.facts, RULEBOOK, {"edit_file": edit_file}, self.circumstances()
        )
        return plan(world, LiveLook(self._tools(lambda _: None)))

    def truth(self, unattended: bool = False) -> Truth:
        findings = {}
        for one in self.lives:
            name, rule_name = one.finding.subject.name, one.finding.rule
            setting = name, RULES[rule_name]
            advice = one.finding.recommendations[0].value
            assert isinstance(advice, Quantity)
            findings[rule_name, name] = Planted(
                setting, self.environments[name], one.finding.verdict.value, advice.value, self.told.get(setting, -1.0)
            )
        blind = frozenset(one.environment for one in self.coverage if not one.complete)
        told = [one.by_source.get(SOURCE, 0) for one in self.counts]
        return Truth(
            self.now, self.settings, findings, len(self.paths), told[-1], tuple(told[:-1][-7:]), blind,
            bool(self.stopped), unattended,
        )  # fmt: skip

    def tree(self) -> Tree:
        files = (path for path in (self.root / "jobs").rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in files}

    # -- what driftbot does

    def _tools(self, boundary: Callable[[str], None]) -> Tools:
        return Tools(self.root, ActionOptions(), lambda: self.now, boundary, stopped=lambda: self.stopped)

    @contextmanager
    def runner(self, who: str, boundary: Callable[[str], None] = lambda _: None) -> Iterator[Runner]:
        with self.store.acting(who, self.now, TERM) as lease:
            effects = Effects({"edit_file": edit_file}, self._tools(boundary))
            journal = Journal(self.store, lease, lambda: self.now, boundary)
            yield Runner(journal, effects, lambda: self.now, self.asked_to_stop)

    def asked_to_stop(self) -> str:
        """Who pulled the kill switch, asked between any two steps."""
        return self.stopped

    def apply(self, kept: Plan, unattended: bool) -> None:
        """Somebody applies the plan, or a night does; the process may end anywhere, and another one goes on."""
        before, truth = self.tree(), self.truth(unattended)
        fuse = self.random.randint(1, 20) if self.random.random() < 0.4 else 0
        digests = self._asked_for(kept)
        try:
            with self.runner("first", _fuse(fuse)) as runner:
                self._other_is_refused()
                self._perform(runner, digests, unattended)
        except Killed:
            self.tally["killed"] += 1
            with self.runner("second") as runner:
                recover(runner, self.store)
                self._perform(runner, digests, unattended)
        count = self.checker.applied(before, self.tree(), truth)
        self.tally["effects"] += count
        self.tally["automatic effects"] += count if unattended else 0

    def _asked_for(self, kept: Plan) -> list[str]:
        """What a person applies: the whole plan, or some of its remedies one by one."""
        if not kept.held and self.random.random() < 0.5:
            return [kept.digest]
        return [one.digest for one in kept.remedies if self.random.random() < 0.8]

    def _perform(self, runner: Runner, digests: Sequence[str], unattended: bool) -> None:
        if unattended:
            going = ready_tonight(self.planned(), self.store, self.circumstances()).going
            perform(runner, going, "driftbot run", lambda _: None)
            return
        newer = self.planned()
        for digest in digests:
            choice = self.store.plan(digest)
            assert choice is not None
            found = ready(choice, "ann@example.org", self.store, self.circumstances(), newer)
            self.tally["held when applied"] += bool(found.held)
            if not found.held and not found.waiting:
                perform(runner, found.going, "ann@example.org", lambda _: None)

    def _other_is_refused(self) -> None:
        try:
            with self.runner("other"):
                self.checker.violations.append("two act at once")
        except LeaseHeld:
            self.tally["second runner refused"] += 1

    def judge(self) -> None:
        """Fresh facts, and what they say about what was done; what did not help is taken back."""
        self.scan()
        before = self.tree()
        with self.runner("judge") as runner:
            self._forward(lambda: go_on(runner, self.store))
            waiting = self.store.runs([RunState.VERIFYING])
            findings = [life.finding for life in self.lives]
            verify(runner, self.store, waiting, findings, self.now, exhausted_by(self.circumstances()))
        self.tally["undone"] += self.checker.undone(before, self.tree(), self.now)
        numbers = {one.number for one in waiting}
        ended = [one for one in self.store.runs([RunState.RESOLVED, *_LEFT]) if one.number in numbers]
        self.checker.judged(frozenset((one.rule, one.subject.name) for run in ended for one in run.remedy.covers))

    def _forward(self, act: Callable[[], object]) -> None:
        before = self.tree()
        act()
        self.tally["effects"] += self.checker.applied(before, self.tree(), self.truth())

    def take_back(self) -> None:
        """Undo everything that stands, the last first; refused is what says why."""
        self.stopped = ""
        refused: dict[Setting, str] = {}
        with self.runner("cleaner") as runner:
            for run in reversed(self.store.runs()):
                settings = [
                    (change.subject.name, next(name for name, (key, _) in KEYS.items() if key == change.key))
                    for step in run.remedy.steps
                    for change in step.changes
                ]
                before = self.tree()
                try:
                    done = put_back(runner, run, "ann@example.org")
                except Failure:
                    refused |= {one: run.told for one in settings if run.state in _LEFT}
                    continue
                self.tally["undone"] += self.checker.undone(before, self.tree(), self.now)
                if done.state is not RunState.UNDONE:
                    refused |= dict.fromkeys(settings, done.told)
        self.checker.ended(self.tree(), self.untouched, refused)


def _setter(key: str, value: str) -> Callable[[bytes], bytes]:
    pattern = re.compile(rb"^(  %s: )\S+" % key.encode(), re.MULTILINE)
    return lambda text: pattern.sub(rb"\g<1>" + value.encode(), text, count=1)


def _fuse(length: int) -> Callable[[str], None]:
    """A boundary at which the process ends, once so many were passed; 0 burns for ever."""
    left = [length]

    def boundary(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    return boundary


def options(settings: Settings) -> GuardOptions:
    """The options as a person would write them for these settings."""
    said: dict[str, Any] = {
        "ladder": [{"environment": name, "level": level} for name, level in settings.levels.items()],
        "limits": {
            "within": _span(settings.within),
            "few": settings.few,
            "run": {"most": settings.run_most},
            "rule": {"share": settings.rule_share},
            "owner": {},
            "environment": {"most": settings.environment_most},
        },
        "steps": {
            "factor": settings.factor,
            "within": _span(settings.together),
            "bounds": {"timeout.deadline": {"most": settings.most_deadline}},
        },
        "cooldown": _span(settings.cooldown),
        "rest": "0s",
        "attempts": settings.attempts,
        "failures": 3,
        "remember": _span(settings.remember),
        "facts": {"share": settings.facts_share},
    }
    if settings.freeze:
        environment, begin, end = settings.freeze
        freeze = {"from": begin.isoformat(), "to": end.isoformat(), "reason": "sale", "environments": [environment]}
        said["freezes"] = [freeze]
    if settings.hours:
        environment, first, last = settings.hours
        days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        clock = {"from": f"{first:02}:00", "to": f"{last:02}:00", "zone": "UTC", "days": days}
        said["hours"] = [{**clock, "environments": [environment]}]
    return GuardOptions.model_validate(said)


def _span(span: timedelta) -> str:
    return f"{int(span.total_seconds())}s"


def play(seed: int, folder: Path, store: Store, file: Path) -> Estate:
    """One scenario from its seed, in a new folder; ``store``, in ``file``, is emptied first."""
    folder.mkdir(parents=True)
    _empty(file)
    random = Random(seed)
    estate = Estate(folder, random, store)
    estate.plant()
    for _ in range(random.randint(1, 2)):
        estate.now += timedelta(days=1)
        estate.scan()
    for _ in range(random.choice((1, 2, 3, 3, 6))):
        _round(estate, random)
    estate.now += timedelta(hours=1)
    if random.random() < 0.5:
        estate.meddle()
    estate.take_back()
    shutil.rmtree(folder)
    return estate


def _empty(file: Path) -> None:
    """Nothing of runs, plans and leases left: a new store costs more than a scenario."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for table in ("run_check", "run_step", "run", "plan_approval", "plan_remedy", "plan", "outbox"):
            connection.execute(f"DELETE FROM {table}")


def _round(estate: Estate, random: Random) -> None:
    estate.now += timedelta(hours=random.choice((1, 5, 24, 24, 30)))
    for _ in range(random.choice((0, 0, 1, 2))):
        estate.meddle()
    if random.random() < 0.3:
        estate.needs.clear()
    estate.scan()
    kept = estate.planned()
    estate.store.keep_plan(kept)
    estate.tally["remedies"] += len(kept.remedies)
    estate.tally["held"] += len(kept.held)
    _between(estate, random)
    estate.apply(kept, unattended=random.random() < 0.3)
    estate.stopped = ""
    for _ in range(random.choice((0, 1, 1, 2, 2))):
        estate.now += timedelta(hours=random.choice((1, 24)))
        if random.random() < 0.2:
            estate.meddle()
        if random.random() < 0.2:
            estate.needs.clear()
        estate.judge()


def _between(estate: Estate, random: Random) -> None:
    """What happens after a plan was made and before somebody applies it."""
    happens = random.random()
    if happens < 0.15:
        estate.meddle()
    elif happens < 0.3:
        estate.settings = estate.allowed()
    elif happens < 0.4:
        estate.stopped = "driftbot.stop is there"
    elif happens < 0.5:
        estate.now += timedelta(hours=random.choice((1, 6, 20)))
    elif happens < 0.6:
        estate.now += timedelta(hours=2)
        estate.scan()
