"""``driftbot runs``: what was applied, how it stands, and the whole audit of one run."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.acting_session import no_acting_option, run_of, scene, tell
from driftbot.cli.open_store import config_option, opened, person, store_option
from driftbot.cli.terminal_output import show
from driftbot.core.failure import Failure


@click.group(epilog="Examples: `driftbot runs list`, `driftbot runs show 7`, `driftbot runs verify`.")
def command() -> None:
    """What was applied: how each run stands, who approved what, what changed, and what was judged after it."""


@command.command("list", epilog="Example: `driftbot runs list`.")
@config_option
@store_option
def list_runs(config: Path | None, url: str | None) -> None:
    """List the runs: those that wait for a person, those under way, and those that ended."""
    from driftbot.report.notices_report import waiting
    from driftbot.report.runs_report import runs_outline, unreadable_line

    with opened(config, url) as (_, store):
        show(runs_outline(store.runs(), waiting=waiting(len(store.notices_waiting()))))
        for lost in store.unreadable_runs():
            click.echo(unreadable_line(lost), err=True)


@command.command("notices", epilog="Example: `driftbot runs notices`. They wait until a channel has delivered them.")
@config_option
@store_option
def list_notices(config: Path | None, url: str | None) -> None:
    """Show what people are still to be told: fixes that did not help, and notices that playbooks opened."""
    from driftbot.report.notices_report import notice_lines

    with opened(config, url) as (_, store):
        notices = store.notices_waiting()
    for line in notice_lines(notices, len(notices)) if notices else ("no notice waits",):
        click.echo(line)


@command.command("show", epilog="Example: `driftbot runs show 7`. With --format json it is the journal, whole.")
@click.argument("number", type=int, metavar="RUN")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
@store_option
def show_run(number: int, form: str, config: Path | None, url: str | None) -> None:
    """Show one run in full: why, who approved which digest, each step with its diff and times, and each judgement."""
    from driftbot.core.canonical import canonical
    from driftbot.report.runs_report import run_outline

    with opened(config, url) as (_, store):
        run = run_of(store, number)
    if form == "json":
        click.echo(canonical(run))
    else:
        show(run_outline(run))


@command.command("settle", epilog="Example: `driftbot runs settle 7 --not-done --by ann@example.org`.")
@click.argument("number", type=int, metavar="RUN")
@click.option("--done", is_flag=True, help="The change is there.")
@click.option("--not-done", is_flag=True, help="The change is not there.")
@click.option("--by", help="Who looked; else git's user.")
@config_option
@store_option
@click.pass_context
def settle_run(
    ctx: click.Context, number: int, done: bool, not_done: bool, by: str | None, config: Path | None, url: str | None
) -> None:
    """Say of a run about which nobody could tell what a person saw; it then goes on, or is put back.

    Of a run that waits to be judged and cannot be (its subject is gone), --done says that it helped.
    """
    from driftbot.remedies.recovery import settle

    if done == not_done:
        raise click.UsageError("Say either --done or --not-done.")
    with scene(config, url) as at:
        who = by or person(at.config.root)
        if any(one.number == number and not one.ended for one in at.store.unreadable_runs()):
            at.runner.journal.end_unreadable(number, f"{who} looked: the change is {'there' if done else 'not there'}")
            click.echo(f"run {number} ended as {who} saw it; its record cannot be read")
            ctx.exit(0)
        run = settle(at.runner, run_of(at.store, number), done, who)
        tell(run)
        ctx.exit(at.exit_code([run]))


@command.command("verify", epilog="Example: `driftbot runs verify`. `driftbot run` does so every night.")
@click.argument("numbers", type=int, nargs=-1, metavar="[RUN]...")
@no_acting_option
@config_option
@store_option
@click.pass_context
def verify_runs(
    ctx: click.Context, numbers: tuple[int, ...], no_acting: bool, config: Path | None, url: str | None
) -> None:
    """Judge from fresh facts what fixes came to, where that is due; what did not help is put back."""
    from driftbot.cli.runs_verify import verified

    with scene(config, url, no_acting) as at:
        for number in numbers:
            run = run_of(at.store, number)
            if run.state != "verifying":
                raise Failure(f"run {number} is {run.state}: nothing about it is judged", "`driftbot runs list`")
        changed = verified(at, numbers)
        if not changed:
            click.echo("nothing is due, or nothing new was seen")
        ctx.exit(at.exit_code(changed))
