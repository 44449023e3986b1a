"""How files are changed where a playbook leaves it to the configuration: in the folder, on a branch, by request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from pydantic import BaseModel

from driftbot.playbooks.document import PlaybookDocument, StepDocument

CHANGE_FILES = "change_files"
"""The action of a step that is changed by whatever way the configuration says."""

_EDIT = "edit_file"


class FileChanges(StrEnum):
    """``FOLDER`` edits the files that were read; ``BRANCH`` pushes a branch; ``REQUEST`` asks for its merge, too."""

    FOLDER = "folder"
    BRANCH = "branch"
    REQUEST = "request"


_ACTIONS: Mapping[FileChanges, tuple[str, ...]] = {
    FileChanges.FOLDER: (_EDIT,),
    FileChanges.BRANCH: ("git_change",),
    FileChanges.REQUEST: ("git_change", "pull_request"),
}


def with_file_changes(playbook: PlaybookDocument, way: FileChanges) -> PlaybookDocument:
    """The playbook with the actions of this way in the place of every ``change_files``."""
    steps = [one for step in playbook.steps for one in _steps(step, way)]
    return playbook.model_copy(update={"steps": steps})


def _steps(step: StepDocument, way: FileChanges) -> Iterator[StepDocument]:
    if step.action != CHANGE_FILES:
        yield step
        return
    first, *more = _ACTIONS[way]
    # The request waits for the merge, so the branch behind it does not.
    settings = {**step.settings, "wait": False} if more else step.settings
    yield StepDocument(action=first, settings=settings)
    yield from (StepDocument(action=action) for action in more)


def with_change_files(actions: Mapping[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """The settings of all actions, and those of ``change_files``: the ones that every way has."""
    return {**actions, CHANGE_FILES: actions[_EDIT]} if _EDIT in actions else dict(actions)
