"""Both vendors' loopback forges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driftbot.forges.options import ForgeKind
from tests.forges.bench import Bench, bench, token_of


@pytest.fixture(params=list(ForgeKind), ids=lambda kind: kind.value)
def there(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A running forge of each vendor, and its token where users keep it."""
    monkeypatch.setenv("FORGE_TOKEN", token_of(request.param))
    with bench(request.param) as running:
        yield running


@pytest.fixture
def on_github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A running GitHub."""
    monkeypatch.setenv("FORGE_TOKEN", token_of(ForgeKind.GITHUB))
    with bench(ForgeKind.GITHUB) as running:
        yield running


@pytest.fixture
def on_gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A running GitLab."""
    monkeypatch.setenv("FORGE_TOKEN", token_of(ForgeKind.GITLAB))
    with bench(ForgeKind.GITLAB) as running:
        yield running
