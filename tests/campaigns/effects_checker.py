"""A checker of effects that knows nothing of planning, guards and runs: bytes before and after, and what was planted.

It reads the planted files by their lines, keeps its own account of what was changed, and says what must not have been.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

Tree = Mapping[str, bytes]
"""The files of the estate by path."""
Setting = tuple[str, str]
"""A job and the name of its setting: ``deadline`` or ``replicas``."""

ACTING = ("propose", "approve", "auto")
_SETTING = re.compile(rb"(  )(deadline|replicas)(: )(\S+)( .*)?")
_PART = re.compile(r"(\d+)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def number(text: str) -> float:
    """``1h30m`` is 5400, ``3`` is 3."""
    return float(sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text)))


def step(text: str) -> float:
    """What the last unit of a value is: ``1h30m`` is written in minutes, and is rounded up to them."""
    return float(_SECONDS[_PART.findall(text)[-1][1]])


@dataclass(frozen=True)
class Settings:
    """What a person allows, as plain numbers; the options of driftbot are made of them."""

    levels: Mapping[str, str]
    run_most: int
    environment_most: int
    rule_share: float
    few: int
    within: timedelta
    factor: float
    together: timedelta
    most_deadline: float
    cooldown: timedelta
    attempts: int
    remember: timedelta
    facts_share: float
    freeze: tuple[str, datetime, datetime] | None = None
    hours: tuple[str, int, int] | None = None


@dataclass(frozen=True)
class Planted:
    """One finding as it is meant: its verdict now, what its rule wants, and the value that the facts told."""

    setting: Setting
    environment: str
    verdict: str
    wanted: float
    told: float


@dataclass(frozen=True)
class Truth:
    """What is so while somebody acts; ``findings`` by rule and job. ``unattended``: nobody called for it."""

    now: datetime
    settings: Settings
    findings: Mapping[tuple[str, str], Planted]
    judged: int
    facts: int
    facts_before: Sequence[int]
    blind: frozenset[str]
    stopped: bool = False
    unattended: bool = False


@dataclass
class Change:
    """One value that driftbot wrote: which, when, from what to what (as written), and what became of it."""

    setting: Setting
    environment: str
    at: datetime
    path: str
    old: bytes
    new: bytes
    rules: frozenset[str]
    undone: datetime | None = None
    judged: bool = False
    overwritten: bool = False


@dataclass
class Checker:
    """The account of all effects, and every violation so far in words."""

    changes: list[Change] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    told: dict[Setting, list[tuple[datetime, float]]] = field(default_factory=dict)
    refusals: int = 0
    either: dict[Setting, set[bytes]] = field(default_factory=dict)

    def applied(self, before: Tree, after: Tree, truth: Truth) -> int:
        """Judge what somebody who applies did; how many values were changed."""
        self._people(before)
        found = self._differences(before, after)
        fresh: list[Change] = []
        for path, setting, old, new in found:
            fresh.append(self._forward(path, setting, old, new, truth))
        if fresh:
            self._together(fresh, truth)
        self.changes += fresh
        return len(fresh)

    def undone(self, before: Tree, after: Tree, now: datetime) -> int:
        """Judge what undoing did: every byte that differs has to be one that was there before."""
        self._people(before)
        found = self._differences(before, after)
        for path, setting, old, new in found:
            value = old
            while value != new:
                ours = [one for one in self.changes if (one.setting, one.new, one.undone) == (setting, value, None)]
                if not ours:
                    self._violated(f"{path}: undoing wrote {new!r} over {old!r}, which nobody had changed so")
                    break
                ours[-1].undone, value = now, ours[-1].old
        return len(found)

    def judged(self, jobs: frozenset[tuple[str, str]]) -> None:
        """These findings, rule and job, were judged for good just now; what is written for them later was not."""
        for one in self.changes:
            if any((rule, one.setting[0]) in jobs for rule in one.rules):
                one.judged = True

    def without_ours(self, setting: Setting, value: bytes) -> bytes:
        """What is left of a value that people set, once everything that driftbot wrote is taken back.

        People who undo the last change by hand bring back the value of the change before. By its bytes that one stands
        again, and whoever undoes it, too, is to get what was there before both; nobody wrote that value but driftbot.
        Where people wrote something else in between, it is theirs as much as driftbot's: undone or not, both are right.
        """
        for one in reversed(self.changes):
            if (one.setting, one.new, one.undone) != (setting, value, None):
                continue
            if one.overwritten:
                self.either.setdefault(setting, set()).update((one.old, one.new))
            else:
                value = one.old
        return value

    def saw(self, now: datetime, told: Mapping[Setting, float]) -> None:
        """What a scan told of each setting."""
        for setting, value in told.items():
            self.told.setdefault(setting, []).append((now, value))

    def ended(self, tree: Tree, untouched: Tree, refused: Mapping[Setting, str]) -> None:
        """After everything was taken back: what nobody refused is as if driftbot had never been there."""
        for one in self.changes:
            if one.undone is None and not one.overwritten and self._stands(one, tree):
                if refused.get(one.setting):
                    self.refusals += 1
                else:
                    self._violated(f"{one.path}: {one.setting} was neither undone nor refused with a reason")
        touched = {one.setting[0] for one in self.changes}
        for path in sorted({*tree, *untouched}):
            job = path.removeprefix("jobs/").partition(".")[0].removesuffix("-moved")
            if job in touched and any(name == job for name, _ in refused):
                continue
            if tree.get(path) != untouched.get(path) and not self._either(job, tree.get(path), untouched.get(path)):
                self._violated(f"{path} is not as people left it: {tree.get(path)!r} and not {untouched.get(path)!r}")

    def _either(self, job: str, here: bytes | None, there: bytes | None) -> bool:
        """Whether two contents differ only in values that are driftbot's as much as people's."""
        if here is None or there is None:
            return False
        for (name, setting), values in self.either.items():
            place = re.compile(
                rb"(?m)^(  %s: )(%s)(?=\s)" % (setting.encode(), b"|".join(map(re.escape, sorted(values))))
            )
            if name == job:
                here, there = place.sub(rb"\1either", here), place.sub(rb"\1either", there)
        return here == there

    def _people(self, tree: Tree) -> None:
        """Note what people changed since: whatever driftbot wrote and does not stand there any more."""
        latest = {one.setting: one for one in self.changes if one.undone is None}
        for one in latest.values():
            one.overwritten = one.overwritten or not self._stands(one, tree)

    def _stands(self, change: Change, tree: Tree) -> bool:
        """Whether the value is what was written, in the job's file wherever it is now."""
        job, setting = change.setting
        content = next((tree[path] for path in (f"jobs/{job}.yaml", f"jobs/{job}-moved.yaml") if path in tree), b"")
        matches = (_SETTING.match(line) for line in content.splitlines())
        return any(found and found[2].decode() == setting and found[4] == change.new for found in matches)

    def _differences(self, before: Tree, after: Tree) -> list[tuple[str, Setting, bytes, bytes]]:
        """Every value that differs; whatever else differs is a violation."""
        found = []
        for path in sorted({*before, *after}):
            if path not in before or path not in after:
                self._violated(f"{path} {'appeared' if path in after else 'is gone'}")
                continue
            was, now = before[path].splitlines(keepends=True), after[path].splitlines(keepends=True)
            if len(was) != len(now):
                self._violated(f"{path} has {len(now)} lines and had {len(was)}")
                continue
            for old, new in zip(was, now, strict=True):
                if old == new:
                    continue
                one, other = _SETTING.match(old), _SETTING.match(new)
                rest = one and other and (one[1], one[2], one[5]) == (other[1], other[2], other[5])
                if not one or not other or not rest or old[one.end() :] != new[other.end() :]:
                    self._violated(f"{path}: {old!r} became {new!r}")
                    continue
                job = path.removeprefix("jobs/").partition(".")[0].removesuffix("-moved")
                found.append((path, (job, one[2].decode()), one[4], other[4]))
        return found

    def _forward(self, path: str, setting: Setting, old: bytes, new: bytes, truth: Truth) -> Change:
        job, _ = setting
        about = {rule: one for (rule, name), one in truth.findings.items() if name == job and one.setting == setting}
        drifting = {rule: one for rule, one in about.items() if one.verdict == "drift"}
        environment = next((one.environment for one in about.values()), "")
        was, becomes = number(old.decode()), number(new.decode())
        asked = {rule for rule, one in drifting.items() if 0 <= becomes - one.wanted < step(new.decode())}
        where = f"{job}.{setting[1]} {old.decode()} → {new.decode()}"
        settings, now = truth.settings, truth.now
        if truth.stopped:
            self._violated(f"{where}: the kill switch is pulled")
        if not asked:
            seen = sorted((rule, one.verdict, one.wanted) for rule, one in about.items())
            self._violated(f"{where}: no rule finds that it drifts and wants this: {seen}")
        if len({one.wanted for one in drifting.values()}) > 1:
            self._violated(f"{where}: rules want different values")
        if asked and all(drifting[rule].told != was for rule in asked):
            self._violated(f"{where}: the facts told another value")
        if settings.levels.get(environment) not in ACTING:
            self._violated(f"{where}: {environment} is only observed")
        if truth.unattended and settings.levels.get(environment) != "auto":
            self._violated(f"{where}: {environment} is not automatic")
        self._reach(where, setting, was, becomes, truth)
        if settings.freeze and settings.freeze[0] == environment and settings.freeze[1] <= now < settings.freeze[2]:
            self._violated(f"{where}: {environment} is frozen")
        hours = settings.hours
        if hours and hours[0] == environment and not hours[1] <= now.hour < hours[2]:
            self._violated(f"{where}: {now:%H:%M} is outside the hours of {environment}")
        if truth.facts_before and truth.facts < settings.facts_share * median(truth.facts_before):
            self._violated(f"{where}: {truth.facts} facts, usually {truth.facts_before}")
        if environment in truth.blind:
            self._violated(f"{where}: not everything in {environment} was read")
        self._again(where, setting, frozenset(asked), (was, becomes), truth)
        return Change(setting, environment, now, path, old, new, frozenset(asked))

    def _reach(self, where: str, setting: Setting, was: float, becomes: float, truth: Truth) -> None:
        settings = truth.settings
        lately = [
            one
            for one in self.changes
            if one.setting == setting and one.undone is None and truth.now - one.at < settings.together
        ]
        for base in (was, *(number(one.old.decode()) for one in lately[:1])):
            if base != becomes and not (base and becomes and 1 / settings.factor <= becomes / base <= settings.factor):
                self._violated(f"{where}: from {base} that is more than {settings.factor} times or less than its part")
        if setting[1] == "deadline" and becomes > settings.most_deadline:
            self._violated(f"{where}: at most {settings.most_deadline} is allowed")

    def _again(
        self, where: str, setting: Setting, rules: frozenset[str], values: tuple[float, float], truth: Truth
    ) -> None:
        settings, now, (was, becomes) = truth.settings, truth.now, values
        for one in self.changes:
            last = one.undone or one.at
            if one.setting[0] == setting[0] and now - last < settings.cooldown:
                self._violated(f"{where}: the job was changed at {last:%m-%d %H:%M}, it is {now:%m-%d %H:%M}")
            waits = one.undone is None and not one.judged and not one.overwritten and number(one.new.decode()) == was
            if waits and one.setting == setting and one.rules & rules:
                self._violated(f"{where}: the change before waits to be judged")
        spent = [
            one
            for one in self.changes
            if one.rules & rules and one.setting == setting and now - (one.undone or one.at) < settings.remember
        ]
        if len(spent) >= settings.attempts:
            self._violated(f"{where}: {len(spent)} attempts were made, {settings.attempts} are allowed")
        if truth.unattended and spent:
            self._violated(f"{where}: an attempt did not help, so it is automatic no more")
        standing = [one for one in self.changes if one.setting == setting and one.undone is None and self._seen(one)]
        if standing and now - standing[-1].at < settings.remember:
            before, after = number(standing[-1].old.decode()), number(standing[-1].new.decode())
            if (before - after) * (was - after) > 0 and (becomes - was) * (after - before) > 0:
                self._violated(f"{where}: somebody changed it back")
        if self._returns(setting, now - settings.remember) >= 2:
            self._violated(f"{where}: its value goes back and forth")

    def _seen(self, change: Change) -> bool:
        """Whether a scan has seen it; what was changed back before nobody can know of."""
        told = self.told.get(change.setting, ())
        return any(at > change.at and value == number(change.new.decode()) for at, value in told)

    def _returns(self, setting: Setting, since: datetime) -> int:
        values: list[float] = []
        count = 0
        for at, value in self.told.get(setting, ()):
            if values and value != values[-1]:
                count += value in values and at > since
            if not values or value != values[-1]:
                values.append(value)
        return count

    def _together(self, fresh: Sequence[Change], truth: Truth) -> None:
        settings = truth.settings
        recent = [one for one in self.changes if truth.now - (one.undone or one.at) < settings.within]
        jobs = {one.setting[0] for one in (*recent, *fresh)}
        if len(jobs) > settings.run_most:
            self._violated(f"{len(jobs)} jobs were changed, {settings.run_most} may")
        for environment in {one.environment for one in fresh}:
            inside = {one.setting[0] for one in (*recent, *fresh) if one.environment == environment}
            if len(inside) > settings.environment_most:
                self._violated(f"{len(inside)} jobs of {environment} were changed, {settings.environment_most} may")
        for rule in {rule for one in fresh for rule in one.rules if len(one.rules) == 1}:
            mine = {one.setting[0] for one in (*recent, *fresh) if one.rules == frozenset({rule})}
            if len(mine) > max(settings.few, int(settings.rule_share * truth.judged + 1e-9)):
                self._violated(f"{rule}: {len(mine)} jobs of {truth.judged} were changed, share {settings.rule_share}")

    def _violated(self, what: str) -> None:
        self.violations.append(what)
