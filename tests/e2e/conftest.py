"""Fixtures of the end-to-end tests."""

from pathlib import Path

import pytest

from tests.e2e.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """An empty estate."""
    return Estate(tmp_path)
