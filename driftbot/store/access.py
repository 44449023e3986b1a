"""What a store is opened for."""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """``MAKE`` makes a store where there is none; ``READ`` needs no right to write."""

    READ = "read"
    WRITE = "write"
    MAKE = "make"
