"""``driftbot slack-sandbox``: a Slack of your own, to try the chat without a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from driftbot.sandbox.sandbox import Sandbox

PORT = 8765
"""Where the page is unless another port is named."""
SAVED_EVERY = 1.0
"""Seconds between two looks whether something has to be kept."""


@click.command(
    epilog="Examples: `driftbot slack-sandbox`, `driftbot slack-sandbox --state slack.json --channel sre` to find what "
    "was said there again."
)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="A channel to have; may be repeated.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep messages, files and tokens in this file, and begin with what it holds.",
)
@click.option("--rate-limits", is_flag=True, help="Refuse calls that come faster than Slack allows.")
def command(port: int, channels: tuple[str, ...], state: Path | None, rate_limits: bool) -> None:
    """Serve a Slack that is not Slack, on this machine only: a page with channels, threads and buttons that work.

    It needs no account. It prints what driftbot.yaml and the environment need to use it; Ctrl-C ends it.
    """
    from driftbot.sandbox.sandbox import CHANNELS, Sandbox

    with Sandbox(port=port, channels=channels or CHANNELS, rate_limits=rate_limits, state=state) as sandbox:
        click.echo(_introduction(sandbox, (channels or CHANNELS)[0]))
        _serve(sandbox)


def _introduction(sandbox: Sandbox, channel: str) -> str:
    people = "\n".join(
        f"    {id_}: {{name: {handle.capitalize()} <{handle}@example.org>}}" for handle, id_ in sandbox.people.items()
    )
    return f"""The page: {sandbox.url}

For driftbot's shell:

  export SLACK_TOKEN={sandbox.token}
  export SLACK_APP_TOKEN={sandbox.app_token}

For driftbot.yaml:

slack:
  url: {sandbox.api_url}
  token: {{env: SLACK_TOKEN}}
  app_token: {{env: SLACK_APP_TOKEN}}
  people:
{people}
  approvers: [{sandbox.people["ann"]}]
channels:
- kind: slack
  name: {channel}
  channel: {sandbox.channel(channel).id}

Then `driftbot run` (or `driftbot deliver`) tells the channel, and `driftbot serve` hears its buttons.
For interaction by HTTP instead of Socket Mode: signing_secret, which is {sandbox.signing_secret}
Ctrl-C ends it."""


def _serve(sandbox: Sandbox) -> None:
    """Wait for the end; what changed is kept every second."""
    import signal
    from threading import Event

    over = Event()
    before = signal.signal(signal.SIGTERM, lambda *_: over.set())
    kept = sandbox.changes
    try:
        while not over.wait(SAVED_EVERY):
            if (now := sandbox.changes) != kept:
                sandbox.save()
                kept = now
    except KeyboardInterrupt:
        click.echo("the sandbox has ended", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
