"""A store of its own for every test."""

from __future__ import annotations

from tests.store.conftest import store, url

__all__ = ["store", "url"]
