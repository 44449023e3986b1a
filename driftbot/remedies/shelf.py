"""The shelf: every playbook from the folders that the configuration names, and what is wrong with any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from driftbot.actions.action import Action
from driftbot.config import Config
from driftbot.core.body import Body
from driftbot.playbooks.file_changes import FileChanges, with_change_files, with_file_changes
from driftbot.playbooks.reading import PlaybookShelf, read_playbooks
from driftbot.tape.folder import read_folder

PLAYBOOK_FILES = ("*.yaml", "*.yml")


def load_playbooks(config: Config, actions: Mapping[str, Action]) -> PlaybookShelf:
    """All playbooks of the configuration; files are changed as it says."""
    bodies = [body for root in config.playbook_roots for body in playbook_files(root)]
    return understood(bodies, actions, config.file_changes)


def understood(
    bodies: Iterable[Body], actions: Mapping[str, Action], changes: FileChanges = FileChanges.FOLDER
) -> PlaybookShelf:
    """The playbooks in these files, held against the actions there are."""
    settings = with_change_files({name: action.settings for name, action in actions.items()})
    shelf = read_playbooks(bodies, settings)
    return replace(shelf, playbooks=tuple(with_file_changes(one, changes) for one in shelf.playbooks))


def playbook_files(root: Path) -> Iterator[Body]:
    """The playbook files in a folder, or the one file, with the paths by which a person finds them."""
    for body in read_folder(root, PLAYBOOK_FILES, ()):
        yield replace(body, locator=(root if root.is_file() else root / body.locator).as_posix())


def identity(locator: str) -> str:
    """The id of a file's playbook: its name without its ending, which reading holds it to."""
    return PurePosixPath(locator).stem
