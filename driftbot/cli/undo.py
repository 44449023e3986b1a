"""``driftbot undo``: put back what a run did, where what it wrote still stands."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.acting_session import no_acting_option, run_of, scene, tell
from driftbot.cli.open_store import config_option, person, store_option


@click.command(
    epilog="Example: `driftbot undo 7`. Exit codes: 0 all of it is put back, 2 something stands (it says what and "
    "why), 1 nobody can tell, or driftbot could not do its work."
)
@click.argument("number", type=int, metavar="RUN")
@click.option("--by", help="Who undoes it; else git's user.")
@no_acting_option
@config_option
@store_option
@click.pass_context
def command(
    ctx: click.Context, number: int, by: str | None, no_acting: bool, config: Path | None, url: str | None
) -> None:
    """Put back what a run did, step by step in reverse order.

    Each step is undone only where what it wrote is still there; what somebody changed since is left alone and told.
    What was so before the run is no part of it.
    """
    from driftbot.core.exit_code import ExitCode
    from driftbot.core.run import RunState
    from driftbot.remedies.recovery import put_back

    with scene(config, url, no_acting) as at:
        run = put_back(at.runner, run_of(at.store, number), by or person(at.config.root))
        tell(run)
        codes = {RunState.UNDONE: ExitCode.CLEAN, RunState.UNCERTAIN: ExitCode.BLIND}
        ctx.exit(at.exit_code([run]) if at.interrupted() else int(codes.get(run.state, ExitCode.DRIFT)))
