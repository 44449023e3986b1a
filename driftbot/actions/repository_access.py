"""The repositories that may be written to, found by the files that stand in their clones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from driftbot.actions.action import ActionFailed, Tools
from driftbot.actions.git_change_options import RepositoryOptions
from driftbot.edits.edit import Refusal, Refused
from driftbot.git import NotAnswered, ask
from driftbot.repository.access import Access
from driftbot.repository.building import Signing
from driftbot.repository.clone import Terms
from driftbot.repository.failure import RepositoryFailure
from driftbot.repository.identity import Identity
from driftbot.repository.upstream import Upstream

_CACHE = "git_change.tops"


@dataclass(frozen=True, slots=True)
class Home:
    """The repository of a file: its options, and the root of the clone's working tree."""

    options: RepositoryOptions
    top: Path

    def path_of(self, root: Path, path: str) -> str:
        """The path from the repository's root of a file that is named relative to ``root``.

        Raises:
            Refused: a link leads out of the repository.
        """
        real = (root / path).resolve()
        if not real.is_relative_to(self.top):
            raise Refused(f"{path} does not lie in the repository {self.options.folder}", Refusal.NOT_EDITED)
        return real.relative_to(self.top).as_posix()


def home_of(path: str, tools: Tools) -> Home:
    """The repository that a file belongs to.

    Raises:
        Refused: it is in none that changes may go to.
    """
    real = (tools.root / path).resolve()
    folders = [((tools.root / one.folder).resolve(), one) for one in tools.options.git_change.repositories]
    above = [(len(folder.parts), one) for folder, one in folders if real.is_relative_to(folder)]
    if not above:
        raise Refused(
            f"{path} stands in no repository that may be changed; name one in acting.reach.git_change.repositories",
            Refusal.NOT_EDITED,
        )
    options = max(above, key=lambda pair: pair[0])[1]
    return Home(options, top_of(options, tools))


def named(folder: str, tools: Tools) -> RepositoryOptions:
    """The options of the repository that a step names by its folder.

    Raises:
        ActionFailed: it may not be changed (any more).
    """
    for one in tools.options.git_change.repositories:
        if one.folder == folder:
            return one
    raise ActionFailed(
        f"the repository {folder} may not be changed", "name it in acting.reach.git_change.repositories, if it may"
    )


def upstream(options: RepositoryOptions, tools: Tools) -> Upstream:
    """The repository opened for writing.

    Raises:
        RepositoryFailure: it is none, or has no such remote.
    """
    access = Access(options.token, options.username) if options.token else None
    terms = Terms(
        identity=Identity(options.author, options.email),
        signing=Signing.ON if options.sign else Signing.OFF,
        access=access,
        boundary=tools.boundary,
    )
    return Upstream.open(tools.root / options.folder, options.remote, options.base, terms)


@contextmanager
def failures_told() -> Iterator[None]:
    """What a repository does not do is a failure of the action."""
    try:
        yield
    except RepositoryFailure as failure:
        raise ActionFailed(str(failure), failure.next_step or "", uncertain=failure.uncertain) from None


def top_of(options: RepositoryOptions, tools: Tools) -> Path:
    """The root of the clone's working tree, asked for once a plan."""
    tops: dict[str, Path] = tools.cache.setdefault(_CACHE, {})
    if options.folder not in tops:
        try:
            told = ask(tools.root / options.folder, "rev-parse", "--show-toplevel")
        except NotAnswered as error:
            raise Refused(f"{options.folder}: {error}", Refusal.NOT_EDITED) from None
        tops[options.folder] = Path(told.decode("utf-8", "surrogateescape").rstrip("\n")).resolve()
    return tops[options.folder]
