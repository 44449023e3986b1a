"""``driftbot db``: look after the store: migrate it, prune it, export it, back it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import confirmed, path_or_url, store_option
from driftbot.store.access import Access

if TYPE_CHECKING:
    from driftbot.store.store import Store

_config = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="driftbot.yaml; else the nearest upwards."
)
_new_file = click.argument("file", type=click.Path(path_type=Path))


@click.group(epilog="Examples: `driftbot db backup nights.db`, `driftbot db prune --before 2026-01-01`.")
def command() -> None:
    """Look after the store that keeps what every night knew."""


@command.command(epilog="Example: `driftbot db migrate`. Opening a store migrates it as well; this says what happened.")
@_config
@store_option
def migrate(config: Path | None, url: str | None) -> None:
    """Bring the store to this driftbot's version and say how large it is."""
    from driftbot.report.wording import plural

    with _open(config, url, Access.MAKE) as store:
        _, version = store.migrate()
        size = store.size()
        nights = len(store.nights())
    click.echo(f"the store is of version {version}, the newest; {_bytes(size.bytes)}, {plural(nights, 'night')}")
    for table in size.tables[:5]:
        click.echo(f"  {table.name:<14} {table.rows:>10} rows  {_bytes(table.bytes) if table.bytes else ''}".rstrip())


@command.command(epilog="Example: `driftbot db prune --before 2026-01-01`. The last night always stays.")
@_config
@store_option
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="The first day that stays; else as configured.")
@click.option("--yes", is_flag=True, help="Do not ask, even if only the last night stays.")
def prune(config: Path | None, url: str | None, before: datetime | None, yes: bool) -> None:
    """Let go of old nights; the others still answer exactly as they were known."""
    from driftbot.report.wording import plural

    first = before.replace(tzinfo=UTC) if before else _retention(config)
    with _open(config, url, Access.WRITE) as store:
        nights = [night.as_of for night in store.nights()]
        if len(nights) > 1 and nights[-1] < first:
            confirmed(f"All {len(nights):,} nights lie before {first:%Y-%m-%d}; let go of all but the last?", yes)
        pruned = store.prune(first)
        left = store.size().bytes
    click.echo(
        f"let go of {plural(pruned.nights, 'night')} before {first:%Y-%m-%d} ({plural(pruned.intervals, 'interval')},"
        f" {plural(pruned.chunks, 'chunk')} of samples, {plural(pruned.markers, 'marker')});"
        f" the store has {_bytes(left)} now"
    )


@command.command(epilog="Example: `driftbot db export everything.jsonl`.")
@_new_file
@_config
@store_option
def export(file: Path, config: Path | None, url: str | None) -> None:
    """Write everything the store knows into FILE as JSON Lines."""
    with _open(config, url, Access.READ) as store:
        lines = store.export(file)
    click.echo(f"wrote {lines} lines to {file}")


@command.command(epilog="Example: `driftbot db backup nights.db`; then `--store sqlite:///nights.db` opens it.")
@_new_file
@_config
@store_option
def backup(file: Path, config: Path | None, url: str | None) -> None:
    """Copy the store, in use or not, into FILE, which opens like any store."""
    with _open(config, url, Access.WRITE) as store:
        store.backup(file)
    click.echo(f"the store is copied to {file} ({_bytes(file.stat().st_size)})")


def _open(config: Path | None, url: str | None, access: Access) -> Store:
    from driftbot.config import load_config
    from driftbot.store.store import Store

    # A store that is named needs no configuration.
    return Store.open(path_or_url(url) if url else load_config(config).store_url, access)


def _retention(config: Path | None) -> datetime:
    from driftbot.config import load_config

    return datetime.now(UTC) - timedelta(days=load_config(config).retention_nights)


def _bytes(count: int) -> str:
    from driftbot.core.quantity import Quantity, Unit

    return f"{Quantity(float(count), Unit.BYTES)}B"
