"""What became of a remedy, judged from outside: bytes, the remote's references, servers' own counts, and rows by SQL.

Nothing of the runner, the journal or the actions is used. ``known`` holds before anything was recovered, ``whole``
after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.campaigns.crash.outside import Done, done_by_programs
from tests.campaigns.crash.planted import Case, Expected, Place
from tests.campaigns.crash.records import Records, RunRow, StepRow
from tests.campaigns.crash.world import BASE, World
from tests.repository.scene import run

BEFORE, AFTER, OTHER = "before", "after", "other"
_THERE, _NOT_THERE = frozenset({"done", "pending"}), frozenset({"planned", "undone", "refused", "not_done"})
_FORWARD, _BACK = frozenset({"verifying", "waiting"}), frozenset({"undone", "refused"})


@dataclass(frozen=True)
class Found:
    """An effect as it stands: ``times`` is how often it was had, undone since or not; ``keys`` under which keys."""

    stands: str
    times: int
    keys: frozenset[str] = frozenset()


def found(world: World, case: Case, step: Expected, records: Records) -> Found:
    """Look at the place where a step's effect would be."""
    match step.place:
        case Place.FILE:
            text = (world.estate / case.path).read_text()
            stands = {case.before: BEFORE, case.after: AFTER}.get(text, OTHER)
            return Found(stands, int(stands != BEFORE))
        case Place.BRANCH:
            return _branch(world, case)
        case Place.REQUEST:
            asked = [one.state for one in world.forge.requests()]
            return Found(AFTER if "open" in asked else BEFORE, len(asked))
        case Place.OUTBOX:
            count = sum(step.name in title for title in records.notices)
            return Found(AFTER if count else BEFORE, count)
        case Place.ISSUE:
            told = [one.state for one in world.forge.notices() if step.name in one.title]
            return Found(AFTER if "open" in told else BEFORE, len(told))
        case Place.SERVER:
            return _counted(world.deployer.done, step)
        case Place.PROGRAM:
            return _counted(done_by_programs(world.programs), step)
        case Place.SILENCE:
            states = [one["status"]["state"] for one in world.silences()]
            return Found(AFTER if "active" in states else BEFORE, len(states))


def known(world: World, case: Case, records: Records) -> Iterator[str]:
    """What stands and nobody wrote down that it would, and what was begun without a plan or an approval on disk."""
    rows = _rows(world, case, records)
    for number, step in enumerate(world.way.steps_of(case)):
        seen = found(world, case, step, records)
        written = [row.steps[number] for row in rows if row.steps[number].intended]
        if seen.times and not written:
            yield f"step {number + 1} had its effect ({seen}), and no intent is on disk"
        strangers = seen.keys - {row.key for row in written}
        if strangers:
            yield f"step {number + 1} was done under keys that no intent has: {sorted(strangers)}"
    for row in rows:
        if row.digest not in records.planned:
            yield f"run {row.number} is of a plan that is lost"
        if row.digest not in records.approved:
            yield f"run {row.number} was begun, and the approval is lost"
    lost = set(world.digests.values()) - records.planned
    if lost:
        yield f"plans are lost: {sorted(lost)}"


def whole(world: World, case: Case, records: Records, *, excused: bool) -> Iterator[str]:
    """What is half done, done twice, or not as its run says.

    ``excused``: what driftbot had running outlived it, or was killed while it held a lock; then nobody may be able to
    tell, and a run may wait for a person though its effects can be read back.
    """
    yield from known(world, case, records)
    yield from _surroundings(world, case)
    rows = _rows(world, case, records)
    if len(rows) > 1:
        yield f"there are {len(rows)} runs of one remedy"
    steps = world.way.steps_of(case)
    for number, step in enumerate(steps):
        seen = found(world, case, step, records)
        if seen.stands == OTHER:
            yield f"step {number + 1} left something that is neither before nor after"
        if seen.times > 1:
            yield f"step {number + 1} was done {seen.times} times"
        if not rows and seen.stands != BEFORE:
            yield f"step {number + 1} was done, and there is no run"
        for row in rows:
            yield from _step(row.steps[number], step, seen, number + 1, excused=excused)
    for row in rows:
        yield from _run(row, steps)


def _step(row: StepRow, step: Expected, seen: Found, number: int, *, excused: bool) -> Iterator[str]:
    where = f"step {number} is {row.state} ({row.detail})"
    if row.state in _THERE and seen.stands != AFTER:
        yield f"{where}, and its effect is not there"
    elif row.state in _NOT_THERE and seen.stands != BEFORE:
        yield f"{where}, and its effect is there"
    elif row.state == "uncertain":
        if step.readable and not excused:
            yield f"{where}, though it can be read back"
    elif row.state not in _THERE | _NOT_THERE:
        yield f"{where} after all was concluded"


def _run(row: RunRow, steps: Sequence[Expected]) -> Iterator[str]:
    states = {step.state for step in row.steps}
    allowed = {**dict.fromkeys(_FORWARD, _THERE), **dict.fromkeys(_BACK, _NOT_THERE)}
    if row.state == "uncertain":
        if "uncertain" not in states or not row.told:
            yield f"the run is uncertain, and says not of what: {row.told}"
    elif row.state not in allowed:
        yield f"the run is {row.state} after all was concluded: {row.told}"
    elif not states <= allowed[row.state]:
        yield f"the run is {row.state}, and its steps are {sorted(states)}"
    if row.state in _FORWARD and any(step.fails for step in steps):
        yield f"the run is {row.state}, and one of its steps failed"


def _rows(world: World, case: Case, records: Records) -> list[RunRow]:
    return [row for row in records.runs if row.digest == world.digests[case.playbook]]


def _counted(done: Sequence[Done], step: Expected) -> Found:
    mine = [one for one in done if one.name == step.name]
    times = max(sum(not one.undone for one in mine), sum(one.undone for one in mine))
    keys = frozenset(one.key.removesuffix("-undo") for one in mine)
    return Found(AFTER if mine and not mine[-1].undone else BEFORE, times, keys)


def _branch(world: World, case: Case) -> Found:
    prefix = f"refs/heads/driftbot/{case.playbook}/"
    tips = run(world.remote, "for-each-ref", "--format=%(refname)", prefix).split()
    moves = [line.split() for line in _pushes(world) if line.split()[2].startswith(prefix)]
    commits = [new for _, new, _ in moves if set(new) != {"0"}]
    if not tips:
        return Found(BEFORE, len(commits))
    (tip,) = tips
    ahead = run(world.remote, "rev-list", "--count", f"{BASE}..{tip}")
    changed = run(world.remote, "diff", "--name-only", BASE, tip).split()
    text = run(world.remote, "cat-file", "blob", f"{tip}:{case.path}") + "\n"
    right = (ahead, changed, text) == ("1", [case.path], case.after)
    return Found(AFTER if right else OTHER, len(commits))


def _pushes(world: World) -> list[str]:
    log = world.remote / "pushes"
    return log.read_text().splitlines() if log.exists() else []


def _surroundings(world: World, case: Case) -> Iterator[str]:
    """The work of people: every other file, the index, HEAD, branches; both repositories sound."""
    for other in world.way.cases.values():
        if other is not case and (world.estate / other.path).read_text() != other.before:
            yield f"{other.path} was changed as well"
    places = {step.place for step in world.way.steps_of(case)}
    if Place.BRANCH not in places and Place.FILE not in places:
        return
    status = run(world.estate, "status", "--porcelain").splitlines()
    allowed = {f" M {case.path}"} if Place.FILE in places else set()
    for line in set(status) - allowed:
        yield f"the clone is not as its owner left it: {line}"
    if Place.BRANCH in places:
        heads = run(
            world.estate, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags", "refs/stash"
        ).split()
        if heads != [f"refs/heads/{BASE}"]:
            yield f"the clone has other branches: {heads}"
        for place in (world.estate, world.remote):
            unsound = run(place, "fsck", "--no-dangling")
            if unsound:
                yield f"{place.name} is not sound: {unsound}"
