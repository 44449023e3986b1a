"""``driftbot db``: look after the store: migrate it, prune it, export it, back it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from driftbot.store.store import Store

_config = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="driftbot.yaml; else the nearest upwards."
)
_store = click.option(
    "--store", "url", metavar="URL", help="The store instead of the configuration's, e.g. sqlite:///driftbot.db."
)
_new_file = click.argument("file", type=click.Path(path_type=Path))


@click.group(epilog="Examples: `driftbot db backup nights.db`, `driftbot db prune --before 2026-01-01`.")
def command() -> None:
    """Look after the store that keeps what every night knew."""


@command.command(epilog="Example: `driftbot db migrate`. Opening a store migrates it as well; this says what happened.")
@_config
@_store
def migrate(config: Path | None, url: str | None) -> None:
    """Bring the store to this driftbot's version and say how large it is."""
    with _open(config, url) as store:
        _, version = store.migrate()
        size = store.size()
        nights = len(store.nights())
    click.echo(f"the store is of version {version}, the newest; {_bytes(size.bytes)}, {nights} nights")
    for table in size.tables[:5]:
        click.echo(f"  {table.name:<14} {table.rows:>10} rows  {_bytes(table.bytes) if table.bytes else ''}".rstrip())


@command.command(epilog="Example: `driftbot db prune --before 2026-01-01`. The last night always stays.")
@_config
@_store
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="The first day that stays; else as configured.")
def prune(config: Path | None, url: str | None, before: datetime | None) -> None:
    """Let go of old nights; the others still answer exactly as they were known."""
    first = before.replace(tzinfo=UTC) if before else _retention(config)
    with _open(config, url) as store:
        pruned = store.prune(first)
        left = store.size().bytes
    click.echo(
        f"let go of {pruned.nights} nights before {first:%Y-%m-%d} ({pruned.intervals} intervals,"
        f" {pruned.chunks} chunks of samples); the store has {_bytes(left)} now"
    )


@command.command(epilog="Example: `driftbot db export everything.jsonl`.")
@_new_file
@_config
@_store
def export(file: Path, config: Path | None, url: str | None) -> None:
    """Write everything the store knows into FILE as JSON Lines."""
    with _open(config, url) as store:
        lines = store.export(file)
    click.echo(f"wrote {lines} lines to {file}")


@command.command(epilog="Example: `driftbot db backup nights.db`; then `--store sqlite:///nights.db` opens it.")
@_new_file
@_config
@_store
def backup(file: Path, config: Path | None, url: str | None) -> None:
    """Copy the store, in use or not, into FILE, which opens like any store."""
    with _open(config, url) as store:
        store.backup(file)
    click.echo(f"the store is copied to {file} ({_bytes(file.stat().st_size)})")


def _open(config: Path | None, url: str | None) -> Store:
    from driftbot.store.store import Store

    if url is None:
        from driftbot.config import load_config

        url = load_config(config).store_url
    return Store.open(url if "://" in url else f"sqlite:///{url}")


def _retention(config: Path | None) -> datetime:
    from driftbot.config import load_config

    return datetime.now(UTC) - timedelta(days=load_config(config).retention_nights)


def _bytes(count: int) -> str:
    from driftbot.core.quantity import Quantity, Unit

    return f"{Quantity(float(count), Unit.BYTES)}B"
