"""``driftbot demo``: a recorded shop, scanned and explained; no server, no account, no network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@click.command(epilog="Examples: `driftbot demo`, `driftbot demo --keep shop` to look around in it afterwards.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Leave the shop with its store in this new folder, to try the other commands on.",
)
def command(keep: Path | None) -> None:
    """Scan a shipped, recorded shop of thirteen services, show what drifted, and explain one finding."""
    from driftbot.cli.scan_session import shown_progress
    from driftbot.cli.terminal_output import show, terminal
    from driftbot.demo import demonstrate
    from driftbot.report.render import Format, render

    click.echo("A web shop of thirteen services, as it was recorded; nothing is asked of a network.\n")
    with _folder(keep) as folder, shown_progress() as progress:
        shown = demonstrate(folder, progress)
    click.echo(render(shown.report, Format.TABLE, terminal()))
    click.echo(f"One of them, as `driftbot explain {shown.example.finding.fingerprint}` tells it:\n")
    show(shown.explained)
    click.echo()
    for line in _next_steps(keep, shown.example.finding.fingerprint):
        click.echo(line)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="driftbot-demo-") as folder:
        yield Path(folder) / "shop"


def _next_steps(keep: Path | None, fingerprint: str) -> Iterator[str]:
    from driftbot.cli.terminal_output import called

    name = called()
    # A path to the command leads nowhere from inside the shop.
    command = str(Path(name).absolute()) if keep and os.sep in name else name
    steps = {f"{command} demo --keep shop": "the same, kept, to try explain, waive and history on"}
    if keep:
        steps = {
            f"cd {keep}": "the shop, its configuration and its store",
            f"{command} explain {fingerprint}": "and the other findings",
            f"{command} history workload:production/shop/search": "every value it ever had",
            f"{command} scan --replay .": "the same night again",
        }
    steps[f"{command} rules list"] = "the lessons that were held"
    steps[f"{command} init --help"] = "your own Prometheus, rule files and manifests"
    width = max(map(len, steps))
    yield "Next:"
    yield from (f"  {step:{width}}  # {meaning}" for step, meaning in steps.items())
