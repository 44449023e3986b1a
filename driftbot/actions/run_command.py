"""``run_command``: a program that the configuration allows, with arguments that it allows, read back by another one.

Look
    Nothing is run; the program, each argument and the folder have to be allowed, also of ``check`` and ``undo``.
Propose
    The arguments as they are: there is no shell, no input, and no environment but ``DRIFTBOT_KEY`` (the step's key) and
    what the configuration names.
Sight
    What the exit code of ``check`` says: ``AFTER`` or ``BEFORE``. Without one it is ``BLIND``: after a crash a person
    has to settle it.
Perform
    Runs it below a supervisor that ends it and all that it started, background processes and new sessions too: when it
    ends, when its time is over, and when driftbot is gone, be it by ``kill -9``. If the supervisor itself is killed,
    the program dies, though not what that started. After an exit code that is neither in ``done`` nor in
    ``nothing_done`` the check has the last word; without one it is uncertain.
Undo
    Runs the command in ``undo``, where the check still sees the effect. Without one the step is never ``auto``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.allowed_command import allowed_command, environment_of, folder_below, sound_program
from driftbot.actions.intent import Intent
from driftbot.actions.strict import Strict
from driftbot.actions.supervised import Command, Ended, Finished, NotStarted, run
from driftbot.collectors.prometheus_options import Seconds
from driftbot.core.canonical import canonical
from driftbot.core.harmless import harmless
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused

NAME = "run_command"
UNDONE_KEY = "-undo"
"""What follows the key of a step in the key of the command that undoes it."""
KEPT = 2_000
"""Characters from the end of an output that the journal keeps."""

Arguments = Annotated[
    tuple[str, ...], Field(min_length=1, description="the program's absolute path and its arguments; there is no shell")
]
Status = Annotated[int, Field(ge=0, le=255)]
Statuses = Annotated[tuple[Status, ...], Field(min_length=1)]


class CommandCheck(Strict):
    """A command that changes nothing, whose exit code says whether the effect is there; others say nothing."""

    argv: Arguments
    after: Statuses = Field(default=(0,), description="exit codes that say that the effect is there")
    before: Statuses = Field(default=(1,), description="exit codes that say that it is not")


class CommandUndo(Strict):
    """A command that undoes it."""

    argv: Arguments


class RunCommandSettings(Strict):
    """Run an allowed program. It gets no input, no shell, and of the environment what the configuration names.

    The variable DRIFTBOT_KEY holds the step's idempotency key.
    """

    argv: Arguments
    folder: str = Field(
        default=".", description="where it runs, relative to driftbot.yaml and not outside of its folder"
    )
    timeout: Seconds = Field(default=60.0, gt=0, le=1_200, description="when it is ended, with all that it started")
    done: Statuses = Field(default=(0,), description="exit codes that say that it was done")
    nothing_done: Annotated[
        tuple[Status, ...],
        Field(description="exit codes that say that nothing was done; after all others it is uncertain"),
    ] = ()
    check: CommandCheck | None = Field(
        default=None, description="what reads the effect back; without it the step is uncertain after a crash"
    )
    undo: CommandUndo | None = Field(
        default=None, description="the command that undoes it; without it the step cannot be undone and is never `auto`"
    )


class CommandIntent(Intent):
    """The command, what reads it back and what undoes it."""

    argv: tuple[str, ...]
    folder: str
    timeout: float
    done: tuple[int, ...]
    nothing_done: tuple[int, ...]
    check: CommandCheck | None
    undo: tuple[str, ...] | None


class CommandEffect(Intent):
    """How the command ended, and the end of what it printed."""

    status: int
    output: str


class RunCommand:
    """The action."""

    name = NAME
    settings = RunCommandSettings
    irreversible = ""
    late = True

    def look(self, settings: RunCommandSettings, _occasion: Occasion, tools: Tools) -> None:
        """Nothing is seen; what the configuration does not allow is refused."""
        for argv in _commands(settings):
            _refuse(argv, settings.folder, tools)

    def propose(self, settings: RunCommandSettings, _occasion: Occasion, _seen: None) -> Step:
        """The step."""
        intent = CommandIntent(
            argv=settings.argv,
            folder=settings.folder,
            timeout=settings.timeout,
            done=tuple(sorted(settings.done)),
            nothing_done=tuple(sorted(settings.nothing_done)),
            check=settings.check,
            undo=settings.undo.argv if settings.undo else None,
        )
        checked = f"\n# read back by: {_shown(intent.check.argv)}" if intent.check else ""
        undone = f"\n# undone by: {_shown(intent.undo)}" if intent.undo else ""
        return Step(
            action=NAME,
            target=f"command:{settings.folder}: {_shown(intent.argv)}",
            precondition=canonical({"folder": settings.folder}),
            intent=intent.text(),
            because=f"{settings.argv[0]} does it",
            preview=f"{_shown(intent.argv)}{checked}{undone}",
            irreversible="" if intent.undo else "the playbook names no command that undoes it (`undo`)",
        )

    def sight(self, step: Step, _effect: str, tools: Tools) -> Sight:
        """What the check's exit code says; without a check nothing reads the effect back."""
        try:
            intent = CommandIntent.read(step.intent)
            if intent.check is None:
                return Sight(Standing.BLIND, "the playbook names nothing that reads it back (`check`)")
            return _checked(intent, intent.check, tools)
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, f"{failure.reason}; {failure.next_step}")

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:
        """Run the command once."""
        intent = CommandIntent.read(step.intent)
        return _performed(intent, intent.argv, key, Standing.AFTER, tools)

    def undo(self, step: Step, _effect: str, key: str, tools: Tools) -> Effect:
        """Run the command that undoes it, where the effect is still there."""
        intent = CommandIntent.read(step.intent)
        if intent.undo is None:
            raise ActionFailed(step.irreversible, "Undo it by hand.")
        if intent.check is not None:
            found = _checked(intent, intent.check, tools)
            if found.standing is Standing.BEFORE:
                return Effect(f"the effect was gone already: {found.told}")
            if found.standing is not Standing.AFTER:
                raise ActionFailed(
                    f"it cannot be told whether the effect is still there: {found.told}", "Look yourself."
                )
        return _performed(intent, intent.undo, f"{key}{UNDONE_KEY}", Standing.BEFORE, tools)


def _commands(settings: RunCommandSettings) -> list[tuple[str, ...]]:
    others = [one.argv for one in (settings.check, settings.undo) if one is not None]
    return [settings.argv, *others]


def _refuse(argv: Sequence[str], folder: str, tools: Tools) -> None:
    allowed_command(argv, tools.options.run_command)
    sound_program(argv[0])
    folder_below(tools.root, folder)


def _ran(argv: Sequence[str], intent: CommandIntent, key: str, tools: Tools) -> Finished:
    """Run a command, where the configuration as it is now allows it; its output is without secrets.

    Raises:
        ActionFailed: it was not started.
    """
    try:
        _refuse(argv, intent.folder, tools)
        entry = allowed_command(argv, tools.options.run_command)
        environment, secrets = environment_of(entry, key)
        folder = folder_below(tools.root, intent.folder)
        seconds = min(intent.timeout, entry.longest)
        found = run(Command(argv, folder, environment, seconds, entry.output_bytes))
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Allow it, or plan again.") from None
    except NotStarted as error:
        raise ActionFailed(f"{argv[0]} could not be started: {error}", "Check the program and its folder.") from None
    output = secrets.masked(found.output, cut=found.dropped > 0)
    return Finished(found.status, found.ended, output, found.dropped)


def _performed(intent: CommandIntent, argv: Sequence[str], key: str, wanted: Standing, tools: Tools) -> Effect:
    """Run a command; where its exit code does not say that it was done, the check has the last word.

    Raises:
        ActionFailed: it was not done, or nobody can tell.
    """
    finished = _ran(argv, intent, key, tools)
    tools.boundary(f"{NAME}: ended")
    told = _told(argv[0], finished)
    if finished.ended is Ended.ITSELF and finished.status in intent.done:
        return Effect(told, _effect(finished))
    failure = f"{told}: {_end(finished)}"
    if finished.ended is Ended.ITSELF and finished.status in intent.nothing_done:
        raise ActionFailed(failure, "See what it printed.")
    if intent.check is None:
        raise ActionFailed(failure, "Look whether it was done, and settle the run.", uncertain=True)
    found = _checked(intent, intent.check, tools)
    if found.standing is wanted:
        return Effect(f"{told}, but it was done: {found.told}", _effect(finished))
    certain = finished.ended is not Ended.LOST and found.standing in (Standing.BEFORE, Standing.AFTER)
    raise ActionFailed(f"{failure}; {found.told}", "See what it printed.", uncertain=not certain)


def _checked(intent: CommandIntent, check: CommandCheck, tools: Tools) -> Sight:
    finished = _ran(check.argv, intent, "", tools)
    told = _told(check.argv[0], finished)
    if finished.ended is Ended.ITSELF and finished.status in check.after:
        return Sight(Standing.AFTER, told)
    if finished.ended is Ended.ITSELF and finished.status in check.before:
        return Sight(Standing.BEFORE, told)
    return Sight(Standing.UNREADABLE, f"{told}: {_end(finished)}")


def _told(program: str, finished: Finished) -> str:
    if finished.ended is Ended.TIME:
        return f"{program} was ended because its time was over"
    if finished.ended is Ended.LOST:
        return f"{program} was ended from outside"
    return (
        f"{program} ended with {finished.status}"
        if finished.status >= 0
        else f"{program} died of signal {-finished.status}"
    )


def _end(finished: Finished) -> str:
    text = " ".join(finished.output.split())
    shown = harmless(text[-200:]) or "it printed nothing"
    return f"{shown} ({finished.dropped:,} bytes more)" if finished.dropped else shown


def _effect(finished: Finished) -> str:
    return CommandEffect(status=finished.status, output=finished.output[-KEPT:]).text()


def _shown(argv: Sequence[str]) -> str:
    return harmless(shlex.join(argv), 2_000)


action = RunCommand()
