"""What ``apply``, ``undo`` and ``runs`` share: the estate opened to act on, who stops it, and what it ends with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import opened
from driftbot.core.failure import Failure
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.run import Run
    from driftbot.remedies.runner import Runner
    from driftbot.store.store import Store

FLAG = "--no-acting was given"
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells report it."""

no_acting_option = click.option(
    "--no-acting", is_flag=True, help="Change nothing, as if the kill switch were on: only look, conclude and tell."
)


@dataclass(frozen=True, slots=True)
class Scene:
    """An estate that is acted on: its configuration and store, a runner that may act, and who stops it.

    ``interrupted`` names the signal that came, empty while none did.
    """

    config: Config
    store: Store
    runner: Runner
    stopped: Callable[[], str]
    interrupted: Callable[[], str]

    def exit_code(self, runs: Iterable[Run]) -> int:
        """130 after Ctrl-C; else 0 where all was done or waits, 2 where something was not, 1 where nobody can tell."""
        return INTERRUPTED if self.interrupted() else exit_code(runs)


@contextmanager
def scene(config: Path | None, url: str | None, no_acting: bool = False) -> Iterator[Scene]:
    """The estate, what was under way when driftbot ended last concluded and told; Ctrl-C ends between steps.

    Raises:
        Failure: no configuration or store, nothing was scanned yet, or somebody else acts.
    """
    from driftbot.cli.scan_session import now
    from driftbot.remedies.acting import acting
    from driftbot.remedies.interruption import interruption
    from driftbot.remedies.kill_switch import kill_switch
    from driftbot.remedies.recovery import recover

    with opened(config, url, Access.WRITE) as (settings, store), interruption(_aside) as interrupted:
        switch = kill_switch(settings, FLAG if no_acting else "")

        def stopped() -> str:
            return switch() or interrupted()

        with acting(settings, store, now, stopped) as runner:
            for run in recover(runner, store):
                tell(run)
            yield Scene(settings, store, runner, stopped, interrupted)


def tell(run: Run) -> None:
    """Say where a run stands."""
    from driftbot.report.runs_report import run_line

    click.echo(run_line(run))


def exit_code(runs: Iterable[Run]) -> int:
    """0 where all was done or waits, 2 where something was not or was put back, 1 where nobody can tell."""
    from driftbot.core.exit_code import ExitCode
    from driftbot.core.run import RunState

    states = {run.state for run in runs}
    if states & {RunState.UNCERTAIN, RunState.RUNNING}:
        return int(ExitCode.BLIND)
    return int(
        ExitCode.CLEAN if states <= {RunState.VERIFYING, RunState.WAITING, RunState.RESOLVED} else ExitCode.DRIFT
    )


def run_of(store: Store, number: int) -> Run:
    """The run of that number.

    Raises:
        Failure: there is none.
    """
    run = store.run(number)
    if run is None:
        raise Failure(f"there is no run {number}", "`driftbot runs list` lists them.")
    return run


def _aside(message: str) -> None:
    click.echo(message, err=True)
