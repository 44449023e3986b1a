"""The store says how large it is and what makes it so."""

from __future__ import annotations

from pathlib import Path

from driftbot.store import tables
from driftbot.store.store import Store
from tests.store.scene import keep, seconds, timeout


def test_the_size_names_every_table_the_largest_first(store: Store, tmp_path: Path):
    keep(store, 0, [timeout(seconds(n), file=f"{n}.yaml") for n in range(3000)])
    size = store.size()
    store.close()
    assert size.bytes == (tmp_path / "driftbot.db").stat().st_size
    assert {table.name for table in size.tables} == set(tables.metadata.tables)
    assert {(table.name, table.rows) for table in size.tables} >= {("fact", 3000), ("place", 3000), ("heard", 1)}
    assert size.tables[0].bytes == max(table.bytes or 0 for table in size.tables)
    known = [table.bytes for table in size.tables if table.bytes is not None]
    assert sum(known) <= size.bytes
