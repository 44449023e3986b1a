"""``driftbot run``: the night, for a timer to start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.acting_session import FLAG, no_acting_option, tell
from driftbot.cli.open_store import config_option, store_option
from driftbot.core.exit_code import ExitCode

if TYPE_CHECKING:
    from driftbot.core.stage import StageResult


@click.command(
    epilog="Example: `driftbot run`, started by a timer each night. Exit codes are those of `driftbot scan`: "
    "0 clean, 2 drift, 1 blind; 1 also where nobody can tell what a run did, or a stage could not do its work."
)
@config_option
@store_option
@click.option("--as-of", metavar="TIME", help="The time that counts as now (ISO 8601, UTC unless it says otherwise).")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the night, as JSON, to this file."
)
@no_acting_option
@click.option("--exit-zero", is_flag=True, help="End with 0 despite drift, for what calls any other code a failed job.")
@click.pass_context
def command(
    ctx: click.Context,
    config: Path | None,
    url: str | None,
    as_of: str | None,
    output: Path | None,
    no_acting: bool,
    exit_zero: bool,
) -> None:
    """The night: scan, then everything that follows from it, stage by stage; old history is let go of.

    Channels are told of what was found and what could be done about it, and again of what was done; one that cannot be
    told changes no exit code and keeps nobody else from hearing.
    What was changed earlier is judged by this scan, and what does not help is put back. What the ladder says is auto,
    or enough people approved, is done; all else is only planned.
    """
    from driftbot.cli.scan_session import now, opened, shown_progress, write_report
    from driftbot.cli.terminal_output import terminal
    from driftbot.nightly import Stops, run
    from driftbot.remedies.interruption import interruption
    from driftbot.remedies.kill_switch import kill_switch
    from driftbot.report.notices_report import notice_lines
    from driftbot.report.render import Format, render
    from driftbot.scan import Request

    with opened(config, None, as_of, url) as session, shown_progress() as progress:
        switch = kill_switch(session.config, FLAG if no_acting else "")
        with interruption(lambda message: click.echo(message, err=True)) as interrupted:

            def stopped() -> str:
                return switch() or interrupted()

            stops = Stops(stopped, interrupted, interrupted.at_once)
            night = run(session.config, session.store, session.tape, Request(session.as_of), now, progress, stops)
    for result in night.stages:
        _tell_stage(result)
    for line in notice_lines(night.notices):
        click.echo(line)
    write_report(render(night.report, Format.TABLE, terminal()), None)
    if output is not None:
        from driftbot.report import night_json

        write_report(night_json.render(night.report, night.stages, night.notices, night.exit_code), output)
    tolerated = exit_zero and night.exit_code is ExitCode.DRIFT
    ctx.exit(int(ExitCode.CLEAN if tolerated else night.exit_code))


def _tell_stage(result: StageResult) -> None:
    """Say what a stage came to, on standard error, and where the runs stand that it changed."""
    click.echo(f"{result.stage}: {result.told}", err=True)
    for line in result.lines:
        click.echo(f"  {line}", err=True)
    for changed in result.runs:
        tell(changed)
