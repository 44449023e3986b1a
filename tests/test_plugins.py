"""Actions and collectors are found in the package and offered by others; what cannot be used is told, not guessed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from driftbot import plugins
from driftbot.core.failure import Failure

ACTION = """
from pydantic import BaseModel

class Settings(BaseModel):
    text: str = ""

class Page:
    name = "{name}"
    settings = Settings
    irreversible = "a page wakes somebody"
    def look(self, settings, occasion, tools): ...
    def propose(self, settings, occasion, seen): ...
    def sight(self, step, effect, tools): ...
    def perform(self, step, key, tools): ...
    def undo(self, step, effect, key, tools): ...

action = Page()
"""


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Let a module of another package stand under an entry point."""

    def offer(source: str) -> None:
        (tmp_path / "driftbot_pager.py").write_text(source)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "driftbot_pager", raising=False)
        entry = EntryPoint("pager", "driftbot_pager", plugins.ACTION_GROUP)
        monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == plugins.ACTION_GROUP else [])
        plugins.actions.cache_clear()

    yield offer
    sys.modules.pop("driftbot_pager", None)
    plugins.actions.cache_clear()


def test_the_package_has_its_actions_sorted() -> None:
    names = list(plugins.actions())
    assert names == sorted(names)
    assert {"edit_file", "git_change", "open_notice", "prometheus_reload", "run_command"} <= set(names)
    assert all(action.name == name for name, action in plugins.actions().items())


def test_another_package_adds_an_action(offered: Any) -> None:
    offered(ACTION.format(name="page"))
    assert plugins.actions()["page"].irreversible == "a page wakes somebody"


def test_two_actions_of_one_name_are_told(offered: Any) -> None:
    offered(ACTION.format(name="edit_file"))
    with pytest.raises(Failure, match="two actions claim the name 'edit_file'"):
        plugins.actions()


@pytest.mark.parametrize(
    ("source", "told"),
    [("import no_such_module", "cannot be imported"), ("action = 3", "offers no action"), ("", "offers no action")],
)
def test_a_plugin_that_cannot_be_used_is_told(offered: Any, source: str, told: str) -> None:
    offered(source)
    with pytest.raises(Failure, match=told):
        plugins.actions()
