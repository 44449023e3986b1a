"""``driftbot serve``: stay awake, begin nights as scheduled, hear Slack, and answer who asks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option, store_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbot.config import Config
    from driftbot.serve.errand import Errand


@click.command(
    epilog="Examples: `driftbot serve`, `driftbot serve --now --log-format json`, `driftbot serve --check`. SIGTERM and"
    " Ctrl-C stop it, also in the middle of a night, of which nothing half is kept; SIGHUP reads the configuration"
    " again. Exit codes: 0 stopped as asked (--check: yes), 1 it could not begin (--check: no, or nobody answers)."
)
@config_option
@store_option
@click.option("--now", "night_now", is_flag=True, help="Begin a night at once, then as scheduled.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How each event is written, one line each.")  # fmt: skip
@click.option("--check", type=click.Choice(["ready", "alive"]), is_flag=False, flag_value="ready",
              help="Ask the one that runs on this machine whether it is ready (or alive), and end.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, config: Path | None, url: str | None, night_now: bool, log_format: str, check: str | None
) -> None:
    """Stay awake: begin each night when `serve.cron` says, exactly once, and do between nights what is due.

    Nights, approved remedies and deliveries run as children, so that memory comes back and each can be stopped. One
    process begins the nights of a store; a second one stands by and takes over.
    """
    from driftbot.cli.open_store import store_url
    from driftbot.config import load_config

    settings = load_config(config)
    if check is not None:
        ctx.exit(_check(settings, check))
    _serve(settings, None if url is None else store_url(settings, url), night_now, log_format)


def _check(settings: Config, question: str) -> int:
    from driftbot.serve.asking import Question, asked

    yes, told = asked(settings.serve, Question(question))
    click.echo(told)
    return int(not yes)


def _serve(settings: Config, url: str | None, night_now: bool, log_format: str) -> None:
    import os
    import socket

    from driftbot.cli.scan_session import now
    from driftbot.serve.event_log import EventLog, LogFormat
    from driftbot.serve.process import Start, serve
    from driftbot.serve.serving import World

    def child(errand: Errand) -> Sequence[str]:
        # The file's store may hold a password, and everybody on a machine sees the arguments of its processes.
        where = ("--config", str(settings.path), *(("--store", url) if url else ()))
        return (sys.executable, "-m", "driftbot", *errand.arguments, *where)

    log = EventLog(sys.stderr, now, LogFormat(log_format), journal="JOURNAL_STREAM" in os.environ)
    salt = f"{socket.gethostname()} {settings.path.resolve()} {settings.store_url}"
    serve(Start(settings, url or settings.store_url, night_now), World(now, child, salt), log)
