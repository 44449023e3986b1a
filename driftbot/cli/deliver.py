"""``driftbot deliver``: every channel is told now what the last night found, as far as it does not say so already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, opened, store_option
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.store.store import Store


@click.command(
    epilog="Examples: `driftbot deliver` (by a timer at the end of quiet hours), `driftbot deliver --dry-run`, "
    "`driftbot deliver --channel sre`. Exit codes: 0 all were told, 1 one could not be, or somebody else delivers."
)
@config_option
@store_option
@click.option("--channel", multiple=True, metavar="NAME", help="Tell this channel only; repeatable.")
@click.option("--dry-run", is_flag=True, help="Print what each channel should be told; nothing is sent.")
@click.pass_context
def command(ctx: click.Context, config: Path | None, url: str | None, channel: tuple[str, ...], dry_run: bool) -> None:
    """Tell the channels what the last night found, and what people decided since.

    What a channel says already stays, what changed is edited, what is missing is sent: delivering twice tells nothing
    twice, and what could not be sent yesterday is sent today, once. Nothing is scanned, and nothing is changed.
    """
    with opened(config, url, Access.READ if dry_run else Access.WRITE) as (settings, store):
        if dry_run:
            _show(settings, store, channel)
            return
        ctx.exit(_deliver(settings, store, channel))


def _show(settings: Config, store: Store, names: tuple[str, ...]) -> None:
    from driftbot.cli.scan_session import now
    from driftbot.cli.terminal_output import show
    from driftbot.delivery.deliver import channels_named, told_now
    from driftbot.report.digest_report import digest_outline

    kinds = {one.name: one.notifier.kind for one in channels_named(settings, names)}
    if not kinds:
        click.echo("no channel is configured: write one under channels: in driftbot.yaml")
    told = told_now(settings, store, now()).digests if kinds else ()
    for number, digest in enumerate(one for one in told if one.channel in kinds):
        if number:
            click.echo()
        show(digest_outline(digest, kinds[digest.channel]))


def _deliver(settings: Config, store: Store, names: tuple[str, ...]) -> int:
    from driftbot.cli.scan_session import now
    from driftbot.core.exit_code import ExitCode
    from driftbot.delivery.deliver import Manner, deliver
    from driftbot.delivery.outcome import delivery_lines
    from driftbot.remedies.interruption import interruption

    with interruption(lambda message: click.echo(message, err=True)) as interrupted:
        outcomes = deliver(settings, store, now, names, manner=Manner(stopped=interrupted))
    if not outcomes:
        click.echo("no channel is configured: write one under channels: in driftbot.yaml")
    for line in delivery_lines(outcomes):
        click.echo(line)
    return int(ExitCode.BLIND if any(one.failed for one in outcomes) else ExitCode.CLEAN)
