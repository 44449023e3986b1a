"""Scenes for the tests of writing to git; nothing of the machine's own git configuration counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.repository.scene import Scene


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)
