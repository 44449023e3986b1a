"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driftbot.store.errors import StoreError


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path to write to that becomes ``path`` when the block ends well and is removed otherwise.

    Raises:
        StoreError: the file exists, its folder does not, or it cannot be written.
    """
    if path.exists():
        raise StoreError(f"{path} exists already", "name a file that does not, or move that one away")
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} does not exist", f"make it: mkdir -p {path.parent}")
    partial = path.with_name(path.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", "look at the disk and its rights") from error
    finally:
        partial.unlink(missing_ok=True)
