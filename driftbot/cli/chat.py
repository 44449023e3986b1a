"""``driftbot chat``: what people asked for in a chat, what came of it, and which rules they did not find useful."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.open_store import config_option, opened, store_option
from driftbot.cli.terminal_output import show


@click.command(
    epilog="Examples: `driftbot chat`, `driftbot chat --refused`, `driftbot chat 3f9c2a71b0de --format json`. "
    "Exit codes: 0 told, 1 driftbot could not do its work."
)
@click.argument("about", required=False)
@click.option("--refused", is_flag=True, help="Only what was refused: who may not, what was stale, forged or replayed.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
@store_option
def command(about: str | None, refused: bool, form: str, config: Path | None, url: str | None) -> None:
    """Tell what people decided in a chat: who, when, about what, and what came of it, refused or not.

    ABOUT narrows it to a finding or a digest, by its first digits. What was called not useful is counted by rule, one
    voice a person and finding.
    """
    from driftbot.report.chat_report import chat_json, chat_outline

    with opened(config, url) as (_, store):
        decisions, voices = store.chat_decisions(), store.not_useful()
    start = (about or "").lower()
    kept = [one for one in decisions if one.about.startswith(start) and not (refused and one.accepted)]
    heard = [one for one in voices if one.fingerprint.startswith(start) and not refused]
    if form == "json":
        click.echo(chat_json(kept, heard))
    else:
        show(chat_outline(kept, heard))
