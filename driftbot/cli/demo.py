"""``driftbot demo``: a recorded shop, scanned and explained; no server, no account, no network."""

from __future__ import annotations

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
    yield "Next:"
    if keep:
        yield f"  cd {keep}                       # the shop, its configuration and its store"
        yield f"  driftbot explain {fingerprint}    # and the other findings"
        yield "  driftbot history workload:production/shop/search"
        yield "  driftbot scan --replay .         # the same night again"
    else:
        yield "  driftbot demo --keep shop        # the same, kept, to try explain, waive and history on"
    yield "  driftbot rules list              # the lessons that were held"
    yield "  driftbot init --help             # your own Prometheus, rule files and manifests"
