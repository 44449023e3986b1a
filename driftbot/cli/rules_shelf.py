"""What all commands about rules share: the rule files meant, read against the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.core.body import Body
    from driftbot.core.key import Vocabulary
    from driftbot.rules.case import Case
    from driftbot.rules.reading import RuleBook

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rule files and what was read from them."""

    files: tuple[Body, ...]
    book: RuleBook
    vocabulary: Vocabulary

    @property
    def cases(self) -> Mapping[str, Sequence[Case]]:
        """The cases of each rule."""
        from driftbot.rules.case import by_rule

        return by_rule(self.book.cases)


def shelf_options(function: Command) -> Command:
    """The paths and the configuration that say which rules are meant."""
    function = click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="driftbot.yaml, for its rules and for the keys that its sources add; else the nearest upwards.",
    )(function)
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH]...")(
        function
    )


def read_shelf(paths: Sequence[Path], config: Path | None) -> Shelf:
    """The rules in the files and folders named, else those of the configuration, else the shipped ones.

    Raises:
        Failure: the configuration cannot be used.
    """
    from driftbot.inventory import vocabulary
    from driftbot.rules.reading import read_rules

    settings = settings_of(config)
    words = vocabulary(settings.sources if settings else ())
    if paths:
        files = tuple(body for path in paths for body in _named(path))
    else:
        files = tuple(_configured(settings) if settings else _shipped())
    return Shelf(files, read_rules(files, words), words)


def known_words(config: Path | None) -> Vocabulary:
    """The vocabulary that rules are read against.

    Raises:
        Failure: the configuration cannot be used.
    """
    from driftbot.inventory import vocabulary

    settings = settings_of(config)
    return vocabulary(settings.sources if settings else ())


def settings_of(config: Path | None) -> Config | None:
    """The configuration named, else the nearest upwards; None where there is none.

    Raises:
        Failure: the configuration cannot be used.
    """
    from driftbot.config import load_config

    found = config or _nearest_config()
    return load_config(found) if found else None


def _nearest_config() -> Path | None:
    from driftbot.config import find_config
    from driftbot.core.failure import Failure

    try:
        return find_config(Path.cwd())
    except Failure:
        return None


def _named(path: Path) -> Iterator[Body]:
    from dataclasses import replace

    from driftbot.rulebook import RULE_FILES
    from driftbot.tape.folder import read_folder

    for body in read_folder(path, RULE_FILES, ()):
        yield replace(body, locator=(path if path.is_file() else path / body.locator).as_posix())


def _shipped() -> Iterator[Body]:
    from driftbot.shipped import rules_root

    return _named(_near(rules_root()))


def _near(path: Path) -> Path:
    """The path from here where it lies below, so that places in it are short."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _configured(settings: Config) -> Iterator[Body]:
    for root in settings.rule_roots:
        for body in _named(_near(root.path)):
            identity = Path(body.locator).stem
            if root.only is None or identity in root.only:
                yield body
