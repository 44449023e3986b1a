"""``driftbot record``: the sources' raw answers as one bundle that a later scan reads in place of the network."""

from __future__ import annotations

from pathlib import Path

import click

from driftbot.cli.open_store import config_option, read_time
from driftbot.core.failure import Failure


@click.command(
    epilog="Example: `driftbot record --output night.tar.gz`, then `driftbot scan --replay night.tar.gz` anywhere. "
    "Read what is in it before you send it to somebody."
)
@config_option
@click.option("--as-of", metavar="TIME", help="The time that counts as now (ISO 8601, UTC unless it says otherwise).")
@click.option("--output", type=click.Path(path_type=Path), required=True,
              help="A folder that does not exist yet, or a file name that ends with .tar.gz.")  # fmt: skip
def command(config: Path | None, as_of: str | None, output: Path) -> None:
    """Scan with an empty store and keep every raw answer, secrets redacted: for bug reports, tests and demos."""
    import tempfile

    from driftbot.cli.scan_session import now, shown_progress
    from driftbot.config import load_config
    from driftbot.recording import record
    from driftbot.store.store import Store

    if not output.absolute().parent.is_dir():
        raise Failure(f"{output} cannot be written: there is no folder {output.parent}", "Make it, or name another.")
    loaded = load_config(config)
    with (
        tempfile.TemporaryDirectory(prefix="driftbot-") as folder,
        Store.open(f"sqlite:///{folder}/record.db") as store,
        shown_progress() as progress,
    ):
        report = record(loaded, store, output, read_time(as_of) if as_of else now(), now, progress)
    click.echo(f"recorded {output}: {report.evaluation.checks:,} judgements, exit code {int(report.exit_code)}")
    click.echo(f"  next: driftbot scan --replay {output}")
