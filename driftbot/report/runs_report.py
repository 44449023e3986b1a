"""Runs for people: what was applied and how it stands, and one run in full: who, when, what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from driftbot.core.plan import Held
from driftbot.core.remedy import Remedy, Step
from driftbot.core.run import Check, Run, RunState, StepRecord, StepState, UnreadableRun
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.plan_report import DIGITS, heading, reasons
from driftbot.report.wording import plural

SHOWN = 20
"""Runs of one section that are shown; the rest is counted."""
_LONGEST_PREVIEW = 200
_LONGEST = 1000
_GOOD = (RunState.VERIFYING, RunState.WAITING, RunState.RESOLVED)
_OPEN = (RunState.RUNNING, RunState.UNDOING, RunState.WAITING, RunState.VERIFYING)


def runs_outline(runs: Sequence[Run], shown: int = SHOWN, waiting: str = "") -> Outline:
    """All runs: those that wait for a person, those under way, and those that ended, the newest first.

    ``waiting`` says what else waits for people.
    """
    newest = sorted(runs, key=lambda run: -run.number)
    uncertain = [run for run in newest if run.state is RunState.UNCERTAIN]
    under_way = [run for run in newest if run.state in _OPEN]
    ended = [run for run in newest if run.state.ended]
    sections = (
        _section("Waits for a person", Tone.ALARM, uncertain, shown),
        _section("Under way", Tone.DOUBT, under_way, shown),
        _section("Ended", Tone.QUIET, ended, shown),
    )
    summary = f"{plural(len(runs), 'run')} · {len(under_way):,} under way · {len(uncertain):,} wait for a person"
    summary += f" · {waiting}" if waiting else ""
    commands = "driftbot runs show RUN tells one in full; driftbot undo RUN puts back what it did" if runs else ""
    filled = tuple(section for section in sections if not section.empty)
    return Outline("runs", summary, filled, commands, Tone.ALARM if uncertain else Tone.QUIET)


def run_outline(run: Run) -> Outline:
    """One run in full."""
    sections = (
        Section("Why", Tone.QUIET, (Item("", heading(run.remedy.covers), tuple(_why(run.remedy))),)),
        Section("Approved", Tone.QUIET, tuple(_approvals(run))),
        Section("Done", tone(run.state), tuple(map(_step, run.remedy.steps, run.steps))),
        Section("Judged after it", Tone.QUIET, tuple(map(_check, run.checks))),
    )
    due = f", due {_moment(run.due)}" if run.due else ""
    ended = f", ended {_moment(run.ended)}" if run.ended else ""
    return Outline(
        f"run {run.number}: {run.state}",
        f"{harmless(run.remedy.playbook, 80)} · begun {_moment(run.started)} by {harmless(run.by, 160)}{due}{ended}",
        tuple(section for section in sections if not section.empty),
        harmless(run.told, _LONGEST),
        tone(run.state),
    )


def run_line(run: Run) -> str:
    """One run in a line, for what happens now."""
    told = f": {harmless(run.told, _LONGEST)}" if run.told else ""
    return f"run {run.number} {run.state}  {heading(run.remedy.covers)}{told}"


def unreadable_line(lost: UnreadableRun) -> str:
    """A run in a line whose record is damaged."""
    told = f"run {lost.number} {harmless(lost.state, 80)}  cannot be read: {harmless(lost.reason, _LONGEST)}"
    return told if lost.ended else f"{told}; nothing is begun before it is settled or restored"


def left_line(runs: Sequence[Run], count: int, why: str) -> str:
    """What is left of ``count`` remedies after somebody stopped it; empty where every one was begun and none stopped.

    ``runs`` are those that were begun: only the last can have been stopped, before its first step (it did nothing) or
    between two (it waits).
    """
    last = runs[-1] if runs else None
    halted = last if last and last.state in (RunState.REFUSED, RunState.WAITING) else None
    if halted is None and len(runs) == count:
        return ""
    done = sum(run.state in _GOOD for run in runs if run is not halted)
    parts = [f"{done:,} of {plural(count, 'remedy', 'remedies')} done before it"]
    if halted:
        did = "did nothing" if halted.state is RunState.REFUSED else "waits"
        parts.append(f"run {halted.number} {did}: {harmless(halted.told, _LONGEST)}")
    if count > len(runs):
        parts.append(f"{count - len(runs):,} not begun")
    again = count > len(runs) or (halted is not None and halted.state is RunState.REFUSED)
    advice = "; nothing of that is done later by itself: `driftbot plan` and apply what is left" if again else ""
    return f"stopped ({harmless(why, 200)}): {'; '.join(parts)}{advice}"


def refusal_outline(
    held: Sequence[Held], waiting: Sequence[tuple[Remedy, int]], digest: str, before: Sequence[Run] = (), of: int = 0
) -> Outline:
    """Why nothing was applied: what guards hold back, and for how many people it waits.

    ``before`` are the runs of an earlier call that did something of its ``of`` remedies.
    """
    items = tuple(Item("", heading(one.covers), tuple(harmless(hold.reason) for hold in one.holds)) for one in held)
    missing = tuple(
        Item(remedy.digest[:DIGITS], heading(remedy.covers), (f"{plural(count, 'more approval')} needed",))
        for remedy, count in waiting
    )
    command = (f"driftbot apply {digest[:DIGITS]}  # by somebody else",) if missing else ()
    sections = (
        Section("Held back", Tone.DOUBT, items),
        Section("Waits for approval", Tone.DOUBT, missing, commands=command),
    )
    return Outline(
        f"{digest[:DIGITS]} was not applied",
        _changed_before(before, of),
        tuple(section for section in sections if not section.empty),
        "A digest is applied whole or not at all; `driftbot plan` makes a new plan of what may be done (exit 2).",
        Tone.ALARM,
    )


def _changed_before(before: Sequence[Run], of: int) -> str:
    """What was changed: nothing now, and what earlier."""
    if not before:
        return "nothing was changed"
    numbers = [str(number) for number in sorted(run.number for run in before)]
    more = f" and {len(numbers) - SHOWN:,} more" if len(numbers) > SHOWN else ""
    done = len({run.remedy.digest for run in before})
    runs = f"{'run' if len(numbers) == 1 else 'runs'} {', '.join(numbers[:SHOWN])}{more}"
    return f"nothing was changed now; {done:,} of {plural(of, 'remedy', 'remedies')} had been begun before: {runs}"


def tone(state: RunState) -> Tone:
    """How a run's state wants to be read."""
    if state in _GOOD:
        return Tone.GOOD
    return Tone.DOUBT if state in _OPEN else Tone.ALARM


def _section(title: str, tone: Tone, runs: Sequence[Run], shown: int) -> Section:
    items = tuple(Item(str(run.number), _head(run), tuple(_lines(run))) for run in runs[:shown])
    rest = (f"and {len(runs) - shown:,} more",) if len(runs) > shown else ()
    return Section(f"{title}: {len(runs):,}", tone, items, rest) if runs else Section("", tone)


def _head(run: Run) -> str:
    return f"{run.state}  {heading(run.remedy.covers)}"


def _lines(run: Run) -> Iterator[str]:
    yield f"{harmless(run.remedy.playbook, 80)} · {_moment(run.started)} by {harmless(run.by, 160)}"
    if run.told:
        yield harmless(run.told, _LONGEST)
    if run.due:
        yield f"looked at again {_moment(run.due)}"


def _why(remedy: Remedy) -> Iterator[str]:
    yield from reasons(remedy.covers)
    if remedy.risk:
        yield f"risk: {harmless(remedy.risk)}"
    yield f"remedy {remedy.digest}"


def _approvals(run: Run) -> Iterator[Item]:
    yield Item("", f"plan {run.plan}")
    for one in run.approvals:
        about = "the plan" if one.digest == run.plan else "this remedy"
        yield Item("", f"{harmless(one.by, 160)} approved {about} {_moment(one.at)}")


def _step(step: Step, record: StepRecord) -> Item:
    head = f"{record.state}  {harmless(step.action, 80)} {harmless(step.target, 300)}"
    return Item(str(record.number), head, tuple(_step_lines(step, record)))


def _step_lines(step: Step, record: StepRecord) -> Iterator[str]:
    for change in step.changes:
        told = f"{change.subject} {change.key}: {change.before or 'not set'} → {change.after or 'not set'}"
        yield harmless(told)
    if record.intended:
        undone = record.state in (StepState.UNDOING, StepState.UNDONE)
        yield f"{'undoing' if undone else 'intent'} on disk {_moment(record.intended)}"
    if record.concluded:
        yield f"concluded {_moment(record.concluded)}: {harmless(record.detail, _LONGEST)}"
    yield f"key {record.key}"
    preview = step.preview.splitlines()
    yield from (harmless(line) for line in preview[:_LONGEST_PREVIEW])
    if len(preview) > _LONGEST_PREVIEW:
        yield f"… and {len(preview) - _LONGEST_PREVIEW:,} more lines"


def _check(check: Check) -> Item:
    return Item(str(check.verdict), f"{_moment(check.at)}  {harmless(check.told, _LONGEST)}")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
