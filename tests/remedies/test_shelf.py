"""Playbooks of all configured folders are on the shelf, and change files in the way that the configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbot.config import parse_config
from driftbot.core.body import Body
from driftbot.playbooks.file_changes import FileChanges
from driftbot.plugins import actions
from driftbot.remedies.shelf import load_playbooks, understood

RAISE = (Path(__file__).parents[2] / "fixtures/playbooks/raise-deadline.yaml").read_text()


def test_folders_are_read_and_the_shipped_ones_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/raise-deadline.yaml").write_text(RAISE)
    config = parse_config(b"playbooks: {paths: [mine], shipped: false}\n", tmp_path / "driftbot.yaml")
    shelf = load_playbooks(config, actions())
    assert ([one.id for one in shelf.playbooks], shelf.problems) == (["raise-deadline"], ())
    whole = load_playbooks(parse_config(b"playbooks: {paths: [mine]}\n", tmp_path / "driftbot.yaml"), actions())
    assert {"raise-deadline", "open-notice"} <= {one.id for one in whole.playbooks}


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    config = parse_config(b"playbooks: {paths: [mine], shipped: false}\n", tmp_path / "driftbot.yaml")
    (problem,) = load_playbooks(config, actions()).problems
    assert "mine" in str(problem)


@pytest.mark.parametrize(
    ("way", "steps"),
    [
        (FileChanges.FOLDER, ["edit_file"]),
        (FileChanges.BRANCH, ["git_change"]),
        (FileChanges.REQUEST, ["git_change", "pull_request"]),
    ],
)
def test_files_are_changed_as_the_configuration_says(way: FileChanges, steps: list[str]) -> None:
    body = Body("raise-deadline.yaml", RAISE.replace("edit_file", "change_files").encode())
    shelf = understood([body], actions(), way)
    assert shelf.problems == ()
    (playbook,) = shelf.playbooks
    assert [step.action for step in playbook.steps] == steps
    assert playbook.steps[0].settings["set"] == "timeout.deadline"
    for step in playbook.steps:
        actions()[step.action].settings.model_validate(step.settings)


def test_an_action_by_its_name_stays_what_it_is() -> None:
    (playbook,) = understood([Body("raise-deadline.yaml", RAISE.encode())], actions(), FileChanges.REQUEST).playbooks
    assert [step.action for step in playbook.steps] == ["edit_file"]
