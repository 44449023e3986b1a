"""What all commands about playbooks share: the files meant, read against the actions, and the rules that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from driftbot.actions.action import Action
    from driftbot.config import Config
    from driftbot.core.body import Body
    from driftbot.core.rule import Problem, Rule
    from driftbot.playbooks.document import PlaybookDocument

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Shelf:
    """Playbook files, what was read from them, and the rules that may name them.

    Of some files only the rules that name one of these playbooks: others' playbooks stand elsewhere.
    """

    files: tuple[Body, ...]
    playbooks: tuple[PlaybookDocument, ...]
    problems: tuple[Problem, ...]
    actions: Mapping[str, Action]
    rules: tuple[Rule, ...]

    def place(self, playbook: PlaybookDocument) -> str:
        """The file of a playbook."""
        from driftbot.remedies.shelf import identity

        return next(body.locator for body in self.files if identity(body.locator) == playbook.id)

    def naming(self, playbook: PlaybookDocument) -> tuple[str, ...]:
        """The rules that name a playbook, sorted."""
        return tuple(sorted(rule.id for rule in self.rules if rule.playbook == playbook.id))


def playbook_options(function: Command) -> Command:
    """The paths and the configuration that say which playbooks are meant."""
    function = click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="driftbot.yaml, for its playbooks and rules; else the nearest upwards.",
    )(function)
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH]...")(
        function
    )


def read_playbook_shelf(paths: Sequence[Path], config: Path | None) -> Shelf:
    """The playbooks in the files and folders named, else those of the configuration, else the shipped ones.

    Raises:
        Failure: the configuration cannot be used, or a plugin.
    """
    from driftbot.cli.rules_shelf import read_shelf, settings_of
    from driftbot.playbooks.file_changes import FileChanges
    from driftbot.plugins import actions
    from driftbot.remedies.shelf import understood

    settings, known = settings_of(config), actions()
    files = tuple(_files(paths, settings))
    shelf = understood(files, known, settings.file_changes if settings and not paths else FileChanges.FOLDER)
    changed = settings.playbook_for if settings else {}
    rules = tuple(
        replace(rule, playbook=changed.get(rule.id, rule.playbook)) for rule in read_shelf((), config).book.rules
    )
    if paths:
        read = {playbook.id for playbook in shelf.playbooks}
        rules = tuple(rule for rule in rules if rule.playbook in read)
    return Shelf(files, shelf.playbooks, shelf.problems, known, rules)


def _files(paths: Sequence[Path], settings: Config | None) -> Iterator[Body]:
    from driftbot.remedies.shelf import playbook_files
    from driftbot.shipped import playbooks_root

    roots = tuple(paths) or (settings.playbook_roots if settings else (playbooks_root(),))
    for root in roots:
        near = root.relative_to(Path.cwd()) if root.is_absolute() and root.is_relative_to(Path.cwd()) else root
        yield from playbook_files(near)
